"""Reads Alt-Svc (RFC 7838 §3), by which a site says that it is served over HTTP/3 too."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HTTP3 = re.compile(r'(?:^|,)\s{0,9}h3="?([^",;\s]{0,255}):([0-9]{1,5})(?![^",;\s])')
_PORTS = range(1, 65_536)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One place. ``host``: without brackets, empty for the site's own."""

    host: str
    port: int


def http3(value: str) -> Iterator[Alternative]:
    """Yield the places for HTTP/3 in one header, in its order; those of drafts (``h3-29``) are none."""
    for host, port in _HTTP3.findall(value):
        if int(port) in _PORTS:
            yield Alternative(host=host.removeprefix("[").removesuffix("]").lower(), port=int(port))
