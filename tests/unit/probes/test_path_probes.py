"""What the probes of the path ask for, and when they stop."""

import time
from ipaddress import ip_address

from inventory.model import Endpoint, Service
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.observations.transport import EchoSeries
from probes.path_mtu import path_mtu
from tests.unit.probes.fake_net import FakeNet

HOST = "www.tinh-a.example"


def task(address: str, service: str | None = "https", **hints: str) -> EndpointTask:
    known = None if service is None else Service(name=service, port=443)
    endpoint = Endpoint(address=ip_address(address), port=443 if known else None, name=HOST)
    return EndpointTask(endpoint=endpoint, host=HOST, service=known, hints=hints)


async def test_ipv4_is_left_alone() -> None:
    fake = FakeNet()
    rec = Recorder(time.monotonic)
    await path_mtu(task("192.0.2.1", None), fake, rec)
    assert rec.steps == ()


async def test_echo_of_both_sizes() -> None:
    rec = Recorder(time.monotonic)
    await path_mtu(task("2001:db8::1", None), FakeNet(), rec)
    steps = [step for step in rec.steps if isinstance(step, EchoSeries)]
    assert [(step.payload_size + 48, step.sent) for step in steps] == [(1280, 5), (1500, 5)]
