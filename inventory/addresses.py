"""Reads addresses as people write them in settings: literals with a port in one of the usual forms."""

import re
from ipaddress import ip_address

from inventory.model import Endpoint

_BRACKETS = re.compile(r"\[(?P<address>[^\]]+)\](?::(?P<port>\d{1,5}))?")
_HASH = re.compile(r"(?P<address>[^#]+)#(?P<port>\d{1,5})")
_V4_PORT = re.compile(r"(?P<address>\d{1,3}(?:\.\d{1,3}){3}):(?P<port>\d{1,5})")


def parse_endpoint(text: str) -> Endpoint:
    """Read ``2001:db8::1``, ``[2001:db8::1]:443``, ``192.0.2.1:443`` or ``ADDRESS#PORT``; raise ValueError for others.

    A name is an error too: nothing here resolves.
    """
    text = text.strip()
    for form in (_BRACKETS, _HASH, _V4_PORT):
        match = form.fullmatch(text)
        if match:
            port = match["port"]
            if port is not None and not 1 <= int(port) <= 65_535:
                raise ValueError(f"{port} is not a port")
            return Endpoint(address=ip_address(match["address"]), port=None if port is None else int(port))
    return Endpoint(address=ip_address(text))
