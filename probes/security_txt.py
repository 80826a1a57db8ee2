"""Fetches ``security.txt`` (RFC 9116) at one web address, from its place or else from the legacy one."""

from probes.framework.cookies import RedirectChain
from probes.framework.recorder import Recorder
from probes.framework.redirects import REDIRECTS, HopPlace, because, onward, start
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Headers, HttpRequest, Net
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
    """Redirects are followed within the family (RFC 9116 §3 allows them); the legacy place only where the other is
    said to be empty."""
    got = await _follow(net, rec, start(task, "https", WELL_KNOWN), legacy=False)
    if got is not None and got.status in _ABSENT:
        await _follow(net, rec, start(task, "https", LEGACY), legacy=True)


async def _follow(net: Net, rec: Recorder, place: HopPlace | None, *, legacy: bool) -> SecurityTxt | None:
    reason: str | None = None
    chain, headers = RedirectChain(), NO_HEADERS
    got: SecurityTxt | None = None
    for hop in range(REDIRECTS + 1):
        if place is None or not chain.enters(place.url):
            return got
        cookies = chain.cookies.sent_to(place.url)
        for address in place.addresses:
            request = HttpRequest(endpoint=place.at(address), url=place.url, hop=hop, because=reason, extra=cookies)
            got, headers = await pages(net).security_txt(rec, request, legacy=legacy)
            if got.status is not None:
                break
        if got is None or got.location is None:
            return got
        chain.answered(place.url, got.location, headers)
        reason = because(place.url, got.location)
        place = await onward(net, rec, place, got.address, got.location)
    return got
