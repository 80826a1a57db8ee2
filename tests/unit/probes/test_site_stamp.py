"""Tests that a STAMP responder is asked at its own port."""

import time
from dataclasses import replace

from auditor.facts.tslcd.delays import ENOUGH
from inventory.model import Service
from probes.framework.recorder import Recorder
from probes.observations.transport import StampSeries
from probes.site_stamp import site_stamp
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.path_tasks import task


async def test_a_stamp_responder_is_asked_at_its_own_port() -> None:
    net = FakeNet(answers={StampSeries: lambda asked: {"rtts": (0.001,) * asked["packets"]}})
    rec = Recorder(time.monotonic)
    await site_stamp(replace(task("2001:db8::1"), service=Service(name="stamp", port=862)), net, rec)
    (step,) = rec.steps
    assert isinstance(step, StampSeries)
    assert (step.port, step.sent, step.received) == (443, ENOUGH, ENOUGH)
