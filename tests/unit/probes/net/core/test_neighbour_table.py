"""Answers about the table of neighbours, and messages that are none."""

import struct

import pytest

from probes.net.core.neighbour_table import NeighbourTable, read_table


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def _message(*attributes: bytes, kind: int = 64) -> bytes:
    body = struct.pack("=B3x", 2) + b"".join(attributes)
    return struct.pack("=IHHII", 16 + len(body), kind, 2, 1, 0) + body


ROOM, STATISTICS = _attribute(4, struct.pack("=I", 1_024)), _attribute(7, struct.pack("=11Q", *range(11)))


def test_room_and_refusals_are_read_whatever_else_is_told() -> None:
    whole = _message(_attribute(1, b"arp_cache\0"), ROOM, _attribute(6 | 0x8000, b"x" * 9), STATISTICS)
    assert read_table(whole) == NeighbourTable(room=1_024, refused=10)
    assert read_table(whole + _message(_attribute(1, b"arp_cache\0"))) == NeighbourTable(room=1_024, refused=10)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0" * 15,
        _message(ROOM, STATISTICS, kind=2),
        _message(ROOM),
        _message(STATISTICS),
        _message(ROOM, STATISTICS)[:-8],
        _message(b"\0\0\0\0" * 3),
        _message(ROOM, _attribute(7, b"short")),
    ],
)
def test_what_is_no_answer_tells_nothing(answer: bytes) -> None:
    assert read_table(answer) is None
