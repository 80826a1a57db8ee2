"""Tests the sizes in which large answers are asked for, and what is asked again."""

from ipaddress import ip_address

import pytest

from inventory.model import Endpoint, Service
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.large_response import large_response
from probes.observations.dns import DnsExchange
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.name_server import TASK, losing


async def test_large_answers_are_asked_for_by_size() -> None:
    endpoint = Endpoint(address=ip_address("2001:db8::53"), port=53, name="ns1.a.vn")
    rec = Recorder(lambda: 0.0)
    task = EndpointTask(endpoint=endpoint, service=Service(name="dns", port=53), zone="a.vn")
    await large_response(task, FakeNet(), rec)
    sizes = [(step.qtype, step.edns_size, step.transport) for step in rec.steps if isinstance(step, DnsExchange)]
    assert sizes == [("DNSKEY", size, "udp") for size in (1232, 512, 4096, 0)]


@pytest.mark.parametrize(
    ("lost", "asked"),
    [
        ((), [1232, 512, 4096, 0]),
        ((2,), [1232, 512, 4096, 0, 4096]),
        ((1, 3), [1232, 512, 4096, 0, 512, 0]),
        ((0,), [1232, 1232, 512, 4096, 0]),
        ((0, 1), [1232, 1232]),
    ],
)
async def test_sizes_that_were_not_answered_are_asked_again(lost: tuple[int, ...], asked: list[int]) -> None:
    rec = Recorder(lambda: 0.0)
    await large_response(TASK, losing(lost), rec)
    assert [step.edns_size for step in rec.steps if isinstance(step, DnsExchange)] == asked
