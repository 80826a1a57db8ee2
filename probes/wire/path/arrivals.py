"""Encodes marks sent under true and forged source addresses, and the question which of them arrived. No I/O.

A mark gets no answer: its source may be another host's address. The question is sent from the true address and is
never shorter than its answer, so nothing is amplified. A nonce that only both ends know links marks and question.

    mark      magic "M" nonce label
    question  magic "Q" nonce, zeros up to 256 bytes
    answer    magic "A" nonce count; of each arrival label, version of IP, copies, source (16 bytes, IPv4 in front)
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

PORT = 18_620
"""The default UDP port of the receiver, which IANA has not assigned."""
NONCE = 16
LABELS = 8
MOST = 12
"""The maximum number of different arrivals reported for one nonce."""
QUESTION = 256
_MAGIC = b"audSAV1\n"
_ENTRY = struct.Struct("!BBB16s")
_HEAD = len(_MAGIC) + 1 + NONCE
_COPIES = 255


class ArrivalsError(ValueError):
    """Raised if bytes are not an answer to our question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Counts the marks of one label that arrived from ``source``."""

    label: int
    source: IPv4Address | IPv6Address
    copies: int = 1


def mark(nonce: bytes, label: int) -> bytes:
    return _MAGIC + b"M" + nonce + bytes([label])


def question(nonce: bytes) -> bytes:
    return (_MAGIC + b"Q" + nonce).ljust(QUESTION, b"\0")


def read_mark(data: bytes) -> tuple[bytes, int] | None:
    """Return the nonce and label of a mark, None for anything else."""
    whole = len(data) == _HEAD + 1 and data[: _HEAD - NONCE] == _MAGIC + b"M" and data[_HEAD] < LABELS
    return (data[_HEAD - NONCE : _HEAD], data[_HEAD]) if whole else None


def read_question(data: bytes) -> bytes | None:
    """Return the nonce that a question asks about, None for anything else."""
    whole = len(data) == QUESTION and data[: _HEAD - NONCE] == _MAGIC + b"Q"
    return data[_HEAD - NONCE : _HEAD] if whole else None


def answer(nonce: bytes, arrivals: Iterable[Arrival]) -> bytes:
    told = tuple(arrivals)[:MOST]
    entries = (
        _ENTRY.pack(
            arrival.label, arrival.source.version, min(arrival.copies, _COPIES), arrival.source.packed.ljust(16, b"\0")
        )
        for arrival in told
    )
    return _MAGIC + b"A" + nonce + bytes([len(told)]) + b"".join(entries)


def read_answer(data: bytes, nonce: bytes) -> tuple[Arrival, ...]:
    """Return the arrivals in an answer. Raise ArrivalsError unless it is a valid answer about this nonce."""
    if data[:_HEAD] != _MAGIC + b"A" + nonce or len(data) <= _HEAD:
        raise ArrivalsError("no answer to our question")
    count, body = data[_HEAD], data[_HEAD + 1 :]
    if count > MOST or len(body) != count * _ENTRY.size:
        raise ArrivalsError("an answer of another length than it says")
    return tuple(_arrival(*_ENTRY.unpack_from(body, number * _ENTRY.size)) for number in range(count))


def _arrival(label: int, version: int, copies: int, packed: bytes) -> Arrival:
    if version not in (4, 6) or label >= LABELS or not copies:
        raise ArrivalsError("an arrival of no family, kind or number")
    return Arrival(label=label, source=ip_address(packed[:4] if version == 4 else packed), copies=copies)
