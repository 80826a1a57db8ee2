"""Tests the derivation of a vantage's abilities from its self-tests and answers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.facts.web_time import WebDates
from auditor.framework.address_owners import ANYWHERE, DeviceSites
from auditor.framework.check import Check, CheckScope, load
from auditor.framework.context import Context, Health, VantageHealth
from auditor.framework.findings import CheckId, Verdict
from auditor.framework.policy import default as default_policy
from auditor.judging.vantage import SELFTEST, WorkingControls, assess, unknown_health, vantage_subject
from inventory.model import IPAddress, Kind, Network, Subject, SubjectId
from probes.framework.evidence import Evidence, EvidenceSet, Failure, FailureKind, Observation
from probes.observations.dns import DnsExchange
from probes.observations.exposure import PortReply, PortSweep
from probes.observations.isolation import AnchorReach, ManagementReach
from probes.observations.mail import SmtpDialogue, SmtpReply, StartTls
from probes.observations.path import PmtudFlow, SegmentSeen
from probes.observations.snmp import SnmpAttempt, SnmpSession
from probes.observations.transport import EchoSeries, StampSeries, TcpConnect
from probes.observations.vantage import ClockStep, ControlAnswer, NtpAnswer, ResolverFact, VantageAddress
from probes.observations.web import HttpExchange
from tests.unit.auditor.contexts import A4, A6, B6, REFUSED, SITE, TIMEOUT, always, at, check, context, evidence

NETWORKS = frozenset({Network.INTERNET})
B4 = ip_address("203.0.113.7")
NO_ROUTE = Failure(kind=FailureKind.NO_ROUTE_HERE)
ROOT = ResolverFact(step="root", answered=True, authoritative=True)


def _family(version: int) -> Check:
    """Return a check of a family: GOOD if at least two of its anchors answered, SO_SO if one did, else BAD."""

    def run(subject: Subject, found: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
        answered = [s for _, s in found.of(ControlAnswer) if s.address.version == version and s.failure is None]
        yield Verdict(code="GOOD" if len(answered) > 1 else "SO_SO" if answered else "BAD")

    return check(run, name=f"meta.selftest.ipv{version}", scope=CheckScope.VANTAGE)


CHECKS = {
    CheckId("meta.selftest.ipv6"): _family(6),
    CheckId("meta.selftest.ipv4"): _family(4),
    CheckId("meta.selftest.resolver"): check(always(Verdict(code="GOOD")), scope=CheckScope.VANTAGE),
}


def anchor(address: IPAddress, failure: Failure | None = None, transport: str = "icmp") -> ControlAnswer:
    return ControlAnswer(address=address, transport=transport, failure=failure)


def selftest(minutes: float, *steps: Observation) -> Evidence:
    return replace(evidence(*steps, probe=SELFTEST, minutes=minutes), task=f"at {minutes:g}")


def add(controls: WorkingControls, piece: Evidence) -> None:
    controls.add(piece, piece.parts())


def blank() -> Context:
    return replace(context(), vantage=unknown_health("here", NETWORKS))


@pytest.mark.parametrize(("code", "right"), [("GOOD", True), ("SO_SO", True), ("LOST", True), ("BAD", False)])
def test_only_a_clock_shown_to_be_wrong_is_wrong(code: str, *, right: bool) -> None:
    clock = check(always(Verdict(code=code)), scope=CheckScope.VANTAGE)
    checks = {**CHECKS, CheckId("meta.selftest.clock"): clock}
    assert assess([selftest(0, ROOT)], checks, blank()).points[0].clock is right


def test_web_servers_show_a_clock_to_be_wrong_where_nobody_else_tells() -> None:
    checks = {**CHECKS, **{id_: found for id_, found in load().items() if id_ == "meta.selftest.clock"}}
    year = timedelta(days=365)
    dates = WebDates()
    for network in range(5):
        page = HttpExchange(
            address=ip_address(f"198.51.{network}.1"),
            port=80,
            url="http://www.example.vn/",
            headers=(("Date", format_datetime(at(0) + year, usegmt=True)),),
        )
        dates.add(evidence(page, probe="http"))
    right = tuple(NtpAnswer(server=A4, offset=0.0, synchronised=True) for _ in range(3))
    default = replace(blank(), vantage=replace(blank().vantage, web_time=dates.seen()), policy=default_policy())

    def clock(*steps: Observation) -> bool:
        test = selftest(0, ROOT, *steps)
        return assess([test], checks, default).clock(at(0))

    assert not clock()
    assert clock(*right)


def test_a_clock_that_was_set_between_two_self_tests_is_sure_of_no_time_between_interruptions() -> None:
    """A clock set between two self-tests makes times uncertain: the later test has the earlier time."""
    tests = [selftest(0, ROOT), selftest(-50, ROOT, ClockStep(seconds=-7_200.0)), selftest(-20, ROOT)]
    resumed = replace(selftest(600, ROOT), attempt=2)
    known = {**CHECKS, CheckId("meta.selftest.clock"): load()[CheckId("meta.selftest.clock")]}
    ctx = replace(blank(), policy=default_policy())
    seen = assess([*tests, resumed, replace(resumed, started=at(700))], known, ctx)
    assert not any(seen.clock(at(minutes)) for minutes in (-60, -30, -10, 5, 590))
    assert seen.clock(at(650))
    little = assess([selftest(0, ROOT), selftest(9, ROOT, ClockStep(seconds=9.0))], known, ctx)
    assert little.clock(at(5))


def test_a_family_that_failed_is_sick_at_all_times_that_a_clock_set_back_mixed_up() -> None:
    """The second self-test was made later but has an earlier time: IPv6 was gone at the end of the time before it."""
    good, bad = (anchor(A6), anchor(B6), anchor(A4), ROOT), (anchor(A6, TIMEOUT), anchor(A4), ROOT)
    tests = [selftest(0, *good), selftest(-50, *bad, ClockStep(seconds=-7_200.0)), selftest(-20, *good)]
    seen = assess(tests, CHECKS, blank())
    assert not any(seen.usable(6, at(minutes)) for minutes in (-60, -30, -10, 5))
    assert all(seen.usable(4, at(minutes)) for minutes in (-30, 5))
    forward = assess(
        [selftest(0, *good), selftest(50, *bad, ClockStep(seconds=7.0)), selftest(90, *good)], CHECKS, blank()
    )
    assert [forward.usable(6, at(minutes)) for minutes in (-5, 30, 70, 95)] == [True, False, False, True]


def test_each_self_test_is_a_point_of_its_own_in_order_of_time() -> None:
    tests = [
        selftest(60, anchor(A4), ROOT),
        selftest(0, anchor(A6), anchor(A4), ROOT),
        selftest(30, anchor(A6, TIMEOUT), anchor(A4)),
    ]
    health = assess(tests, CHECKS, blank())
    assert [(point.at, point.families, point.iterative, point.label) for point in health.points] == [
        (at(0), frozenset({4, 6}), True, "at 0"),
        (at(30), frozenset({4}), False, "at 30"),
        (at(60), frozenset({4}), True, "at 60"),
    ]
    assert (health.ipv4, health.ipv6, health.dns) == (Health.OK, Health.NONE, Health.OK)
    assert (health.name, health.networks) == ("here", NETWORKS)


@pytest.mark.parametrize(
    ("steps", "health"),
    [
        ([anchor(A6), VantageAddress(family=6, source=A6)], Health.OK),
        ([anchor(A6, TIMEOUT), VantageAddress(family=6, source=A6)], Health.IMPAIRED),
        ([anchor(A6, TIMEOUT), VantageAddress(family=6, failure=NO_ROUTE)], Health.NONE),
        ([anchor(A6, TIMEOUT), VantageAddress(family=4, source=A4)], Health.NONE),
    ],
)
def test_a_family_is_ok_impaired_or_none(steps: list[Observation], health: Health) -> None:
    assert assess([selftest(0, *steps)], CHECKS, blank()).ipv6 is health


@pytest.mark.parametrize(
    ("fact", "iterative"),
    [
        (ROOT, True),
        (replace(ROOT, authoritative=False), False),  # a device in between answered
        (replace(ROOT, answered=False), False),
        (replace(ROOT, step="signed"), False),
    ],
)
def test_only_an_authoritative_root_shows_that_questions_get_out(fact: ResolverFact, *, iterative: bool) -> None:
    assert assess([selftest(0, fact)], CHECKS, blank()).points[0].iterative is iterative


@pytest.mark.parametrize(
    ("fact", "invents"),
    [
        (ResolverFact(step="nxdomain", answered=True, rcode="NOERROR", records=1), True),
        (ResolverFact(step="missing", answered=True, rcode="NOERROR", records=2), True),
        (ResolverFact(step="nxdomain", answered=True, rcode="NXDOMAIN"), False),
        (ResolverFact(step="nxdomain", answered=True, rcode="SERVFAIL"), False),
        (ResolverFact(step="nxdomain", failure=TIMEOUT), False),
        (ResolverFact(step="signed", answered=True, rcode="NOERROR", records=1), False),
    ],
)
def test_only_an_address_for_a_name_that_does_not_exist_is_made_up(fact: ResolverFact, *, invents: bool) -> None:
    tests = [selftest(-9, ROOT, fact), selftest(9, ROOT)]
    assert assess(tests, CHECKS, blank()).invents(at(0)) is invents


@pytest.mark.parametrize(
    ("fact", "hides"),
    [
        (ResolverFact(step="hidden", answered=True, rcode="NOERROR"), True),
        (ResolverFact(step="hidden", answered=True, rcode="NOERROR", records=1), False),
        (ResolverFact(step="hidden", answered=True, rcode="NXDOMAIN"), False),
        (ResolverFact(step="hidden", answered=True, rcode="SERVFAIL"), False),
        (ResolverFact(step="hidden", failure=TIMEOUT), False),
        (ResolverFact(step="dns64", answered=True, rcode="NOERROR"), False),
    ],
)
def test_only_a_root_server_s_name_without_aaaa_is_hidden(fact: ResolverFact, *, hides: bool) -> None:
    tests = [selftest(-9, ROOT, fact), selftest(9, ROOT)]
    assert assess(tests, CHECKS, blank()).hides(at(0)) is hides


def test_port_53_intercepted_over_one_family_is_intercepted() -> None:
    """Interception of port 53 over only IPv4, as by home routers and providers, shows: the device between answers."""
    instead = replace(ROOT, server=A4, authoritative=False)
    clean, silent = replace(ROOT, server=A6), replace(ROOT, server=A4, answered=False, failure=TIMEOUT)

    def iterative(*facts: ResolverFact) -> bool:
        return assess([selftest(0, *facts)], CHECKS, blank()).points[0].iterative

    assert not iterative(clean, instead)
    assert iterative(clean, replace(clean, server=A4))
    assert iterative(clean, silent)  # a family that does not work shows in its own self-test


def test_a_point_knows_which_transports_its_controls_answered_over() -> None:
    def asked(transport: str, failure: Failure | None = None, address: IPAddress = A6) -> ControlAnswer:
        return ControlAnswer(address=address, transport=transport, failure=failure)

    test = selftest(
        0,
        asked("icmp", TIMEOUT),
        asked("icmp", TIMEOUT),
        asked("tcp/443", TIMEOUT),
        asked("tcp/443"),
        asked("tcp/25", REFUSED),
        asked("icmp", address=A4),
    )
    (point,) = assess([test], CHECKS, blank()).points
    assert point.answered == {(6, "tcp/443"), (6, "tcp/25"), (4, "icmp")}
    assert point.silent == {(6, "icmp")}


def test_without_self_tests_nothing_works() -> None:
    health = assess([evidence(anchor(A6), probe="other")], CHECKS, blank())
    assert (health.ipv4, health.ipv6, health.points) == (Health.NONE, Health.NONE, ())
    assert not health.usable(6, at(0))


def test_a_resolver_that_is_not_shown_to_be_clean_is_impaired() -> None:
    for code in ("BAD", "UNSURE", "NOT_HERE"):
        checks = {**CHECKS, CheckId("meta.selftest.resolver"): check(always(Verdict(code=code)))}
        assert assess([selftest(0)], checks, blank()).dns is Health.IMPAIRED
    checks = {**CHECKS, CheckId("meta.selftest.resolver"): check(always(Verdict(code="SO_SO"), Verdict(code="GOOD")))}
    assert assess([selftest(0)], checks, blank()).dns is Health.OK


def test_a_self_test_check_that_breaks_has_shown_nothing() -> None:
    def broken(subject: Subject, found: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
        yield Verdict(code="GOOD")
        raise ZeroDivisionError

    for run in (broken, always(Verdict(code="NOPE")), always()):
        health = assess([selftest(0, anchor(A4))], {**CHECKS, CheckId("meta.selftest.ipv6"): check(run)}, blank())
        assert health.points[0].families == frozenset({4})


def test_answers_from_another_time_prove_nothing_when_controls_have_fallen_silent() -> None:
    """A filter that comes up during a run voids earlier answers as controls for later steps."""
    controls = WorkingControls()
    add(controls, evidence(TcpConnect(address=ip_address("2001:db8:9::1"), port=443)))
    answers, silence = anchor(A6, transport="tcp/443"), anchor(A6, TIMEOUT, transport="tcp/443")

    def health(*tests: Evidence) -> VantageHealth:
        return replace(assess(tests, CHECKS, blank()), controls=controls.answered, answers=controls.answers)

    fell_silent = health(selftest(0, answers), selftest(30, silence))
    assert not fell_silent.proven(A6, "tcp/443", at(10))
    assert not fell_silent.proven(A6, "tcp/443", at(40))
    came_back = health(selftest(0, silence), selftest(30, answers), selftest(60, answers))
    assert [came_back.proven(A6, "tcp/443", at(minutes)) for minutes in (10, 40)] == [False, True]
    one_of_two = health(selftest(0, answers), selftest(30, answers, silence))
    assert one_of_two.proven(A6, "tcp/443", at(10))
    no_control = health(selftest(0, silence), selftest(30, silence))
    assert no_control.proven(A6, "tcp/443", at(10))  # it never served that port: answers elsewhere are enough


def test_our_own_addresses_are_listed_once() -> None:
    own = [VantageAddress(family=6, source=A6), VantageAddress(family=4, source=A4, public=(B4,))]
    health = assess([selftest(0, *own), selftest(9, *own)], CHECKS, blank())
    assert (health.sources, health.public) == ((A6, A4), (B4,))
    assert vantage_subject("here").id == "vantage:here"


WATCHED = PmtudFlow(
    address=A6,
    port=443,
    server_name=None,
    mtu=65_535,
    ended="enough",
    segments=(SegmentSeen(t=0.1, seq=1, size=1_500),),
)


RESET = Failure(kind=FailureKind.RESET)
SWEPT = (PortReply(port=25, failure=FailureKind.RESET), PortReply(port=26))
FULL = HttpExchange(address=A6, port=80, url="http://x/", full_segment=True)


def _greeting(code: int | None, failure: Failure | None = None) -> SmtpDialogue:
    """Return a dialogue over a connection that opened, with one reply."""
    replies = (SmtpReply(code=code),)
    return SmtpDialogue(address=A6, port=25, server_name=None, connected=True, replies=replies, failure=failure)


@pytest.mark.parametrize(
    ("step", "seen"),
    [
        (TcpConnect(address=A6, port=25), {(6, "tcp/25"): A6}),
        (TcpConnect(address=A6, port=25, failure=REFUSED), {(6, "tcp/25"): A6}),
        (TcpConnect(address=A6, port=25, failure=TIMEOUT), {}),
        (TcpConnect(address=A6, port=25, failure=NO_ROUTE), {}),
        (_greeting(220), {(6, "tcp/25"): A6}),
        (_greeting(None, TIMEOUT), {}),
        (SmtpDialogue(address=A6, port=25, server_name=None, failure=REFUSED), {(6, "tcp/25"): A6}),
        (SmtpDialogue(address=A6, port=25, server_name=None, failure=TIMEOUT), {}),
        (DnsExchange(server=A4, qname=".", qtype="NS", response=b"x"), {(4, "udp/53"): A4}),
        (DnsExchange(server=A4, qname=".", qtype="NS", transport="tcp", response=b"x"), {(4, "tcp/53"): A4}),
        (DnsExchange(server=A4, qname=".", qtype="NS", failure=TIMEOUT), {}),
        (EchoSeries(address=A6, interval=1, payload_size=56, rtts=(None, 0.1)), {(6, "icmp"): A6}),
        (EchoSeries(address=A6, interval=1, payload_size=56, rtts=(None, None)), {}),
        (HttpExchange(address=A6, port=80, url="http://x/"), {(6, "tcp/80"): A6}),
        (HttpExchange(address=A6, port=80, url="http://x/", failure=TIMEOUT), {}),
        (TcpConnect(address=A6, port=25, failure=RESET), {}),
        (
            PortSweep(address=A6, replies=(PortReply(port=25, failure=FailureKind.RESET), PortReply(port=26))),
            {(6, "tcp/26"): A6},
        ),
        (StampSeries(address=A6, port=862, interval=1, rtts=(None, 0.1)), {(6, "udp/862"): A6}),
        (StampSeries(address=A6, port=862, interval=1, rtts=(None, None)), {}),
        (SnmpSession(address=A6, port=161), {}),
        (SnmpSession(address=A6, port=161, attempts=(SnmpAttempt("p", "3", rejected=True),), failure=TIMEOUT), {}),
        (AnchorReach(address=A6, transport="tcp/443"), {}),
        (ManagementReach(address=A6, port=22), {}),
        (
            HttpExchange(address=A6, port=80, url="http://x/", full_segment=True),
            {(6, "tcp/80"): A6, (6, "tcp-full"): A6},
        ),
        (EchoSeries(address=A6, interval=1, payload_size=1_452, rtts=(0.1,)), {(6, "icmp"): A6, (6, "icmp-1500"): A6}),
        (EchoSeries(address=A4, interval=1, payload_size=1_452, rtts=(0.1,)), {(4, "icmp"): A4}),
        (WATCHED, {(6, "tcp/443"): A6, (6, "tcp-full"): A6}),
    ],
)
def test_what_answers_proves_its_transport(step: Observation, seen: dict[tuple[int, str], IPAddress]) -> None:
    controls = WorkingControls()
    add(controls, evidence(step))
    assert controls.answers == {key: frozenset({ANYWHERE.owner(address)}) for key, address in seen.items()}
    assert controls.answered == frozenset()


def test_controls_ignore_what_a_probe_of_a_tslcd_site_met_elsewhere() -> None:
    """An answer from the Internet does not show that packets reach sites of TSLCD."""
    site = Subject(
        id=SITE.id, kind=Kind.CONNECTION_POINT, kinds=frozenset({Kind.CONNECTION_POINT}), network=Network.TSLCD
    )
    controls = WorkingControls([site], [Network.TSLCD])
    add(controls, evidence(TcpConnect(address=B6, port=80), TcpConnect(address=A6, port=443), to=A6))
    assert set(controls.answers) == {(6, "tcp/443")}


@pytest.mark.parametrize(("failure", "answered"), [(None, True), (REFUSED, True), (RESET, False), (TIMEOUT, False)])
def test_controls_a_configured_one_that_answers_is_of_nobody(failure: Failure | None, *, answered: bool) -> None:
    controls = WorkingControls()
    add(controls, evidence(anchor(A6, failure)))
    assert (controls.answered, controls.answers) == (frozenset({(6, "icmp")} if answered else ()), {})


def _commune(number: int) -> Subject:
    kind = Kind.CONNECTION_POINT
    return Subject(id=SubjectId(f"xa-{number}"), kind=kind, kinds=frozenset({kind}), network=Network.TSLCD)


@pytest.mark.parametrize("networks", [frozenset({Network.TSLCD}), frozenset(Network)])
def test_controls_inside_tslcd_are_other_communes_of_the_same_48(networks: frozenset[Network]) -> None:
    """Communes of the same /48 are controls inside TSLCD: a province keeps all its communes in one /48."""
    places, here = DeviceSites(), replace(context().vantage, networks=networks)
    silent, others = _commune(1), [_commune(number) for number in (2, 3)]
    controls = WorkingControls([silent, *others], networks)
    for number in (2, 3):
        step = EchoSeries(address=ip_address(f"2001:db8:1:{number}::1"), interval=1, payload_size=56, rtts=(0.1,))
        add(controls, replace(evidence(step), subject=SubjectId(f"xa-{number}")))
    health = replace(here, answers=controls.answers)
    for commune in (silent, *others):
        assert health.proven(A6, "icmp", location=places.location(commune, networks))
    alone = WorkingControls([silent], networks)
    add(alone, replace(evidence(EchoSeries(address=A6, interval=1, payload_size=56, rtts=(0.1,))), subject=silent.id))
    own = replace(here, answers=alone.answers)
    assert not own.proven(A6, "icmp", location=places.location(silent, networks))


@given(numbers=st.lists(st.integers(0, 9), max_size=30), data=st.data())
def test_two_prefixes_are_enough_and_order_means_nothing(numbers: list[int], data: st.DataObject) -> None:
    """Two prefixes are enough as controls, and the result does not depend on the order of the answers."""
    envelopes = [evidence(TcpConnect(address=ip_address((0x20010DB8_0000 + n) << 80), port=443)) for n in numbers]
    working_controls, two = WorkingControls(), WorkingControls()
    for step in envelopes:
        add(working_controls, step)
    for step in data.draw(st.permutations(envelopes)):
        add(two, step)
    first, second = (replace(context().vantage, answers=c.answers) for c in (working_controls, two))
    assert all(len(owners) <= 2 for owners in working_controls.answers.values())
    for n in range(10):
        address = ip_address((0x20010DB8_0000 + n) << 80)
        assert first.proven(address, "tcp/443") is second.proven(address, "tcp/443") is bool(set(numbers) - {n})


def _knock(number: int, failure: Failure | None, *, port: int = 25, family: int = 4) -> Evidence:
    address = ip_address(f"198.51.{number}.25" if family == 4 else f"2001:db8:{number}::25")
    return evidence(TcpConnect(address=address, port=port, failure=failure), to=address)


def _turned_away(*found: Evidence) -> frozenset[tuple[int, str]]:
    controls = WorkingControls()
    for piece in found:
        add(controls, piece)
    return controls.turned_away


def test_working_controls_port_that_everybody_refuses_is_told_from_one_that_some_refuse() -> None:
    refused = [_knock(number, REFUSED) for number in range(3)]
    assert _turned_away(*refused) == {(4, "tcp/25")}
    assert _turned_away(*refused[:2], _knock(0, REFUSED), _knock(8, TIMEOUT)) == frozenset()
    assert _turned_away(*refused, _knock(9, None)) == frozenset()
    assert _turned_away(*refused, selftest(0, anchor(A4, transport="tcp/25"))) == frozenset()
    assert _turned_away(*refused, selftest(0, anchor(A4, REFUSED, transport="tcp/25"))) == {(4, "tcp/25")}
    greeted = SmtpDialogue(address=A4, port=25, server_name="mx", replies=(SmtpReply(code=220),), failure=TIMEOUT)
    assert _turned_away(*refused, evidence(greeted)) == frozenset()


def test_working_controls_starttls_that_nobody_offers_is_told_from_one_that_some_lack() -> None:
    def talked(number: int, starttls: StartTls) -> Evidence:
        address = ip_address(f"198.51.{number}.25")
        greeting = SmtpReply(code=220)
        return evidence(SmtpDialogue(address=address, port=25, server_name="m", replies=(greeting,), starttls=starttls))

    bare = [talked(number, StartTls.NOT_OFFERED) for number in range(3)]
    assert _turned_away(*bare) == {(4, "starttls")}
    assert _turned_away(*bare, talked(7, StartTls.NOT_ASKED)) == {(4, "starttls")}
    assert _turned_away(*bare[:2]) == frozenset()
    assert _turned_away(*bare, talked(7, StartTls.FAILED)) == frozenset()


def test_working_controls_what_one_family_alone_serves_is_the_servers() -> None:
    """A port that is refused everywhere over IPv6 is no interception, except for mail exchangers, which must accept."""
    refused = [_knock(number, REFUSED, port=port, family=6) for number in range(3) for port in (25, 993)]
    accepted = [_knock(1, None, port=port) for port in (25, 993)]
    assert _turned_away(*refused) == {(6, "tcp/25"), (6, "tcp/993")}
    assert _turned_away(*refused, *accepted) == {(6, "tcp/25")}
