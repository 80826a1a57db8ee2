"""Tests that a repeated packet counts as a retransmission only after a while."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from auditor.facts.path.retransmissions import repeated
from probes.observations.path import PmtudFlow, SegmentSeen


@pytest.mark.parametrize(
    ("heard", "count"),
    [
        ([], 0),
        ([(0.01, 1, 1400)], 0),
        ([(0.01, 1, 1400), (0.21, 1, 1400), (0.61, 1, 1400), (1.41, 1, 1400)], 3),
        ([(0.73, 1, 1400)] * 4, 0),
        ([(0.73, 1, 1400), (0.74, 1, 1400), (0.93, 1, 1400)], 1),
        ([(0.01, 1, 1280), (0.02, 2, 1400), (0.22, 2, 1400), (0.5, 2, 1280), (0.6, 3, 1400)], 1),
    ],
    ids=["nothing", "once", "ignored", "heard-late", "heard-late-and-again", "others-beside"],
)
def test_repeats_count_that_come_after_a_while(heard: list[tuple[float, int, int]], count: int) -> None:
    segments = tuple(SegmentSeen(t=t, seq=seq, size=size) for t, seq, size in heard)
    step = PmtudFlow(address=ip_address("2001:db8::1"), port=443, server_name="www.example", mtu=1374)
    assert repeated(replace(step, segments=segments)) == count
