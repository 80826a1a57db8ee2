"""Fetches ``security.txt`` (RFC 9116) at one web address, from its place or else from the legacy one."""

from probes.framework.recorder import Recorder
from probes.framework.redirects import HopPlace, RedirectWalk, start
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Headers, Net
from probes.net.http.requests import pages
from probes.observations.dns import DnsExchange, NameLookup
from probes.observations.pages import SecurityTxt

WELL_KNOWN, LEGACY = "/.well-known/security.txt", "/security.txt"
NO_HEADERS: Headers = ()
_ABSENT = frozenset({404, 410})


@endpoint_probe(
    version=2,
    title="security.txt",
    records=(SecurityTxt,),
    on_the_way=(NameLookup, DnsExchange),
    services=frozenset({"https", "https-alt"}),
    needs_open=True,
    deadline=60.0,
)
async def security_txt(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Fetch the file, following redirects within the family (RFC 9116 §3 allows them).

    The legacy place is asked only where the other is reported empty.
    """
    got = await _follow(net, rec, start(task, "https", WELL_KNOWN), legacy=False)
    if got is not None and got.status in _ABSENT:
        await _follow(net, rec, start(task, "https", LEGACY), legacy=True)


async def _follow(net: Net, rec: Recorder, first: HopPlace, *, legacy: bool) -> SecurityTxt | None:
    walk, headers = RedirectWalk(net, rec, first), NO_HEADERS
    got: SecurityTxt | None = None
    while (place := walk.enters()) is not None:
        for address in place.addresses:
            got, headers = await pages(net).security_txt(rec, walk.request(place, address), legacy=legacy)
            if got.status is not None:
                break
        if got is None or got.location is None:
            return got
        await walk.follow(got.address, got.location, got.location, headers)
    return got
