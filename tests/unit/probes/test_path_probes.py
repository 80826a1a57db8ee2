"""What the probes of the path ask for, and when they stop."""

import time
from ipaddress import ip_address

import pytest

from inventory.model import Endpoint, Service
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.icmp_errors import KNOCKS, icmp_errors
from probes.next_header import next_header
from probes.observations.path import CraftedExchange
from probes.observations.transport import EchoSeries, TcpConnect, UdpKnock
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


async def test_a_closed_port_that_refuses_is_knocked_at_once() -> None:
    rec = Recorder(time.monotonic)
    await icmp_errors(task("2001:db8::1", None), FakeNet(), rec)
    assert [type(step) for step in rec.steps] == [TcpConnect, UdpKnock]


async def test_silence_is_knocked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    silence = Failure(kind=FailureKind.TIMEOUT)

    async def knock(_: FakeNet, rec: Recorder, endpoint: Endpoint) -> UdpKnock:
        step = UdpKnock(address=endpoint.address, port=endpoint.port or 0, failure=silence)
        return rec.record(step, t0=rec.now())

    monkeypatch.setattr(FakeNet, "knock", knock)
    rec = Recorder(time.monotonic)
    await icmp_errors(task("192.0.2.1", None), FakeNet(), rec)
    assert len([step for step in rec.steps if isinstance(step, UdpKnock)]) == KNOCKS


async def test_an_unknown_next_header_is_for_ipv6() -> None:
    for address, asked in (("192.0.2.1", []), ("2001:db8::1", ["next-header"])):
        rec = Recorder(time.monotonic)
        await next_header(task(address, None), FakeNet(), rec)
        assert [step.form for step in rec.steps if isinstance(step, CraftedExchange)] == asked
