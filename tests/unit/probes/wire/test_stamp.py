"""STAMP packets: the layouts of RFC 8762, and no answer longer than the question."""

import pytest

from probes.wire import stamp

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


@pytest.mark.parametrize("size", [0, 1, stamp.SIZE - 1])
def test_what_is_too_short_gets_nothing(size: int) -> None:
    with pytest.raises(stamp.StampError):
        stamp.reflection(bytes(size), NOW, NOW, 64)


def test_timestamps_come_back() -> None:
    assert stamp.seconds(stamp.timestamp(NOW)) == NOW
