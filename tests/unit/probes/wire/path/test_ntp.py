"""Tests the reading of NTP packets, and of those that do not answer our question."""

import struct

import pytest

from probes.wire.path.ntp import NtpError, NtpReply, read, request

COOKIE = b"\x01\x02\x03\x04\x05\x06\x07\x08"
NOON = 3_976_603_200  # 2026-01-05 12:00 UTC in seconds since 1900


def stamp(seconds: int, fraction: int = 0) -> bytes:
    return struct.pack("!II", seconds, fraction)


def answer(
    *,
    head: int = 0x24,
    stratum: int = 2,
    origin: bytes = COOKIE,
    received: bytes = stamp(NOON),
    sent: bytes = stamp(NOON, 2**31),
    more: bytes = b"",
) -> bytes:
    first = struct.pack("!BBbbII4s", head, stratum, 6, -20, 0, 0, b"GPS\0")
    return first + stamp(NOON - 9) + origin + received + sent + more


def test_a_question_tells_nothing_of_us() -> None:
    wire = request(COOKIE)
    assert (len(wire), wire[0], wire[1:40], wire[40:]) == (48, 0x23, bytes(39), COOKIE)
    with pytest.raises(ValueError, match="a cookie of 4 bytes"):
        request(b"abcd")


def test_an_answer() -> None:
    found = read(answer(more=b"extension fields and a digest"), COOKIE)
    unix = NOON - 2_208_988_800
    assert found == NtpReply(stratum=2, leap=0, reference=b"GPS\0", received=float(unix), sent=unix + 0.5)
    assert found.synchronised


@pytest.mark.parametrize(
    ("head", "stratum", "good"),
    [(0x24, 1, True), (0x64, 15, True), (0x1C, 2, True), (0xE4, 2, False), (0x24, 0, False), (0x24, 16, False)],
)
def test_whether_the_server_relies_on_itself(head: int, stratum: int, *, good: bool) -> None:
    assert read(answer(head=head, stratum=stratum), COOKIE).synchronised is good


def test_the_era_after_2036() -> None:
    assert read(answer(sent=stamp(0, 1)), COOKIE).sent == pytest.approx(2**32 - 2_208_988_800)


@pytest.mark.parametrize(
    ("wire", "why"),
    [
        (b"", "0 bytes"),
        (answer()[:47], "47 bytes"),
        (answer(head=0x23), "mode 3"),
        (answer(head=0x26), "mode 6"),
        (answer(head=0x2C), "version 5"),
        (answer(origin=bytes(8)), "another question"),
        (answer(sent=bytes(8)), "no transmit time"),
    ],
)
def test_what_is_no_answer(wire: bytes, why: str) -> None:
    with pytest.raises(NtpError, match=why):
        read(wire, COOKIE)
