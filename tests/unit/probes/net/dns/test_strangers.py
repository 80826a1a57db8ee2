"""Tests that a stranger's question goes over TCP where a rate limit sends it, and nowhere else."""

from ipaddress import ip_address

import pytest

from inventory.model import Endpoint
from probes.framework.recorder import Recorder
from probes.net.dns.strangers import ask_as_stranger
from probes.observations.dns import DnsExchange
from tests.unit.probes.fake_net import FakeNet

HEAD = b"\0\1"
COUNTS = b"\0\0\0\0\0\0\0\0"


@pytest.mark.parametrize(
    ("response", "transports"),
    [
        (HEAD + b"\x82\0" + COUNTS, ["udp", "tcp"]),
        (HEAD + b"\x80\0" + COUNTS, ["udp"]),
        (HEAD + b"\x82\5" + COUNTS, ["udp"]),
        (HEAD + b"\x82\0" + b"\0\0\0\1\0\0\0\0", ["udp"]),
        (b"\x82", ["udp"]),
        (None, ["udp"]),
    ],
)
async def test_over_tcp_after_an_answer_that_only_sends_there(response: bytes | None, transports: list[str]) -> None:
    rec = Recorder(lambda: 0.0)
    net = FakeNet(answers={DnsExchange: lambda asked: {"response": response}})
    await ask_as_stranger(Endpoint(address=ip_address("2001:db8::53"), port=53), net, rec)
    assert [step.transport for step in rec.steps if isinstance(step, DnsExchange)] == transports
