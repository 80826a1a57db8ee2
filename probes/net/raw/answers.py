"""Reads answers of the crafted-packet program strictly, by probes/rawpkt/protocol.schema.json.

The program is ours, but it holds a privilege and reads foreign packets: its answers are checked like any input.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from inventory.model import IPAddress
from probes.observations.link import AdvertisedDhcpServer, AdvertisedRouter, AnnouncedPrefix
from probes.observations.path import SegmentSeen
from probes.observations.traces import HopProbe

LINE_LIMIT = 1 << 20
_PROBES, _SEGMENTS = 64 * 7, 1_000
_SENDERS, _PER_SENDER, _DAY = 200, 64, 65_535
_FOREVER = (1 << 32) - 1
_COPIES = 3
_MAC = re.compile(r"(?:[0-9a-f]{2}(?::[0-9a-f]{2}){0,5})?")


class RawpktError(ValueError):
    """Raised for a line that the protocol does not allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Holds the program's first line. ``why`` is empty when it is ready."""

    why: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """Holds an answer to a request: a result or a refusal, or an early notice, ``heeded`` or ``unheeded``."""

    id: int | None
    heeded: bool = False
    unheeded: bool = False
    refused: str = ""
    detail: str = ""
    result: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    source: IPAddress
    probes: tuple[HopProbe, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """Holds the result of one crafted packet, see CraftedExchange."""

    answer: str | None
    source: IPAddress | None
    rtt: float | None
    type: int | None
    code: int | None
    active: bool | None
    ipv4: bool | None
    ipv6: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flowed:
    """Holds the result of one flow, see PmtudFlow."""

    local_port: int
    ended: str
    received: int
    errors_sent: int
    first_error: float | None
    heeded: float | None
    segments: tuple[SegmentSeen, ...]


def ready(line: bytes) -> Ready:
    fields = _load(line)
    if fields.get("ready") is True:
        return Ready()
    return Ready(why=_text(fields, "why") or "other", detail=_text(fields, "detail"))


def answer(line: bytes) -> RawAnswer:
    fields = _load(line)
    number, result = fields.get("id"), fields.get("result")
    if number is not None and (type(number) is not int or number < 0):
        raise RawpktError("id")
    heeded, unheeded = fields.get("heeded") is True, fields.get("unheeded") is True
    if heeded or unheeded:
        return RawAnswer(id=number, heeded=heeded, unheeded=unheeded)
    refused = _text(fields, "refused")
    if bool(refused) == isinstance(result, dict):
        raise RawpktError("neither a result nor a refusal")
    return RawAnswer(
        id=number, refused=refused, detail=_text(fields, "detail"), result=result if isinstance(result, dict) else None
    )


def traced(result: Mapping[str, object]) -> Traced:
    entries = _list(result, "probes", _PROBES)
    probes = tuple(
        HopProbe(
            hop=_integer(entry, "hop", 64) or 0,
            source=_address(entry, "from"),
            rtt=_number(entry, "rtt"),
            answer=_word(entry, "answer", ("time-exceeded", "reached", "unreachable")),
            type=_integer(entry, "type", 255),
            code=_integer(entry, "code", 255),
        )
        for entry in entries
    )
    source = _address(result, "source")
    if source is None:
        raise RawpktError("source")
    return Traced(source=source, probes=probes)


def exchanged(result: Mapping[str, object]) -> Exchanged:
    return Exchanged(
        answer=_word(result, "answer", ("reply", "icmp", "arrived")),
        source=_address(result, "from"),
        rtt=_number(result, "rtt"),
        type=_integer(result, "type", 255),
        code=_integer(result, "code", 255),
        active=_flag(result, "active"),
        ipv4=_flag(result, "ipv4"),
        ipv6=_flag(result, "ipv6"),
    )


def flowed(result: Mapping[str, object]) -> Flowed:
    entries = _list(result, "segments", _SEGMENTS)
    return Flowed(
        local_port=_integer(result, "port", 65_535) or 0,
        ended=_word(result, "ended", ("connect", "tls", "stall", "reset", "enough", "end", "flood")) or "",
        received=_integer(result, "received", 1 << 40) or 0,
        errors_sent=_integer(result, "errors_sent", 1 << 20) or 0,
        first_error=_number(result, "first_error"),
        heeded=_number(result, "heeded"),
        segments=tuple(
            SegmentSeen(
                t=_number(entry, "t") or 0.0,
                seq=_integer(entry, "seq", (1 << 32) - 1) or 0,
                size=_integer(entry, "size", 1 << 17) or 0,
            )
            for entry in entries
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LanReport:
    """Holds the result of one watch of a link, see LanWatch."""

    solicited: bool
    dropped: int
    routers: tuple[AdvertisedRouter, ...]
    servers: tuple[AdvertisedDhcpServer, ...]


def lan_report(result: Mapping[str, object]) -> LanReport:
    return LanReport(
        solicited=_flag(result, "solicited") or False,
        dropped=_integer(result, "dropped", 1 << 40) or 0,
        routers=tuple(map(_router, _list(result, "routers", _SENDERS))),
        servers=tuple(map(_server, _list(result, "servers", _SENDERS))),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Forged:
    """Holds the datagrams that left under a source address."""

    source: IPAddress
    sent: int


def forged(result: Mapping[str, object]) -> Forged:
    source = _address(result, "source")
    if source is None:
        raise RawpktError("source")
    return Forged(source=source, sent=_integer(result, "sent", _COPIES) or 0)


def _router(entry: Mapping[str, object]) -> AdvertisedRouter:
    return AdvertisedRouter(
        source=_six(entry.get("source")),
        mac=_mac(entry),
        count=_integer(entry, "count", 1 << 40) or 1,
        lifetime=_integer(entry, "lifetime", _DAY) or 0,
        preference=_word(entry, "preference", ("low", "medium", "high", "reserved")) or "medium",
        managed=_flag(entry, "managed") or False,
        other=_flag(entry, "other") or False,
        prefixes=tuple(map(_prefix, _list(entry, "prefixes", _PER_SENDER))),
        rdnss=_sixes(entry, "rdnss"),
    )


def _server(entry: Mapping[str, object]) -> AdvertisedDhcpServer:
    return AdvertisedDhcpServer(
        source=_six(entry.get("source")),
        mac=_mac(entry),
        count=_integer(entry, "count", 1 << 40) or 1,
        duid=_text(entry, "duid"),
        offered=_sixes(entry, "offered"),
        dns=_sixes(entry, "dns"),
    )


def _prefix(entry: Mapping[str, object]) -> AnnouncedPrefix:
    try:
        network = ip_network(_text(entry, "prefix"))
    except ValueError as problem:
        raise RawpktError("prefix") from problem
    if network.version != 6:
        raise RawpktError("prefix")
    return AnnouncedPrefix(
        prefix=network,
        on_link=_flag(entry, "on_link") or False,
        autonomous=_flag(entry, "autonomous") or False,
        valid=_integer(entry, "valid", _FOREVER) or 0,
        preferred=_integer(entry, "preferred", _FOREVER) or 0,
    )


def _mac(entry: Mapping[str, object]) -> str:
    text = _text(entry, "mac")
    if not _MAC.fullmatch(text):
        raise RawpktError("mac")
    return text


def _six(value: object) -> IPv6Address:
    try:
        if not isinstance(value, str) or "%" in value:
            raise ValueError
        return IPv6Address(value)
    except ValueError as problem:
        raise RawpktError("address") from problem


def _sixes(fields: Mapping[str, object], name: str) -> tuple[IPv6Address, ...]:
    value = fields.get(name, [])
    if not isinstance(value, list) or len(value) > _PER_SENDER:
        raise RawpktError(name)
    return tuple(map(_six, value))


def _load(line: bytes) -> dict[str, object]:
    if len(line) > LINE_LIMIT:
        raise RawpktError("too long")
    try:
        loaded = json.loads(line)
    except (ValueError, RecursionError) as problem:
        raise RawpktError("no JSON") from problem
    if not isinstance(loaded, dict):
        raise RawpktError("no object")
    return loaded


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise RawpktError(name)
    return value[:200]


def _word(fields: Mapping[str, object], name: str, known: tuple[str, ...]) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or value not in known:
        raise RawpktError(name)
    return value


def _integer(fields: Mapping[str, object], name: str, highest: int) -> int | None:
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= highest:
        raise RawpktError(name)
    return value


def _number(fields: Mapping[str, object], name: str) -> float | None:
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 3600:
        raise RawpktError(name)
    return float(value)


def _flag(fields: Mapping[str, object], name: str) -> bool | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, bool):
        raise RawpktError(name)
    return value


def _address(fields: Mapping[str, object], name: str) -> IPAddress | None:
    value = fields.get(name)
    if value is None:
        return None
    try:
        if not isinstance(value, str):
            raise ValueError
        return ip_address(value)
    except ValueError as problem:
        raise RawpktError(name) from problem


def _list(fields: Mapping[str, object], name: str, longest: int) -> list[dict[str, object]]:
    value = fields.get(name, [])
    if not isinstance(value, list) or len(value) > longest or not all(isinstance(item, dict) for item in value):
        raise RawpktError(name)
    return value
