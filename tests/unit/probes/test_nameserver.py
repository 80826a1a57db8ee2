"""Tests that each probe of name servers asks one question."""

from ipaddress import ip_address

import dns.flags
import dns.message
import dns.rcode
import pytest

from inventory.model import Endpoint, Service
from probes.framework.recorder import Recorder
from probes.framework.registry import EndpointProbeFn
from probes.framework.tasks import EndpointTask
from probes.nameserver import nameserver, nameserver_tcp
from probes.net.dns.declining import CALM
from probes.observations.dns import DnsExchange
from probes.recursion import recursion
from probes.stranger_recursion import stranger_recursion
from probes.zone_transfer import zone_transfer
from tests.unit.probes.fake_net import Asked, FakeNet


async def test_a_name_server_is_asked_for_the_soa() -> None:
    endpoint = Endpoint(address=ip_address("2001:db8::53"), port=53, name="ns1.a.vn")
    rec = Recorder(lambda: 0.0)
    await nameserver(EndpointTask(endpoint=endpoint, service=Service(name="dns", port=53), zone="a.vn"), FakeNet(), rec)
    (exchange,) = rec.steps
    assert isinstance(exchange, DnsExchange)
    assert (exchange.qname, exchange.qtype, exchange.recursion_desired, exchange.transport) == (
        "a.vn",
        "SOA",
        False,
        "udp",
    )
    await nameserver(EndpointTask(endpoint=endpoint), FakeNet(), rec)
    assert len(rec.steps) == 1


@pytest.mark.parametrize("probe", [nameserver, nameserver_tcp])
async def test_a_name_server_that_refuses_edns_is_asked_without_it(probe: EndpointProbeFn) -> None:
    def old(asked: Asked) -> Asked:
        """Answer as a server from before EDNS does, which repeats nothing of a question that it cannot read."""
        said = dns.message.Message(id=1)
        said.flags |= dns.flags.QR
        said.set_rcode(dns.rcode.FORMERR if asked["edns_size"] else dns.rcode.NOERROR)
        return {"response": said.to_wire()}

    rec = Recorder(lambda: 0.0)
    endpoint = Endpoint(address=ip_address("2001:db8::53"), port=53, name="ns1.a.vn")
    await probe(EndpointTask(endpoint=endpoint, zone="a.vn"), FakeNet(answers={DnsExchange: old}), rec)
    assert [step.edns_size for step in rec.steps if isinstance(step, DnsExchange)] == [1232, 0]


@pytest.mark.parametrize("probe", [nameserver, nameserver_tcp])
@pytest.mark.parametrize("rcode", [dns.rcode.REFUSED, dns.rcode.SERVFAIL])
@pytest.mark.parametrize(("times", "asked_in_all"), [(0, 1), (1, 2), (5, 6), (9, 7)])
async def test_a_name_server_that_declines_is_asked_again_a_moment_later(
    probe: EndpointProbeFn, rcode: dns.rcode.Rcode, times: int, asked_in_all: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rate limit refuses the rest of a burst; a server without the zone refuses the question each time."""
    monkeypatch.setattr("probes.net.dns.declining.CALM", (0.0,) * len(CALM))
    declined = 0

    def limit(_: Asked) -> Asked:
        nonlocal declined
        said = dns.message.Message(id=1)
        said.flags |= dns.flags.QR
        if declined < times:
            declined += 1
            said.set_rcode(rcode)
        return {"response": said.to_wire()}

    rec = Recorder(lambda: 0.0)
    endpoint = Endpoint(address=ip_address("2001:db8::53"), port=53, name="ns1.a.vn")
    await probe(EndpointTask(endpoint=endpoint, zone="a.vn"), FakeNet(answers={DnsExchange: limit}), rec)
    sizes = [step.edns_size for step in rec.steps if isinstance(step, DnsExchange)]
    assert sizes == [1232] * asked_in_all


@pytest.mark.parametrize("probe", [recursion, stranger_recursion])
@pytest.mark.parametrize(
    ("flags", "rcode", "transports"),
    [
        ("TC", "NOERROR", ["udp", "tcp"]),
        ("TC RA", "NOERROR", ["udp", "tcp"]),
        ("RA", "NOERROR", ["udp"]),
        ("TC", "REFUSED", ["udp"]),
    ],
)
async def test_a_stranger_asks_over_tcp_where_the_answer_only_sends_there(
    probe: EndpointProbeFn, flags: str, rcode: str, transports: list[str]
) -> None:
    def slip(_: Asked) -> Asked:
        said = dns.message.Message(id=1)
        said.flags |= dns.flags.QR | dns.flags.from_text(flags)
        said.set_rcode(dns.rcode.from_text(rcode))
        return {"response": said.to_wire()}

    rec = Recorder(lambda: 0.0)
    endpoint = Endpoint(address=ip_address("2001:db8::53"), port=53, name="ns1.a.vn")
    await probe(EndpointTask(endpoint=endpoint, zone="a.vn"), FakeNet(answers={DnsExchange: slip}), rec)
    asked = [step for step in rec.steps if isinstance(step, DnsExchange)]
    assert [step.transport for step in asked] == transports
    assert {(step.qname, step.qtype, step.recursion_desired) for step in asked} == {("ipv4only.arpa", "A", True)}


@pytest.mark.parametrize(
    ("probe", "asked"),
    [
        (nameserver_tcp, ("a.vn", "SOA", False, "tcp")),
        (zone_transfer, ("a.vn", "AXFR", False, "tcp")),
        (recursion, ("ipv4only.arpa", "A", True, "udp")),
    ],
)
async def test_a_name_server_is_asked_one_question(probe: EndpointProbeFn, asked: tuple[object, ...]) -> None:
    endpoint = Endpoint(address=ip_address("2001:db8::53"), port=53, name="ns1.a.vn")
    rec = Recorder(lambda: 0.0)
    await probe(EndpointTask(endpoint=endpoint, service=Service(name="dns", port=53), zone="a.vn"), FakeNet(), rec)
    (exchange,) = rec.steps
    assert isinstance(exchange, DnsExchange)
    assert (exchange.qname, exchange.qtype, exchange.recursion_desired, exchange.transport) == asked
    await probe(EndpointTask(endpoint=endpoint, service=Service(name="dns", port=53)), FakeNet(), rec)
    assert len(rec.steps) == 1
