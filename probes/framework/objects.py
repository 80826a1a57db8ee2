"""Something large that a web site serves, as its inventory names it. Pure."""

from urllib.parse import quote, urlsplit

from probes.framework.redirects import PORTS, origin
from probes.framework.tasks import GroupTask


def scheme_of(task: GroupTask) -> str:
    return "https" if task.service.name == "https" else "http"


def place_of(url: str) -> tuple[str, str | None, int] | None:
    """Scheme, host and port; two URLs of one place are served by the same addresses. None for what is no URL."""
    try:
        split = urlsplit(url)
        return split.scheme, split.hostname, split.port or PORTS.get(split.scheme, 0)
    except ValueError:
        return None


def object_of(task: GroupTask) -> str | None:
    """What the inventory names, where it stands at the service that is tested."""
    url = task.hints.get("object")
    if url is None or not task.endpoints:
        return None
    return url if place_of(url) == place_of(origin(task.endpoints[0], task.host, scheme_of(task))) else None


def path_of(url: str | None) -> str:
    """What stands in the request line for ``url``, in ASCII."""
    if url is None:
        return "/"
    split = urlsplit(url)
    query = f"?{split.query}" if split.query else ""
    return quote((split.path or "/") + query, safe="/?&=%:@!$'()*+,;~-._")
