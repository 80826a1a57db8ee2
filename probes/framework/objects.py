"""Tells where a web site is asked for the page or the large file that its inventory names. Pure."""

from urllib.parse import quote, urlsplit

from inventory.model import Endpoint
from probes.framework.redirects import PORTS, origin
from probes.framework.tasks import GroupTask, WebTarget


def scheme_of(task: GroupTask) -> str:
    return "https" if task.service.name == "https" else "http"


def place_of(url: str) -> tuple[str, str | None, int] | None:
    """Scheme, host and port; two URLs of one place are served by the same addresses. None for what is no URL."""
    try:
        split = urlsplit(url)
        return split.scheme, split.hostname, split.port or PORTS.get(split.scheme, 0)
    except ValueError:
        return None


def page_path(web: WebTarget, endpoint: Endpoint, host: str | None, scheme: str) -> str:
    """The path and query of the page to test at an endpoint: what the inventory names where it stands there, else the
    first page. A page named with plain HTTP is tested at the usual port of HTTPS too."""
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
    """Return the large file that the inventory names, where it stands at the service that is tested."""
    url = task.web.object_url
    if not url or not task.endpoints:
        return None
    return url if place_of(url) == place_of(origin(task.endpoints[0], task.host, scheme_of(task))) else None


def path_of(url: str) -> str:
    """What stands in the request line for ``url``, in ASCII."""
    split = urlsplit(url)
    query = f"?{split.query}" if split.query else ""
    return quote((split.path or "/") + query, safe="/?&=%:@!$'()*+,;~-._")
