"""Tests STAMP packets: the layouts of RFC 8762, and that no answer is longer than its question."""

import pytest
from scapy.contrib.stamp import (
    ErrorEstimate,
    STAMPSessionReflectorTestUnauthenticated,
    STAMPSessionSenderTestUnauthenticated,
)

from probes.wire.path import stamp

NOW = 1_774_000_000.5


def test_a_reflection_quotes_what_it_answers() -> None:
    packet = stamp.test_packet(7, NOW)
    answer = stamp.reflection(packet, NOW + 0.25, NOW + 0.5, 63)
    assert (len(packet), len(answer)) == (stamp.SIZE, stamp.SIZE)
    assert answer[:4] == (7).to_bytes(4)  # as a reflector without sessions does
    assert not answer[12] & 0x80  # nobody looked whether this clock is synchronised
    assert stamp.seconds(answer[4:12]) == NOW + 0.5
    assert stamp.seconds(answer[16:24]) == NOW + 0.25
    assert answer[24:38] == packet[:14]
    assert answer[40] == 63


@pytest.mark.parametrize("ptp", [False, True])
def test_an_answer_tells_what_it_answers_and_how_long_it_lay_there(ptp: bool) -> None:
    """The packets are scapy's, for a reflector that numbers its packets itself, with timestamps of either form."""
    packet = stamp.test_packet(7, NOW)
    answer = bytearray(stamp.reflection(packet, NOW, NOW + 0.25, 63))
    answer[:4] = (99).to_bytes(4)
    if ptp:
        answer[4:12] = (1_774_000_001).to_bytes(4) + (100_000_000).to_bytes(4)
        answer[16:24] = (1_774_000_000).to_bytes(4) + (850_000_000).to_bytes(4)
        answer[12:14] = bytes(ErrorEstimate(S=1, Z=1, scale=0, multiplier=1))
    told = stamp.reflected(bytes(answer))
    assert (told.mark, round(told.kept, 6)) == (stamp.mark(packet), 0.25)
    with pytest.raises(stamp.StampError):
        stamp.reflected(bytes(answer[:43]))


@pytest.mark.parametrize("size", [0, 1, stamp.SIZE - 1])
def test_what_is_too_short_gets_nothing(size: int) -> None:
    with pytest.raises(stamp.StampError):
        stamp.reflection(bytes(size), NOW, NOW, 64)


def test_timestamps_come_back() -> None:
    assert stamp.seconds(stamp.timestamp(NOW)) == NOW


def test_both_packets_are_what_scapy_reads() -> None:
    ours = STAMPSessionSenderTestUnauthenticated(stamp.test_packet(7, NOW))
    assert (ours.seq, ours.ts, ours.ssid, ours.mbz, ours.tlv_objects) == (7, NOW + stamp.EPOCH, 0, 0, [])
    estimate = ErrorEstimate(S=1, Z=0, scale=3, multiplier=9)
    theirs = STAMPSessionSenderTestUnauthenticated(seq=0xFFFFFFFE, ts=NOW + stamp.EPOCH, err_estimate=estimate, ssid=0)
    back = STAMPSessionReflectorTestUnauthenticated(stamp.reflection(bytes(theirs), NOW + 1, NOW + 2, 61))
    assert (back.seq, back.seq_sender, back.ttl_sender) == (0xFFFFFFFE, 0xFFFFFFFE, 61)
    assert (back.ts_sender, back.ts_rx, back.ts) == tuple(NOW + stamp.EPOCH + later for later in (0, 1, 2))
    assert bytes(back.err_estimate_sender) == bytes(estimate)
    assert (back.err_estimate.S, back.err_estimate.Z, back.err_estimate.multiplier) == (0, 0, 1)
    assert (back.mbz1, back.mbz2, back.tlv_objects, len(back)) == (0, 0, [], len(theirs))


def test_extensions_get_no_longer_answer() -> None:
    """A reflector that supports no TLVs (RFC 8972 §4) behind a packet answers only the packet."""
    packet = stamp.test_packet(1, NOW)
    assert stamp.reflection(packet + bytes(400), NOW, NOW, 64) == stamp.reflection(packet, NOW, NOW, 64)
