"""Tests which interfaces of a device are asked about."""

import time

from probes.framework.recorder import Recorder
from probes.framework.tasks import DeviceTarget
from probes.observations.path import CraftedExchange
from probes.probe_8335 import probe_8335
from tests.unit.probes.path_tasks import crafting, task


async def test_a_device_is_asked_about_its_declared_uplinks() -> None:
    undeclared, declared = DeviceTarget(name="r"), DeviceTarget(name="r", uplinks=("eth0", "cổng 1", "a b", "wan1"))
    for device, asked in ((None, []), (undeclared, [""]), (declared, ["eth0", "wan1"])):
        rec = Recorder(time.monotonic)
        await probe_8335(task("2001:db8::1", None, device), crafting({"probe-8335": "reply"}), rec)
        assert [step.interface for step in rec.steps if isinstance(step, CraftedExchange)] == asked
