"""Finds objects on a site's own host, from its landing page, for tests that need a large file."""

from inventory.model import Endpoint
from probes.framework.cookies import RedirectChain
from probes.framework.objects import page_url, place_of
from probes.framework.recorder import Recorder
from probes.framework.tasks import GroupTask
from probes.net.api import HttpRequest, Net
from probes.net.http.requests import pages

REDIRECTS = 3


async def objects(task: GroupTask, net: Net, rec: Recorder, endpoint: Endpoint) -> list[str]:
    """Return the URLs of the page at one address, after redirects at the same place, and of its parts there.

    The parts are its images, scripts, media and style sheets, in order; none without a page. Nothing is recorded.
    """
    url: str | None = page_url(task, endpoint)
    here, chain = place_of(url or ""), RedirectChain()
    for hop in range(REDIRECTS + 1):
        if url is None or place_of(url) != here or not chain.enters(url):
            break
        request = HttpRequest(endpoint=endpoint, url=url, hop=hop, extra=chain.cookies.sent_to(url))
        got, found, headers = await pages(net).page_parts(rec.aside(), request)
        if got.onward is None:
            own = [url for url in (*found.objects, *found.sheets) if place_of(url) == here]
            return [url, *own] if got.status == 200 else []
        chain.answered(url, got.location, headers)
        url = got.onward
    return []
