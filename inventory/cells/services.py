"""Reads the services column (``https:443 smtp ssh:2222``) and the tags column (``jump-host dkim=s1``)."""

import re
from collections.abc import Iterator
from datetime import date
from ipaddress import ip_address, ip_network

from inventory.cells.names import NotAName, to_name
from inventory.cells.numbers import parse_port
from inventory.model import SERVICE_PORTS, Service
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition
from inventory.tags import TAG_KEYS, TAG_WORDS
from inventory.user_networks import prefix_of, sender
from inventory.word_matching import fold, nearest

SERVICE_NAMES = {port: name for name, port in SERVICE_PORTS.items()}
_SEPARATORS = re.compile(r"[\s,;]+")
_SERVICE = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,31})(?::(\d+))?", re.ASCII)
_NONE = frozenset(map(fold, ("none", "không", "không có")))
_TAG = re.compile(r"[^\W_][\w.-]*(=\S+)?")
_PREFIXES = frozenset({"prefix", "ra-prefix", "aggregate"})
_DAYS = frozenset({"snmp-v2c-until", "bought"})
_DEVICE_CLASSES = frozenset({"1", "2", "l2", "l3"})


def _pieces(text: str) -> Iterator[str]:
    return (piece for piece in _SEPARATORS.split(text) if piece)


def parse_services(text: str, place: CellPosition) -> tuple[Service, ...] | None:
    """Read the services in the order written, each once; ``none`` is none at all. None if a piece is no service."""
    if fold(text) in _NONE:
        return ()
    services = [_service(piece, place) for piece in _pieces(text)]
    return tuple(dict.fromkeys(service for service in services if service)) or None


def _service(piece: str, place: CellPosition) -> Service | None:
    if piece.isascii() and piece.isdigit() and len(piece) <= 5 and int(piece) in SERVICE_NAMES:
        return Service(name=SERVICE_NAMES[int(piece)], port=int(piece))
    match = _SERVICE.fullmatch(piece)
    if match is None:
        place.report(Code.NOT_A_SERVICE, piece)
        return None
    name, port_text = match.group(1).lower(), match.group(2)
    close = "" if name in SERVICE_PORTS else nearest(name, SERVICE_PORTS)
    if port_text is None:
        if name in SERVICE_PORTS:
            return Service(name=name, port=SERVICE_PORTS[name])
        place.report(Code.UNKNOWN_SERVICE, piece, suggestion=close)
        return None
    if close:
        place.report(Code.SERVICE_LIKE_KNOWN, piece, suggestion=close)
    port = parse_port(port_text, place)
    return None if port is None else Service(name=name, port=port)


def parse_tags(text: str, place: CellPosition) -> tuple[str, ...]:
    """Read words and ``key=value``, in the order written, each once; known tags are checked."""
    return tuple(dict.fromkeys(tag for piece in _pieces(text) if (tag := _tag(piece, place))))


def _tag(piece: str, place: CellPosition) -> str | None:
    if len(piece) > 300 or not _TAG.fullmatch(piece):
        place.report(Code.NOT_A_TAG, piece)
        return None
    key, equals, value = piece.partition("=")
    if equals and key.lower() in TAG_KEYS:
        wanted = _wanted(key.lower(), value)
        if wanted:
            place.report(Code.TAG_VALUE, piece, wanted=wanted, suggestion=_rightly(key.lower(), value))
        return f"{key.lower()}={value}"
    if not equals and piece.lower() in TAG_WORDS:
        return piece.lower()
    known = TAG_KEYS if equals else TAG_WORDS
    if close := nearest(key, known):
        place.report(Code.TAG_LIKE_KNOWN, piece, suggestion=f"{close}={value}" if equals else close)
    return piece


def _rightly(key: str, value: str) -> str:
    """Return the tag with its prefix cut to the network, where host bits are written."""
    try:
        network = str(ip_network(value, strict=False)) if key in _PREFIXES else value
        return "" if network == value else f"{key}={network}"
    except ValueError:
        return ""


def _wanted(key: str, value: str) -> str:
    """Return the expected form of a known key's value; empty if the value has it."""
    if key == "device-class":
        return "" if value.lower() in _DEVICE_CLASSES else key
    try:
        match key:
            case "sender":
                ip_address(value)
            case "ra" | "dhcpv6-server" if sender(value) is None:
                return "address"
            case _ if key in _PREFIXES:
                return "" if _is_prefix(key, value) else "prefix"
            case "dkim":
                to_name(value, labels=1)
            case _ if key in _DAYS:
                date.fromisoformat(value)
            case _:
                pass
    except NotAName:
        return "selector"
    except ValueError:
        return "day" if key in _DAYS else "address"
    return ""


def _is_prefix(key: str, value: str) -> bool:
    """True if the value is a prefix that the tag may have.

    Router advertisements have only IPv6 prefixes, and a route is looked up in tables of IPv6.
    """
    try:
        ip_network(value)
    except ValueError:
        return False
    return key == "prefix" or prefix_of(value) is not None
