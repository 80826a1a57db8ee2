"""Tests that TCP packets grow while they arrive."""

import time

import pytest

from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.full_segments import full_segments
from probes.observations.path import SEGMENT_SIZES, FullSegment
from tests.unit.probes.fake_net import Asked, FakeNet
from tests.unit.probes.path_tasks import echoing, task


@pytest.mark.parametrize(
    ("address", "net"),
    [("192.0.2.1", echoing(0)), ("2001:db8::1", FakeNet()), ("2001:db8::1", echoing(1400, fits=1448))],
)
async def test_where_echo_shows_the_path_no_packet_of_tcp_is_sent(address: str, net: FakeNet) -> None:
    rec = Recorder(time.monotonic)
    await full_segments(task(address), net, rec)
    assert rec.steps == ()


@pytest.mark.parametrize("echoed", [0, 56, 1232])
@pytest.mark.parametrize(("fits", "sent"), [(5_000, SEGMENT_SIZES), (1_400, (800, 1280, 1500, 1500)), (0, (800, 800))])
async def test_packets_of_tcp_grow_while_they_arrive(echoed: int, fits: int, sent: tuple[int, ...]) -> None:
    def sent_whole(asked: Asked) -> Asked:
        return {"failure": Failure(kind=FailureKind.TIMEOUT) if asked["size"] > fits else None}

    rec, net = Recorder(time.monotonic), echoing(echoed)
    net.answers |= {FullSegment: sent_whole}
    await full_segments(task("2001:db8::1"), net, rec)
    assert [step.size for step in rec.steps if isinstance(step, FullSegment)] == list(sent)
