"""Tests that an unknown next header is sent only over IPv6."""

import time

from probes.framework.recorder import Recorder
from probes.next_header import next_header
from probes.observations.path import CraftedExchange
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.path_tasks import task


async def test_an_unknown_next_header_is_for_ipv6() -> None:
    for address, asked in (("192.0.2.1", []), ("2001:db8::1", ["next-header"])):
        rec = Recorder(time.monotonic)
        await next_header(task(address, None), FakeNet(), rec)
        assert [step.form for step in rec.steps if isinstance(step, CraftedExchange)] == asked
