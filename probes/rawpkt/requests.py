# SPDX-License-Identifier: GPL-2.0-only
"""Reads requests strictly: a line that is not exactly a request of the protocol is refused."""

import json
import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from probes.rawpkt.scope import Address, Network, PacketScope

LINE_LIMIT = 1 << 20
PROTOCOLS = ("udp", "tcp", "icmp")
FORMS = ("echo", "fragments", "next-header", "routing-header-0", "probe-8335", "proto-41", "gre")
NOTHING_LOST = 65_535
"""The MTU of a link that carries all packets: such a flow is only watched."""
SOURCES = ("own", "neighbour", "bogon")
PAYLOAD = 64
"""Bytes of a datagram under a forged source."""
COPIES = 3
INTERFACE_NAME = 63
"""Bytes of the longest name of an interface that RFC 8335 §2.1 takes."""
ONLY_IPV6 = frozenset({"fragments", "next-header", "routing-header-0", "probe-8335"})


class Malformed(Exception):
    """Raised for a line that is no request; the text says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    id: int
    to: Address
    protocol: str
    port: int
    hops: int
    tries: int
    wait: float
    interval: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pmtud:
    id: int
    to: Address
    port: int
    host: str
    tls: bool
    path: str
    mtu: int
    wait: float
    repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    id: int
    to: Address
    form: str
    interface: str
    wait: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lan:
    """Holds a request to listen at one interface for ``wait`` seconds.
    ``solicit``: ask for routers and DHCPv6 servers first."""

    id: int
    interface: str
    solicit: bool
    wait: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Forge:
    """Holds a request for ``copies`` datagrams to a receiver through one interface, under one kind of source (SOURCES).
    ``payload`` is hexadecimal."""

    id: int
    to: Address
    port: int
    interface: str
    source: str
    payload: str
    copies: int


Request = Trace | Pmtud | Packet | Lan | Forge
_HEX = re.compile(r"(?:[0-9a-f]{2}){1,64}")
LONGEST_WATCH = 100_000
"""The longest watch in seconds: a little more than a day."""


def read_scope(line: bytes, bound: PacketScope | None = None) -> PacketScope:
    """Return the scope in the first line of a caller, within ``bound``."""
    fields = _object(line, {"allow", "deny", "interfaces", "receivers"})
    return PacketScope(
        allow=_networks(fields, "allow"),
        deny=_networks(fields, "deny"),
        interfaces=_interfaces(fields, "interfaces"),
        receivers=_receivers(fields, "receivers"),
        bound=bound,
    )


def read(line: bytes) -> Request:
    """Return the request in any line after the first."""
    fields = loaded(line)
    match fields.get("do"):
        case "trace":
            return _trace(fields)
        case "pmtud":
            return _pmtud(fields)
        case "packet":
            return _packet(fields)
        case "lan":
            return _lan(fields)
        case "forge":
            return _forge(fields)
        case _:
            raise Malformed("do: unknown")


def id_of(line: bytes) -> int | None:
    """Return the id of a line that may be no request, to refuse it under that id."""
    try:
        return _integer(loaded(line), "id", 0, 1 << 53)
    except Malformed:
        return None


def _trace(fields: dict[str, Any]) -> Trace:
    _only(fields, {"id", "do", "to", "protocol", "port", "hops", "tries", "wait", "interval"})
    return Trace(
        id=_integer(fields, "id", 0, 1 << 53),
        to=_address(fields),
        protocol=_one_of(fields, "protocol", PROTOCOLS),
        port=_integer(fields, "port", 1, 65535),
        hops=_integer(fields, "hops", 1, 64),
        tries=_integer(fields, "tries", 1, 7),
        wait=_number(fields, "wait", 0.001, 10),
        interval=_number(fields, "interval", 0.001, 10),
    )


def _pmtud(fields: dict[str, Any]) -> Pmtud:
    _only(fields, {"id", "do", "to", "port", "host", "tls", "path", "mtu", "wait", "repeats"})
    if not isinstance(fields["tls"], bool):
        raise Malformed("tls: not true or false")
    request = Pmtud(
        id=_integer(fields, "id", 0, 1 << 53),
        to=_address(fields),
        port=_integer(fields, "port", 1, 65535),
        host=_text(fields, "host", 253),
        tls=fields["tls"],
        path=_text(fields, "path", 2000),
        mtu=_integer(fields, "mtu", 1280, NOTHING_LOST),
        wait=_number(fields, "wait", 0.001, 30),
        repeats=_integer(fields, "repeats", 1, 30),
    )
    if request.to.version != 6 or not request.path.startswith("/"):
        raise Malformed("to: not IPv6" if request.to.version != 6 else "path: no path")
    return request


def _packet(fields: dict[str, Any]) -> Packet:
    _only(fields, {"id", "do", "to", "form", "interface", "wait"})
    form, to = _one_of(fields, "form", FORMS), _address(fields)
    if form in ONLY_IPV6 and to.version != 6:
        raise Malformed("form: of IPv6 only")
    return Packet(
        id=_integer(fields, "id", 0, 1 << 53),
        to=to,
        form=form,
        interface=_text(fields, "interface", INTERFACE_NAME),
        wait=_number(fields, "wait", 0.001, 10),
    )


def _lan(fields: dict[str, Any]) -> Lan:
    _only(fields, {"id", "do", "interface", "solicit", "wait"})
    if not isinstance(fields["solicit"], bool):
        raise Malformed("solicit: not true or false")
    return Lan(
        id=_integer(fields, "id", 0, 1 << 53),
        interface=_text(fields, "interface", 15),
        solicit=fields["solicit"],
        wait=_number(fields, "wait", 0.001, LONGEST_WATCH),
    )


def _forge(fields: dict[str, Any]) -> Forge:
    _only(fields, {"id", "do", "to", "port", "interface", "source", "payload", "copies"})
    payload = _text(fields, "payload", 2 * PAYLOAD)
    if not _HEX.fullmatch(payload):
        raise Malformed("payload: not in hexadecimal")
    return Forge(
        id=_integer(fields, "id", 0, 1 << 53),
        to=_address(fields),
        port=_integer(fields, "port", 1, 65535),
        interface=_text(fields, "interface", 15),
        source=_one_of(fields, "source", SOURCES),
        payload=payload,
        copies=_integer(fields, "copies", 1, COPIES),
    )


def loaded(line: bytes) -> dict[str, Any]:
    if len(line) > LINE_LIMIT:
        raise Malformed("too long")
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as problem:
        raise Malformed("no JSON") from problem
    if not isinstance(document, dict):
        raise Malformed("no object")
    return document


def _object(line: bytes, names: set[str]) -> dict[str, Any]:
    fields = loaded(line)
    _only(fields, names)
    return fields


def _only(fields: dict[str, Any], names: set[str]) -> None:
    if fields.keys() != names:
        raise Malformed(f"fields: {', '.join(sorted(names ^ fields.keys()))[:100]}")


def _integer(fields: dict[str, Any], name: str, low: int, high: int) -> int:
    value = fields.get(name)
    if type(value) is not int or not low <= value <= high:
        raise Malformed(f"{name}: no integer from {low} to {high}")
    return value


def _number(fields: dict[str, Any], name: str, low: float, high: float) -> float:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise Malformed(f"{name}: no number from {low} to {high}")
    return float(value)


def _text(fields: dict[str, Any], name: str, longest: int) -> str:
    value = fields.get(name)
    if (
        not isinstance(value, str)
        or len(value) > longest
        or not value.isascii()
        or not value.isprintable()
        or " " in value
    ):
        raise Malformed(f"{name}: no plain text")
    return value


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _one_of(fields: dict[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or value not in choices:
        raise Malformed(f"{name}: none of {', '.join(choices)}")
    return value


def _address(fields: dict[str, Any]) -> Address:
    value = fields.get("to")
    try:
        if not isinstance(value, str) or len(value) > 45:
            raise ValueError
        return ip_address(value)
    except ValueError as problem:
        raise Malformed("to: no address") from problem


def _networks(fields: dict[str, Any], name: str) -> tuple[Network, ...]:
    value = fields[name]
    if not isinstance(value, list) or len(value) > 10_000 or not all(isinstance(text, str) for text in value):
        raise Malformed(f"{name}: no list of prefixes")
    try:
        return tuple(ip_network(text) for text in value)
    except ValueError as problem:
        raise Malformed(f"{name}: no prefix") from problem


def _receivers(fields: dict[str, Any], name: str) -> tuple[Address, ...]:
    value = fields[name]
    if not isinstance(value, list) or len(value) > 100:
        raise Malformed(f"{name}: no list of addresses")
    return tuple(_address({"to": receiver}) for receiver in value)


def _interfaces(fields: dict[str, Any], name: str) -> tuple[str, ...]:
    value = fields[name]
    if not isinstance(value, list) or len(value) > 100:
        raise Malformed(f"{name}: no list of names")
    return tuple(_text({name: interface}, name, 15) for interface in value)
