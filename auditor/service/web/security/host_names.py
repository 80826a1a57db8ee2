"""Refuses requests for host names that are not the service's own.

A foreign page can make its own name lead to this machine (DNS rebinding); to the browser the service then belongs to
that page. So a request for another name is refused, except for two paths of monitoring, which asks by address and
learns nothing (``/healthz``, ``/readyz``).
"""

import logging
import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from auditor.service.config.model import Config

ANY_NAME = ("/healthz", "/readyz")
"""Paths that are answered under any name."""
_MOST_TOLD = 100
_MOST_KNOWN = 256
_HOST = re.compile(r"(\[[0-9a-f:.]*\]|[^:\[\]@/?#]*)(?::[0-9]{0,5})?", re.IGNORECASE)
"""A host and a port (RFC 9110 §7.2). Links are built from it; more characters could make them lead elsewhere."""
_log = logging.getLogger("auditor.service.web")


class HostNames:
    """Holds the names of the configuration, and the other names that were asked for and logged."""

    def __init__(self, config: Config) -> None:
        urls = [config.notify.pages, "" if config.oidc is None else config.oidc.public_url]
        hosts = (urlsplit(url).hostname or "" for url in urls)
        self.names = frozenset(_plain(name) for name in (*config.serve.names, *hosts) if name)
        self._told: set[str] = set()

    def is_ours(self, host: str) -> bool:
        """True if ``host``, as a request names it, with or without a port, is one of ours."""
        match = _HOST.fullmatch(host)
        name = "" if match is None else _plain(match[1])
        return name == "localhost" or name in self.names or _is_loopback(name)

    def tell(self, host: str) -> None:
        """Log a foreign host name once, so that the operator of a proxy finds it."""
        if host not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(host)
            _log.warning(
                "a request for %r was refused (421): if that is a name of this service, add it to names in [serve]",
                host[:100],
            )


@lru_cache(maxsize=_MOST_KNOWN)
def _plain(name: str) -> str:
    name = name.lower().rstrip(".").strip("[]")
    try:
        return str(ip_address(name))
    except ValueError:
        return name


@lru_cache(maxsize=_MOST_KNOWN)
def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
