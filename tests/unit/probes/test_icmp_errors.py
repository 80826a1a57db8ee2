"""Tests how often a packet is sent to a closed port."""

import time

from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.icmp_errors import TRIES, icmp_errors
from probes.observations.transport import TcpConnect, UdpPortTest
from tests.unit.probes.fake_net import REFUSED, FakeNet
from tests.unit.probes.path_tasks import task


async def test_a_closed_port_that_refuses_is_knocked_at_once() -> None:
    rec = Recorder(time.monotonic)
    await icmp_errors(
        task("2001:db8::1", None), FakeNet(answers={UdpPortTest: lambda asked: {"failure": REFUSED}}), rec
    )
    assert [type(step) for step in rec.steps] == [TcpConnect, UdpPortTest]


async def test_silence_is_knocked_at_again() -> None:
    silence = Failure(kind=FailureKind.TIMEOUT)

    rec = Recorder(time.monotonic)
    net = FakeNet(answers={UdpPortTest: lambda asked: {"failure": silence}})
    await icmp_errors(task("192.0.2.1", None), net, rec)
    assert len([step for step in rec.steps if isinstance(step, UdpPortTest)]) == TRIES
