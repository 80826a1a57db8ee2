"""Tests which questions a recursive resolver is asked, and which tasks ask nothing."""

from dataclasses import replace
from ipaddress import ip_address

import dns.flags
import dns.message
import dns.rcode
import pytest

from inventory.model import Endpoint, Service
from probes.framework.controls import Controls, ResolverNames
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.observations.dns import DnsExchange, NameLookup
from probes.resolver import resolver
from tests.unit.probes.fake_net import Asked, FakeNet

TASK = EndpointTask(
    endpoint=Endpoint(address=ip_address("2001:db8::53"), port=53),
    service=Service(name="dns", port=53),
    controls=Controls(
        names=ResolverNames(ordinary="a.vn", ipv6_only_zone="x.six.vn", aaaa_only="b.vn", roots=("a.root", "b.root"))
    ),
)


def answering() -> FakeNet:
    return FakeNet(answers={DnsExchange: lambda asked: {"response": b"something"}})


async def run(task: EndpointTask, net: FakeNet) -> Recorder:
    rec = Recorder(lambda: 0.0)
    await resolver(task, net, rec)
    return rec


async def test_every_control_name_is_asked_for_and_looked_up() -> None:
    rec = await run(TASK, answering())
    asked = [step for step in rec.steps if isinstance(step, DnsExchange)]
    assert all(step.recursion_desired for step in asked)
    assert [(step.qname, step.qtype, step.transport) for step in asked] == [
        ("a.vn", "AAAA", "udp"),
        ("a.vn", "AAAA", "tcp"),
        ("x.six.vn", "AAAA", "udp"),
        ("x.six.vn", "AAAA", "tcp"),
        ("x.six.vn", "TXT", "udp"),
        ("ipv4only.arpa", "AAAA", "udp"),
        ("b.vn", "AAAA", "udp"),
        ("a.root", "AAAA", "udp"),
        ("b.root", "AAAA", "udp"),
    ]
    looked = [(step.name, step.role) for step in rec.steps if isinstance(step, NameLookup)]
    assert looked[:2] == [("a.vn", "control-plain"), ("x.six.vn", "control-v6")]
    assert {role for _, role in looked[2:]} == {"control"}


@pytest.mark.parametrize("rcode", [dns.rcode.REFUSED, dns.rcode.SERVFAIL])
async def test_what_declines_is_asked_again_and_a_plain_name_once_more(
    rcode: dns.rcode.Rcode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load balancer in front of a resolver answers the rest of a burst so, a resolver without IPv6 each time."""
    monkeypatch.setattr("probes.resolver.BRIEFLY", (0.0, 0.0))

    def without_ipv6(asked: Asked) -> Asked:
        said = dns.message.Message(id=1)
        said.flags |= dns.flags.QR
        said.set_rcode(rcode if asked["qname"] == "x.six.vn" else dns.rcode.NOERROR)
        return {"response": said.to_wire()}

    rec = await run(TASK, FakeNet(answers={DnsExchange: without_ipv6}))
    asked = [(step.qname, step.transport) for step in rec.steps if isinstance(step, DnsExchange)]
    assert asked[:9] == [
        *[("a.vn", "udp"), ("a.vn", "tcp")],
        *[("x.six.vn", "udp")] * 3,
        *[("x.six.vn", "tcp")] * 3,
        ("a.vn", "udp"),
    ]


async def test_one_that_does_not_answer_is_left_in_peace() -> None:
    rec = await run(TASK, FakeNet())
    assert len([step for step in rec.steps if isinstance(step, DnsExchange)]) == 1


async def test_without_configured_names_one_is_known_all_the_same() -> None:
    rec = await run(replace(TASK, controls=Controls(names=ResolverNames(roots=("a.root",)))), answering())
    looked = [(step.name, step.role) for step in rec.steps if isinstance(step, NameLookup)]
    assert looked == [("ipv4only.arpa", "control-plain"), ("a.root", "control")]


async def test_name_servers_and_unplanned_endpoints_are_asked_nothing() -> None:
    for task in (replace(TASK, zone="a.vn"), replace(TASK, controls=None)):
        assert not (await run(task, answering())).steps
