"""Tests that the zone of a name is found, with its delegation in the parent and its own name servers."""

from collections.abc import Mapping
from ipaddress import ip_address

import dns.message
import dns.rrset
import pytest

from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion
from probes.observations.dns import Delegation
from tests.unit.probes.net.world import NO_ROUTE, TIMEOUT, World, response

ROOT = ("192.0.2.1 2001:db8::1", "vn. NS ns.vn.\nns.vn. A 192.0.2.2")
VN = ("192.0.2.2", "gov NS ns.gov\nns.gov A 192.0.2.3\nshop NS ns1.shop\nns1.shop A 192.0.2.6")
GOV = (
    "192.0.2.3",
    "a NS ns1.a\na NS ns2.a\na NS ns.other.vn.\nns1.a A 192.0.2.4\nns1.a AAAA 2001:db8::4\nns2.a A 192.0.2.5",
)
A = (
    "192.0.2.4 2001:db8::4 192.0.2.5",
    """@ NS ns1.a.gov.vn.
@ NS ns3.a.gov.vn.
ns1 A 192.0.2.4
www A 198.51.100.1
old CNAME www
deep.sub A 198.51.100.2
c NS ns1.a.gov.vn.""",
)
C = ("192.0.2.4 2001:db8::4 192.0.2.5", "@ NS ns1.a.gov.vn.\nwww A 198.51.100.3")
ZONES: Mapping[str, tuple[str, str]] = {".": ROOT, "vn.": VN, "gov.vn.": GOV, "a.gov.vn.": A, "c.a.gov.vn.": C}
PARENT_NS = ("ns.other.vn", "ns1.a.gov.vn", "ns2.a.gov.vn")
CHILD_NS = ("ns1.a.gov.vn", "ns3.a.gov.vn")


@pytest.fixture
def world() -> World:
    return World(ZONES)


@pytest.fixture
def rec() -> Recorder:
    return Recorder(lambda: 0.0)


@pytest.mark.parametrize("name", ["a.gov.vn", "www.a.gov.vn", "deep.sub.a.gov.vn", "no.such.a.gov.vn", "old.a.gov.vn"])
@pytest.mark.parametrize("warm", [False, True])
async def test_the_zone_of_a_name(world: World, rec: Recorder, name: str, warm: bool) -> None:
    names = world.names()
    if warm:
        await names.lookup(rec, "www.a.gov.vn", "A", role="host")
    cut = await names.delegation(rec, name)
    assert cut == Delegation(
        zone="a.gov.vn",
        parent="gov.vn",
        parent_ns=PARENT_NS,
        child_ns=CHILD_NS,
        glue=(
            ("ns1.a.gov.vn", ip_address("192.0.2.4")),
            ("ns1.a.gov.vn", ip_address("2001:db8::4")),
            ("ns2.a.gov.vn", ip_address("192.0.2.5")),
        ),
    )
    assert rec.steps[-1] == cut


async def test_the_referral_is_never_remembered(world: World, rec: Recorder) -> None:
    names = world.names()
    assert (await names.delegation(rec, "a.gov.vn")).parent_ns == PARENT_NS

    def changed(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
        new = response(question)
        new.authority.append(dns.rrset.from_text("a.gov.vn.", 60, "IN", "NS", "ns1.a.gov.vn."))
        new.additional.append(dns.rrset.from_text("ns1.a.gov.vn.", 60, "IN", "A", "192.0.2.4"))
        return new

    world.tamper("192.0.2.3", changed)
    assert (await names.delegation(rec, "a.gov.vn")).parent_ns == ("ns1.a.gov.vn",)
    assert (await names.delegation(rec, "www.a.gov.vn")).parent_ns == ("ns1.a.gov.vn",)


async def test_parent_and_child_on_the_same_servers(world: World, rec: Recorder) -> None:
    for name in ("c.a.gov.vn", "www.c.a.gov.vn"):
        cut = await world.names().delegation(rec, name)
        assert (cut.zone, cut.parent, cut.shared, cut.failure) == ("c.a.gov.vn", "a.gov.vn", True, None)
        assert (cut.parent_ns, cut.child_ns) == ((), ("ns1.a.gov.vn",))


async def test_a_delegation_to_nobody(world: World, rec: Recorder) -> None:
    for name in ("shop.vn", "www.shop.vn"):
        cut = await world.names().delegation(rec, name)
        assert (cut.zone, cut.parent, cut.failure) == ("shop.vn", "vn", None)
        assert (cut.parent_ns, cut.child_ns) == (("ns1.shop.vn",), ())


async def test_a_delegation_to_nobody_that_was_met_before(world: World, rec: Recorder) -> None:
    names = world.names()
    await names.lookup(rec, "www.shop.vn", "A", role="host")
    cut = await names.delegation(rec, "www.shop.vn")
    assert (cut.zone, cut.parent_ns, cut.child_ns, cut.failure) == ("shop.vn", ("ns1.shop.vn",), (), None)


async def test_a_name_that_is_in_no_zone_of_anybody(world: World, rec: Recorder) -> None:
    cut = await world.names().delegation(rec, "host.invalid")
    assert cut.failure is not None
    assert cut.failure.kind is FailureKind.NAME_ERROR
    assert cut.zone == "host.invalid"


async def test_a_top_level_domain(world: World, rec: Recorder) -> None:
    cut = await world.names().delegation(rec, "vn")
    assert (cut.zone, cut.parent, cut.parent_ns, cut.failure) == ("vn", ".", ("ns.vn",), None)


async def test_referrals_in_the_answer_section(world: World, rec: Recorder) -> None:
    """Some servers answer a question for NS at a cut with the NS set itself, without AA."""

    def answers(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
        if question.rtype == "NS" and message.authority and not message.answer:
            message.answer, message.authority = message.authority, []
        return message

    world.tamper("192.0.2.3", answers)
    cut = await world.names().delegation(rec, "a.gov.vn")
    assert (cut.parent_ns, cut.child_ns, cut.parent) == (PARENT_NS, CHILD_NS, "gov.vn")


async def test_delegation_of_a_blocked_vantage_fails(world: World, rec: Recorder) -> None:
    world.dead("192.0.2.1")
    world.dead("2001:db8::1", NO_ROUTE)
    cut = await world.names().delegation(rec, "a.gov.vn")
    assert (cut.zone, cut.parent, cut.failure) == ("a.gov.vn", "", TIMEOUT)


async def test_one_family_alone(world: World, rec: Recorder) -> None:
    cut = await world.names().delegation(rec, "a.gov.vn", families=frozenset({4}))
    assert cut.child_ns == CHILD_NS
    assert all(":" not in asked.server for asked in world.asked)
    six = await world.names().delegation(rec, "a.gov.vn", families=frozenset({6}))
    assert (six.zone, six.parent, six.parent_ns, six.child_ns) == ("vn", ".", ("ns.vn",), ())
