"""Reads Alt-Svc (RFC 7838 §3), with which a site announces that it is also served over HTTP/3."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HTTP3 = re.compile(r'(?:^|,)\s{0,9}h3="?([^",;\s]{0,255}):([0-9]{1,5})(?![^",;\s])')
_PORTS = range(1, 65_536)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Holds one alternative. ``host`` has no brackets and is empty for the site's own host."""

    host: str
    port: int


def http3(value: str) -> Iterator[Alternative]:
    """Yield the HTTP/3 alternatives of one header in order, without those of drafts (``h3-29``)."""
    for host, port in _HTTP3.findall(value):
        if int(port) in _PORTS:
            yield Alternative(host=host.removeprefix("[").removesuffix("]").lower(), port=int(port))
