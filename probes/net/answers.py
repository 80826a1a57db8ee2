"""What the crafted-packet program says, read strictly. The protocol is probes/rawpkt/protocol.schema.json.

The program is ours, but it holds a privilege and reads what strangers send: its answers are checked like anybody's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from inventory.model import IPAddress
from probes.observations.path import HopProbe, SegmentSeen

LINE_LIMIT = 1 << 20
_PROBES, _SEGMENTS = 64 * 7, 1_000


class RawpktError(ValueError):
    """A line that is not what the protocol allows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The program's first word. ``why`` is empty when it is ready."""

    why: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one request: a result, or why there is none."""

    id: int | None
    refused: str = ""
    detail: str = ""
    result: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    source: IPAddress
    probes: tuple[HopProbe, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """See CraftedExchange."""

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
    """See PmtudFlow."""

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


def answer(line: bytes) -> Answer:
    fields = _load(line)
    number, result = fields.get("id"), fields.get("result")
    if number is not None and (type(number) is not int or number < 0):
        raise RawpktError("id")
    refused = _text(fields, "refused")
    if bool(refused) == isinstance(result, dict):
        raise RawpktError("neither a result nor a refusal")
    return Answer(
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
        answer=_word(result, "answer", ("reply", "icmp")),
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
        ended=_word(result, "ended", ("connect", "tls", "stall", "reset", "enough", "end")) or "",
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
    if not isinstance(value, list) or len(value) > longest or not all(isinstance(one, dict) for one in value):
        raise RawpktError(name)
    return value
