"""Fetches the landing page as visitors, a search engine, and visitors from the search engine get it.

Pages that were tampered with often show their foreign links only to search engines. Our own User-Agent stays in front
of the token that is added to it. No script is run, only the page is asked for; hosts of scripts and styles are looked
up, and above a name that does not exist every name up to its registry.
"""

from dataclasses import replace
from functools import partial

from inventory.model import Endpoint
from probes.framework.budget import SeparateAccount
from probes.framework.expand import is_registry_zone
from probes.framework.first_of import first_of
from probes.framework.objects import page_url, scheme_of
from probes.framework.recorder import Recorder
from probes.framework.redirects import PORTS, HopPlace, RedirectWalk
from probes.framework.registry import group_probe
from probes.framework.tasks import GroupTask
from probes.net.api import BODY_LIMIT, Net
from probes.net.http.requests import pages
from probes.observations.dns import DnsExchange, LookupStatus, NameLookup
from probes.observations.pages import Copy, LandingPage, PartKind
from probes.wire.web.page_content import PageContent

TOKENS = {Copy.CRAWLER: "(compatible; Googlebot/2.1)"}
HEADERS = {Copy.REFERRED: (("Referer", "https://www.google.com/"),)}
ADDRESSES_TRIED = 4
HOSTS = 20
_LEVELS = 5
_RUN = frozenset({PartKind.SCRIPT, PartKind.STYLE})


@group_probe(
    version=5,
    title="Landing page as visitors and search engines get it",
    records=(LandingPage,),
    on_the_way=(NameLookup, DnsExchange),
    services=frozenset({"http", "https"}),
    deadline=120.0,
)
async def landing_page(task: GroupTask, net: Net, rec: Recorder) -> None:
    """Get three copies of the page at the first address that shows one, then look up hosts of scripts and styles."""

    async def plain(endpoint: Endpoint) -> tuple[Endpoint, LandingPage, PageContent] | None:
        landed = await _land(net, rec, task, endpoint, Copy.PLAIN, None, None)
        return None if landed is None else (endpoint, *landed)

    shown = await first_of(partial(plain, endpoint) for endpoint in task.endpoints[:ADDRESSES_TRIED])
    if shown is None:
        return
    endpoint, page, looks = shown
    is_whole = page.failure is None and page.body_size < BODY_LIMIT
    for copy in (Copy.CRAWLER, Copy.REFERRED):
        await _land(net, rec, task, endpoint, copy, looks, SeparateAccount.COPIES if is_whole else None)
    await _look_up(net, rec, page)


async def _land(
    net: Net,
    rec: Recorder,
    task: GroupTask,
    endpoint: Endpoint,
    copy: Copy,
    beside: PageContent | None,
    apart: SeparateAccount | None,
) -> tuple[LandingPage, PageContent] | None:
    """Return the page that one kind of visitor ends at; None where there is none, or where HTTPS of the site has it.

    Copies of a page that has no end are not read ``apart`` from the usual budget of a peer.
    """
    scheme = scheme_of(task)
    host = task.host or str(endpoint.address)
    url = page_url(task, endpoint)
    walk = RedirectWalk(net, rec, HopPlace(url, host, endpoint.port or PORTS[scheme], (endpoint.address,)))
    while (place := walk.enters()) is not None:
        plain = walk.request(place, place.addresses[0])
        extra = (*HEADERS.get(copy, ()), *plain.extra)
        request = replace(plain, token=TOKENS.get(copy, ""), extra=extra, apart=apart)
        got, looks = await pages(net).landing_page(rec, request, copy, beside)
        if got.onward is None:
            return (got, looks) if got.status == 200 else None
        if scheme == "http" and got.onward.lower().startswith("https://"):
            return None
        await walk.follow(got.address, got.location, got.onward, got.headers)
    return None


async def _look_up(net: Net, rec: Recorder, page: LandingPage) -> None:
    """Look up the hosts of scripts and styles, level by level up to a name that exists or a registry's."""
    names = dict.fromkeys(
        resource.host
        for resource in page.taken
        if resource.kind in _RUN and not resource.host.replace(".", "").isdigit()
    )
    wanted = [name for name in names if ":" not in name][:HOSTS]
    for _ in range(_LEVELS):
        looks = await net.names.lookup_many(rec, [(name, "A", "third-party") for name in wanted])
        gone = [look.name for look in looks if look.status is LookupStatus.NO_SUCH_NAME]
        above = dict.fromkeys(name.partition(".")[2] for name in gone)
        wanted = [name for name in above if name and not is_registry_zone(name)]
        if not wanted:
            return
