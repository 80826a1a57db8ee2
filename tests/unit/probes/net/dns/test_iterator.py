"""Tests iteration over a scripted internet: delegations, aliases, denials, and servers that lie or stay silent."""

import asyncio
from collections.abc import Mapping

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion
from probes.net.dns.iterator import Iterator
from probes.net.dns.state import EXCHANGES
from probes.observations.dns import DnsExchange, LookupStatus, NameLookup
from tests.unit.probes.net.world import NO_ROUTE, TIMEOUT, World, response

ROOT = (
    "192.0.2.1 2001:db8::1",
    "vn. NS ns.vn.\nns.vn. A 192.0.2.2\nns.vn. AAAA 2001:db8::2\norg. NS ns.org.\nns.org. A 192.0.2.9",
)
VN = (
    "192.0.2.2 2001:db8::2",
    "gov NS ns.gov\nns.gov A 192.0.2.3\nns.gov AAAA 2001:db8::3\nx NS ns.x\nns.x A 192.0.2.6",
)
GOV = ("192.0.2.3 2001:db8::3", "a NS ns1.a\na NS ns2.a\nns1.a A 192.0.2.4\nns2.a AAAA 2001:db8::4\nwww A 198.51.100.9")
A = (
    "192.0.2.4 2001:db8::4",
    """@ NS ns1.a.gov.vn.
@ NS ns2.a.gov.vn.
@ MX 20 mx2
@ MX 10 mx1
ns1 A 192.0.2.4
ns2 AAAA 2001:db8::4
www A 198.51.100.1
www A 198.51.100.2
www AAAA 2001:db8:f::1
empty.ent A 198.51.100.3
old CNAME www
far CNAME www.b.org.
dead CNAME nothing
tree DNAME b.org.
loop CNAME loop2
loop2 CNAME loop
self CNAME self""",
)
ORG = ("192.0.2.9", "b NS ns.b\nns.b A 192.0.2.10")
B = ("192.0.2.10", "www AAAA 2001:db8:b::1\nback CNAME pong.a.gov.vn.")
ZONES: Mapping[str, tuple[str, str]] = {".": ROOT, "vn.": VN, "gov.vn.": GOV, "a.gov.vn.": A, "org.": ORG, "b.org.": B}


@pytest.fixture
def world() -> World:
    return World(ZONES)


@pytest.fixture
def rec() -> Recorder:
    return Recorder(lambda: 0.0)


async def look(names: Iterator, rec: Recorder, name: str, rtype: str = "A") -> NameLookup:
    return await names.lookup(rec, name, rtype, role="host")


@pytest.mark.parametrize("seed", range(20))
async def test_the_way_down(world: World, rec: Recorder, seed: int) -> None:
    name_lookup = await look(world.names(seed=seed), rec, "www.a.gov.vn")
    assert name_lookup.status is LookupStatus.ANSWER
    assert name_lookup.records == ("198.51.100.1", "198.51.100.2")
    assert (name_lookup.zone, name_lookup.chain, name_lookup.via, name_lookup.failure) == (
        "a.gov.vn",
        (),
        "iterative",
        None,
    )
    assert len(world.asked) == 4
    assert not any(asked.recursion for asked in world.asked)
    assert [type(step) for step in rec.steps] == [DnsExchange] * 4 + [NameLookup]


async def test_names_are_taken_as_written(world: World, rec: Recorder) -> None:
    name_lookup = await look(world.names(), rec, "WWW.A.gov.vn.", "AAAA")
    assert (name_lookup.name, name_lookup.records) == ("www.a.gov.vn", ("2001:db8:f::1",))


async def test_mx_come_by_preference(world: World, rec: Recorder) -> None:
    name_lookup = await look(world.names(), rec, "a.gov.vn", "MX")
    assert name_lookup.records == ("10 mx1.a.gov.vn", "20 mx2.a.gov.vn")


@pytest.mark.parametrize(
    ("name", "status", "zone"),
    [
        ("www.a.gov.vn", LookupStatus.NO_DATA, "a.gov.vn"),
        ("ent.a.gov.vn", LookupStatus.NO_DATA, "a.gov.vn"),
        ("none.a.gov.vn", LookupStatus.NO_SUCH_NAME, "a.gov.vn"),
        ("none.gov.vn", LookupStatus.NO_SUCH_NAME, "gov.vn"),
        ("example.invalid", LookupStatus.NO_SUCH_NAME, "."),
    ],
)
async def test_denial_names_its_status_and_zone(
    world: World, rec: Recorder, name: str, status: LookupStatus, zone: str
) -> None:
    name_lookup = await look(world.names(), rec, name, "TXT")
    assert (name_lookup.status, name_lookup.zone, name_lookup.records, name_lookup.failure) == (status, zone, (), None)


@pytest.mark.parametrize(
    ("name", "chain", "records"),
    [
        ("old.a.gov.vn", ("www.a.gov.vn",), ("2001:db8:f::1",)),
        ("far.a.gov.vn", ("www.b.org",), ("2001:db8:b::1",)),
        ("www.tree.a.gov.vn", ("www.b.org",), ("2001:db8:b::1",)),
    ],
)
async def test_alias_is_followed_to_its_records(
    world: World, rec: Recorder, name: str, chain: tuple[str, ...], records: tuple[str, ...]
) -> None:
    name_lookup = await look(world.names(), rec, name, "AAAA")
    assert (name_lookup.status, name_lookup.chain, name_lookup.records) == (LookupStatus.ANSWER, chain, records)


async def test_an_alias_of_nothing(world: World, rec: Recorder) -> None:
    name_lookup = await look(world.names(), rec, "dead.a.gov.vn")
    assert (name_lookup.status, name_lookup.chain) == (LookupStatus.NO_DATA, ("nothing.a.gov.vn",))


@pytest.mark.parametrize("name", ["loop.a.gov.vn", "self.a.gov.vn"])
async def test_alias_loops_within_a_zone(world: World, rec: Recorder, name: str) -> None:
    name_lookup = await look(world.names(), rec, name)
    assert name_lookup.status is LookupStatus.NO_ANSWER
    assert name_lookup.failure is not None
    assert name_lookup.failure.kind is FailureKind.PROTOCOL


async def test_alias_loops_across_zones(rec: Recorder) -> None:
    zones = {**ZONES, "a.gov.vn.": (A[0], "ping CNAME back.b.org.\npong CNAME ping")}
    world = World(zones)
    name_lookup = await look(world.names(), rec, "ping.a.gov.vn")
    assert name_lookup.status is LookupStatus.NO_ANSWER
    assert name_lookup.failure is not None
    assert "alias" in name_lookup.failure.detail
    assert len(world.asked) < 20


async def test_a_long_chain_of_aliases(rec: Recorder) -> None:
    chain = "\n".join(f"c{number} CNAME c{number + 1}" for number in range(30))
    world = World({**ZONES, "a.gov.vn.": (A[0], chain + "\nc30 A 192.0.2.30")})
    assert (await look(world.names(), rec, "c23.a.gov.vn")).records == ("192.0.2.30",)
    failed = await look(world.names(), rec, "c0.a.gov.vn")
    assert failed.failure is not None
    assert failed.failure.kind is FailureKind.PROTOCOL


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("failure", [TIMEOUT, NO_ROUTE])
async def test_one_dead_family_changes_nothing(world: World, rec: Recorder, seed: int, failure: Failure) -> None:
    world.dead("2001:db8::1 2001:db8::2 2001:db8::3 2001:db8::4", failure)
    name_lookup = await look(world.names(seed=seed), rec, "www.a.gov.vn")
    assert (name_lookup.status, name_lookup.failure) == (LookupStatus.ANSWER, None)


async def test_one_family_alone(world: World, rec: Recorder) -> None:
    names = world.names()
    six = await names.lookup(rec, "www.a.gov.vn", "A", role="host", families=frozenset({6}))
    assert six.status is LookupStatus.ANSWER
    assert all(":" in asked.server for asked in world.asked)
    six = await names.lookup(rec, "www.x.vn", "A", role="host", families=frozenset({6}))
    assert six.status is LookupStatus.NO_ANSWER
    assert all(":" in asked.server for asked in world.asked)


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED])
@pytest.mark.parametrize("seed", range(5))
async def test_a_failing_server_is_passed_over(world: World, rec: Recorder, seed: int, rcode: dns.rcode.Rcode) -> None:
    def broken(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
        refused = response(question)
        refused.set_rcode(rcode)
        return refused

    world.tamper("192.0.2.4", broken)
    assert (await look(world.names(seed=seed), rec, "www.a.gov.vn")).status is LookupStatus.ANSWER
    world.tamper("2001:db8::4", broken)
    failed = await look(world.names(seed=seed), rec, "www.a.gov.vn")
    assert failed.status is LookupStatus.NO_ANSWER
    assert failed.failure == Failure(kind=FailureKind.NAME_ERROR, detail=dns.rcode.to_text(rcode))


def upward(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
    lame = response(question)
    lame.authority.append(dns.rrset.from_text(".", 60, "IN", "NS", "a.root."))
    return lame


def sideways(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
    lame = response(question)
    lame.authority.append(dns.rrset.from_text("other.gov.vn.", 60, "IN", "NS", "ns.evil."))
    return lame


def past_the_name(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
    lame = response(question)
    lame.authority.append(dns.rrset.from_text("other.a.gov.vn.", 60, "IN", "NS", "ns.evil."))
    return lame


def to_itself(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
    lame = response(question)
    lame.authority.append(dns.rrset.from_text("a.gov.vn.", 60, "IN", "NS", "ns1.a.gov.vn."))
    return lame


def without_aa(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
    message.flags &= ~dns.flags.AA
    message.flags |= dns.flags.RA
    return message


def unmarked(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
    message.flags &= ~dns.flags.AA
    return message


def garbage(message: dns.message.Message, question: DnsQuestion, transport: str) -> bytes:
    return message.to_wire()[:25] + b"\xff" * 40


def empty(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
    bare = response(question)
    bare.flags |= dns.flags.AA
    return bare


def denies_without_soa(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
    bare = empty(message, question, transport)
    bare.set_rcode(dns.rcode.NXDOMAIN)
    return bare


def denies_with_foreign_soa(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
    bare = denies_without_soa(message, question, transport)
    bare.authority.append(dns.rrset.from_text("vn.", 60, "IN", "SOA", "a. b. 1 2 3 4 5"))
    return bare


@pytest.mark.parametrize(
    ("lie", "status"),
    [(unmarked, LookupStatus.ANSWER), (empty, LookupStatus.NO_DATA), (denies_without_soa, LookupStatus.NO_SUCH_NAME)],
)
@pytest.mark.parametrize("seed", range(4))
async def test_what_resolvers_take_of_sloppy_servers_is_taken_with_a_mark(
    world: World, rec: Recorder, seed: int, lie: object, status: LookupStatus
) -> None:
    for address in ("192.0.2.4", "2001:db8::4"):
        world.tamper(address, lie)  # type: ignore[arg-type]  # each is a Tamper
    name_lookup = await look(world.names(seed=seed), rec, "www.a.gov.vn")
    assert (name_lookup.status, name_lookup.loose) == (status, True)


async def test_a_bare_denial_of_one_server_is_passed_over(world: World, rec: Recorder) -> None:
    world.tamper("192.0.2.4", empty)
    name_lookup = await look(world.names(), rec, "www.a.gov.vn")
    assert (name_lookup.status, name_lookup.loose) == (LookupStatus.ANSWER, False)


@pytest.mark.parametrize(
    "lie", [upward, sideways, past_the_name, to_itself, without_aa, garbage, denies_with_foreign_soa]
)
@pytest.mark.parametrize("seed", range(4))
async def test_lame_servers_are_passed_over_and_named(world: World, rec: Recorder, seed: int, lie: object) -> None:
    world.tamper("192.0.2.4", lie)  # type: ignore[arg-type]  # each is a Tamper
    assert (await look(world.names(seed=seed), rec, "www.a.gov.vn")).status is LookupStatus.ANSWER
    world.tamper("2001:db8::4", lie)  # type: ignore[arg-type]
    failed = await look(world.names(seed=seed), rec, "www.a.gov.vn")
    assert failed.status is LookupStatus.NO_ANSWER
    assert failed.failure is not None
    assert failed.failure.kind in {FailureKind.NAME_ERROR, FailureKind.PROTOCOL}
    assert failed.records == ()


async def test_a_silent_zone_is_a_timeout_and_asked_again(world: World, rec: Recorder) -> None:
    world.dead("192.0.2.4 2001:db8::4")
    failed = await look(world.names(), rec, "www.a.gov.vn")
    assert failed.failure is not None
    assert failed.failure.kind is FailureKind.TIMEOUT
    assert [asked.server for asked in world.asked].count("192.0.2.4") == 2


async def test_a_lost_answer_is_asked_for_again(world: World, rec: Recorder) -> None:
    left = {"192.0.2.4": 1, "2001:db8::4": 1}

    def flaky(address: str) -> None:
        def lose(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message | Failure:
            left[address] -= 1
            return message if left[address] < 0 else TIMEOUT

        world.tamper(address, lose)

    flaky("192.0.2.4")
    flaky("2001:db8::4")
    assert (await look(world.names(), rec, "www.a.gov.vn")).status is LookupStatus.ANSWER


async def test_truncated_answers_are_fetched_over_tcp(world: World, rec: Recorder) -> None:
    def cut(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
        if transport == "tcp":
            return message
        short = response(question)
        short.flags |= dns.flags.TC | dns.flags.AA
        return short

    world.tamper("192.0.2.4 2001:db8::4", cut)
    name_lookup = await look(world.names(), rec, "www.a.gov.vn")
    assert name_lookup.status is LookupStatus.ANSWER
    assert [asked.transport for asked in world.asked] == ["udp", "udp", "udp", "udp", "tcp"]


@pytest.mark.parametrize("rcode", [dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS])
async def test_servers_that_refuse_edns_are_asked_without(world: World, rec: Recorder, rcode: dns.rcode.Rcode) -> None:
    def old(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
        if not question.edns_size:
            return message
        refused = response(question)
        refused.set_rcode(rcode)
        return refused

    world.tamper("192.0.2.4 2001:db8::4", old)
    assert (await look(world.names(), rec, "www.a.gov.vn")).status is LookupStatus.ANSWER
    assert [asked.edns_size for asked in world.asked][-2:] == [1232, 0]


async def test_glue_from_outside_the_parent_is_not_believed(rec: Recorder) -> None:
    """The servers of x.vn are named below org; the address that vn hands out for them is a trap."""
    vn = (VN[0], "x NS ns.b.org.")
    b = ("192.0.2.10", "ns A 192.0.2.20")
    world = World({**ZONES, "vn.": vn, "b.org.": b, "x.vn.": ("192.0.2.20", "www A 198.51.100.7")})

    def poisoned(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
        message.additional.append(dns.rrset.from_text("ns.b.org.", 60, "IN", "A", "203.0.113.66"))
        return message

    world.tamper("192.0.2.2 2001:db8::2", poisoned)
    name_lookup = await look(world.names(), rec, "www.x.vn")
    assert name_lookup.records == ("198.51.100.7",)
    assert "203.0.113.66" not in {asked.server for asked in world.asked}
    assert {asked.because for asked in world.asked} == {None, "address of ns.b.org for x.vn"}


async def test_records_from_outside_the_zone_are_not_believed(rec: Recorder) -> None:
    """A server of a.gov.vn adds an answer for b.org, where its alias leads."""
    world = World(ZONES)

    def poisoned(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
        message.answer.append(dns.rrset.from_text("www.b.org.", 60, "IN", "AAAA", "2001:db8:bad::1"))
        return message

    world.tamper("192.0.2.4 2001:db8::4", poisoned)
    name_lookup = await look(world.names(), rec, "far.a.gov.vn", "AAAA")
    assert name_lookup.records == ("2001:db8:b::1",)


async def test_servers_that_need_each_other(rec: Recorder) -> None:
    """The only servers of each of two zones have names in the other, without glue: the lookup ends soon."""
    vn = (VN[0], "p NS ns.q.vn.\nq NS ns.p.vn.")
    world = World({**ZONES, "vn.": vn})
    name_lookup = await look(world.names(), rec, "www.p.vn")
    assert name_lookup.status is LookupStatus.NO_ANSWER
    assert name_lookup.failure is not None
    assert name_lookup.failure.kind is FailureKind.NAME_ERROR
    assert len(world.asked) <= 10


async def test_server_names_that_are_aliases_are_not_followed(rec: Recorder) -> None:
    b = ("192.0.2.10", "ns CNAME real\nreal A 192.0.2.20")
    world = World(
        {**ZONES, "vn.": (VN[0], "x NS ns.b.org."), "b.org.": b, "x.vn.": ("192.0.2.20", "www A 198.51.100.7")}
    )
    name_lookup = await look(world.names(), rec, "www.x.vn")
    assert name_lookup.status is LookupStatus.NO_ANSWER
    assert "192.0.2.20" not in {asked.server for asked in world.asked}


async def test_a_zone_that_names_itself_without_glue(rec: Recorder) -> None:
    world = World({**ZONES, "vn.": (VN[0], "p NS ns.p.vn.")})
    name_lookup = await look(world.names(), rec, "www.p.vn")
    assert name_lookup.status is LookupStatus.NO_ANSWER
    assert len(world.asked) == 2


async def test_delegations_made_to_make_us_ask(rec: Recorder) -> None:
    """NXNSAttack: many server names without address, each in a zone that delegates to many more."""
    vn = "\n".join(f"evil NS ns{n}.z{n}.org." for n in range(40))
    org = "\n".join(f"z{n} NS n{m}.y{m}x{n}.org." for n in range(40) for m in range(40))
    world = World({**ZONES, "vn.": (VN[0], vn), "org.": (ORG[0], org)})
    name_lookup = await look(world.names(), rec, "www.evil.vn")
    assert name_lookup.status is LookupStatus.NO_ANSWER
    assert len(world.asked) <= EXCHANGES


async def test_the_budget_ends_a_lookup(rec: Recorder) -> None:
    """Dead servers behind names that must be looked up, level after level."""
    vn = "\n".join(f"evil NS ns{n}.z{n}.org." for n in range(40))
    org = "\n".join(f"z{n} NS s{n}\ns{n} A 203.0.113.{n + 1}" for n in range(40))
    world = World({**ZONES, "vn.": (VN[0], vn), "org.": (ORG[0], org)})
    name_lookup = await look(world.names(), rec, "www.evil.vn")
    assert name_lookup.status is LookupStatus.NO_ANSWER
    assert len(world.asked) <= EXCHANGES


async def test_at_most_ten_addresses_of_a_zone(rec: Recorder) -> None:
    vn = "\n".join(f"big NS ns{n}.big\nns{n}.big A 203.0.113.{n + 1}" for n in range(30))
    world = World({**ZONES, "vn.": (VN[0], vn)})
    name_lookup = await look(world.names(), rec, "www.big.vn")
    assert name_lookup.failure is not None
    assert name_lookup.failure.kind is FailureKind.TIMEOUT
    assert len({asked.server for asked in world.asked if asked.server.startswith("203.")}) == 10


async def test_the_way_is_remembered_and_the_answer_is_not(world: World, rec: Recorder) -> None:
    names = world.names()
    await look(names, rec, "www.a.gov.vn")
    before = len(world.asked)
    await look(names, rec, "www.a.gov.vn")
    assert [asked.server in {"192.0.2.4", "2001:db8::4"} for asked in world.asked[before:]] == [True]
    world.now += 3_600
    before = len(world.asked)
    await look(names, rec, "www.a.gov.vn")
    assert len(world.asked) - before == 4


async def test_lookups_at_once_share_the_way(world: World, rec: Recorder) -> None:
    names = world.names()
    wanted = [(f"n{number}.a.gov.vn", rtype, "host") for number in range(20) for rtype in ("A", "AAAA")]
    name_lookups = await names.lookup_many(rec, wanted)
    assert [(look.name, look.rtype) for look in name_lookups] == [(name, rtype) for name, rtype, _ in wanted]
    assert {look.status for look in name_lookups} == {LookupStatus.NO_SUCH_NAME}
    to_root = [asked for asked in world.asked if asked.server in {"192.0.2.1", "2001:db8::1"}]
    to_vn = [asked for asked in world.asked if asked.server in {"192.0.2.2", "2001:db8::2"}]
    assert (len(to_root), len(to_vn)) == (1, 1)


async def test_a_cancelled_leader_holds_nobody_up(world: World, rec: Recorder) -> None:
    names = world.names()
    gate = asyncio.Event()
    real = world.ask
    first = True

    async def slow(*args: object, **kwargs: object) -> DnsExchange:
        nonlocal first
        if first:
            first = False
            await gate.wait()
        return await real(*args, **kwargs)  # type: ignore[arg-type]  # handed on as it came

    names._descent._servers._ask = slow
    leader = asyncio.ensure_future(look(names, rec, "www.a.gov.vn"))
    await asyncio.sleep(0)
    assert not first
    follower = asyncio.ensure_future(look(names, Recorder(lambda: 0.0), "www.a.gov.vn", "AAAA"))
    await asyncio.sleep(0)
    leader.cancel()
    assert (await follower).status is LookupStatus.ANSWER
    with pytest.raises(asyncio.CancelledError):
        await leader
    cut = rec.steps[-1]
    assert isinstance(cut, NameLookup)
    assert cut.failure is not None
    assert cut.failure.kind is FailureKind.CUT_SHORT


@pytest.mark.parametrize("name", ["a..vn", "x" * 64 + ".vn", "tỉnh.vn", "a\\"])
async def test_what_is_no_name_is_not_asked_for(world: World, rec: Recorder, name: str) -> None:
    names = world.names()
    name_lookup = await look(names, rec, name)
    assert (name_lookup.status, name_lookup.failure is not None) == (LookupStatus.NO_ANSWER, True)
    cut = await names.delegation(rec, name)
    for failure in (name_lookup.failure, cut.failure):
        assert failure is not None
        assert failure.kind is FailureKind.NAME_ERROR
    assert world.asked == []


async def test_a_root_that_answers_wrongly_is_not_given_up(world: World, rec: Recorder) -> None:
    def refuses_one(message: dns.message.Message, question: DnsQuestion, transport: str) -> dns.message.Message:
        if question.name.startswith("odd"):
            message = response(question)
            message.set_rcode(dns.rcode.REFUSED)
        return message

    world.tamper("192.0.2.1 2001:db8::1", refuses_one)
    names = world.names()
    assert (await look(names, rec, "odd.a.gov.vn")).status is LookupStatus.NO_ANSWER
    assert (await look(names, rec, "www.a.gov.vn")).status is LookupStatus.ANSWER


class TestBlocked:
    """Tests lookups while the root does not answer."""

    @pytest.fixture(autouse=True)
    def _silence(self, world: World) -> None:
        world.dead("192.0.2.1")
        world.dead("2001:db8::1", NO_ROUTE)

    async def test_without_resolver(self, world: World, rec: Recorder) -> None:
        names = world.names()
        name_lookup = await look(names, rec, "www.a.gov.vn")
        assert (name_lookup.status, name_lookup.via) == (LookupStatus.NO_ANSWER, "iterative")
        assert name_lookup.failure == TIMEOUT
        before = len(world.asked)
        again = await look(names, rec, "www.a.gov.vn")
        assert again.failure == TIMEOUT
        assert len(world.asked) == before
        world.now += 120
        await look(names, rec, "www.a.gov.vn")
        assert len(world.asked) > before

    async def test_with_resolver(self, world: World, rec: Recorder) -> None:
        world.served["192.0.2.53"] = world.served["192.0.2.4"]
        world.tamper("192.0.2.53", without_aa)
        names = world.names(resolvers=("192.0.2.53",))
        name_lookup = await look(names, rec, "old.a.gov.vn")
        assert (name_lookup.status, name_lookup.via) == (LookupStatus.ANSWER, "resolver")
        assert (name_lookup.records, name_lookup.chain) == (("198.51.100.1", "198.51.100.2"), ("www.a.gov.vn",))
        assert world.asked[-1].recursion
        none = await look(names, rec, "none.a.gov.vn")
        assert (none.status, none.zone, none.via) == (LookupStatus.NO_SUCH_NAME, "a.gov.vn", "resolver")

    async def test_one_family_never_falls_back(self, world: World, rec: Recorder) -> None:
        names = world.names(resolvers=("192.0.2.53",))
        name_lookup = await names.lookup(rec, "www.a.gov.vn", "A", role="host", families=frozenset({6}))
        assert (name_lookup.status, name_lookup.failure) == (LookupStatus.NO_ANSWER, NO_ROUTE)

    async def test_the_delegation_is_what_the_resolver_knows(self, world: World, rec: Recorder) -> None:
        world.served["192.0.2.53"] = world.served["192.0.2.4"]
        names = world.names(resolvers=("192.0.2.53",))
        cut = await names.delegation(rec, "www.a.gov.vn")
        assert (cut.zone, cut.parent_ns, cut.child_ns) == ("a.gov.vn", (), ("ns1.a.gov.vn", "ns2.a.gov.vn"))
        assert cut.failure == TIMEOUT
