"""Finds the endpoint at which a web site's declared page or large file is requested. Pure."""

from urllib.parse import quote, urlsplit

from inventory.model import Endpoint
from probes.framework.redirects import PORTS, origin
from probes.framework.tasks import GroupTask, WebTarget


def scheme_of(task: GroupTask) -> str:
    return "https" if task.service.name == "https" else "http"


def place_of(url: str) -> tuple[str, str | None, int] | None:
    """Return scheme, host and port, None if the URL is invalid; the same addresses serve all URLs of one place."""
    try:
        split = urlsplit(url)
        return split.scheme, split.hostname, split.port or PORTS.get(split.scheme, 0)
    except ValueError:
        return None


def page_path(web: WebTarget, endpoint: Endpoint, host: str | None, scheme: str) -> str:
    """Return the path and query of the page to test at an endpoint: the declared one if it is there, else "/".

    A page declared with plain HTTP is also tested at the usual port of HTTPS.
    """
    here, named = place_of(origin(endpoint, host, scheme)), place_of(web.page_url)
    if here is None or named is None or not web.page_url:
        return "/"
    upgraded = ("https", named[1], PORTS["https"]) if named[::2] == ("http", PORTS["http"]) else named
    return path_of(web.page_url) if here in (named, upgraded) else "/"


def page_url(task: GroupTask, endpoint: Endpoint) -> str:
    """Return the page to test at one of the endpoints."""
    scheme = scheme_of(task)
    return origin(endpoint, task.host, scheme) + page_path(task.web, endpoint, task.host, scheme)


def object_of(task: GroupTask) -> str | None:
    """Return the URL of the declared large file if it is at the tested service, otherwise None."""
    url = task.web.object_url
    if not url or not task.endpoints:
        return None
    return url if place_of(url) == place_of(origin(task.endpoints[0], task.host, scheme_of(task))) else None


def path_of(url: str) -> str:
    """Return the request target of ``url``: path and query, in ASCII."""
    split = urlsplit(url)
    query = f"?{split.query}" if split.query else ""
    return quote((split.path or "/") + query, safe="/?&=%:@!$'()*+,;~-._")
