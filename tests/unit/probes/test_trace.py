"""Tests the protocols of the traces."""

import time

from probes.framework.recorder import Recorder
from probes.observations.traces import PathTrace
from probes.trace import trace
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.path_tasks import task


async def test_a_trace_is_made_by_two_protocols() -> None:
    for address, protocols in (("192.0.2.1", []), ("2001:db8::1", ["udp", "tcp"])):
        rec = Recorder(time.monotonic)
        await trace(task(address, None), FakeNet(), rec)
        assert [step.protocol for step in rec.steps if isinstance(step, PathTrace)] == protocols
