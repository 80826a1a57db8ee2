"""Reads the XML output of nmap: the machines that were up, with their addresses and names."""

import contextlib
from collections.abc import Mapping
from ipaddress import ip_address
from xml.parsers import expat

from inventory.listed.model import ListedThings, NotSuchAListError
from inventory.model import IPAddress, Kind


class _Reader:
    def __init__(self) -> None:
        self.things = ListedThings("nmap")
        self.is_nmap = False
        self._names: list[str] = []
        self._addresses: list[IPAddress] = []
        self._up = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "nmaprun":
            self.is_nmap = True
        elif tag == "host":
            self._names, self._addresses, self._up = [], [], False
        elif tag == "status":
            self._up = attributes.get("state") == "up"
        elif tag == "address" and attributes.get("addrtype") in ("ipv4", "ipv6"):
            with contextlib.suppress(ValueError):  # a broken entry is skipped
                self._addresses.append(ip_address(attributes.get("addr", "")))
        elif tag == "hostname" and attributes.get("name"):
            self._names.append(attributes["name"])

    def end(self, tag: str) -> None:
        if tag == "host" and self._up and self._addresses:
            name = self._names[0] if self._names else str(self._addresses[0])
            self.things.add(name, Kind.HOST, *self._addresses)


def read_nmap(data: bytes) -> ListedThings:
    """Return the machines in a document; raise NotSuchAListError, also for a document that declares entities."""
    reader, parser = _Reader(), expat.ParserCreate()

    def refuse(*_: object) -> int:
        raise NotSuchAListError("entities")

    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.EntityDeclHandler = parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise NotSuchAListError(str(error)) from error
    if not reader.is_nmap:
        raise NotSuchAListError("no nmaprun")
    return reader.things
