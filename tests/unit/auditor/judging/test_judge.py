"""Tests the gates before a check, in their order, and the finding if one of them is shut."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from ipaddress import ip_address

import pytest

from auditor.framework.check import Check, CheckScope, FamilyClaim, SilenceMeaning, VantageKind, load
from auditor.framework.context import Context
from auditor.framework.findings import CheckId, Level, LevelBasis, Outcome, Reason, Severity, Verdict, finding_id
from auditor.judging.judge import judge, judge_vantage
from auditor.texts.translate import Texts
from inventory.maintenance import Maintenance
from inventory.model import (
    AgencyId,
    Clearance,
    Exemption,
    Expectation,
    ExpectedState,
    Kind,
    Network,
    Subject,
    SubjectId,
)
from probes.framework.evidence import EvidenceSet, Failure, FailureKind, Observation
from probes.framework.expand import ADDRESSES_PROBED
from probes.observations.dns import NameLookup
from probes.observations.rows import DeclaredUnit
from probes.observations.transport import EchoSeries, TcpConnect
from tests.unit.auditor.contexts import (
    A4,
    A6,
    B6,
    PROVEN,
    SITE,
    always,
    at,
    check,
    connect,
    context,
    each_connect,
    evidence,
    judged,
    names,
    per_address,
    point,
    raise_it,
    said,
    vantage,
)

GOOD = always(Verdict(code="GOOD"))
EXEMPT = Expectation(state=ExpectedState.EXEMPT, reason="old", signatory="An", until=date(2026, 3, 2))
PLANNED = Expectation(state=ExpectedState.PLANNED, due=date(2026, 3, 3))


def test_a_verdict_becomes_a_finding_under_the_policy() -> None:
    one = connect(A6)
    run = always(Verdict(code="SO_SO", args={"count": 2}, evidence=(one.id,), address=A6, detail="eth0"))
    (finding,) = judged(check(run), one)
    assert (finding.check, finding.check_version, finding.code) == ("test.check", 7, "SO_SO")
    assert (finding.outcome, finding.severity, finding.level) == (Outcome.WARN, Severity.HIGH, Level.REQUIRED)
    assert (finding.level_basis, finding.subject, finding.vantage) == (LevelBasis.VERIFIED, SITE.id, "here")
    assert (finding.address, finding.detail, finding.args) == (A6, "eth0", {"count": 2})
    assert (finding.evidence, finding.reason, finding.trace, finding.waived) == ((one.id,), None, None, None)
    assert finding.id == finding_id(SITE.id, finding.check, A6, "eth0", "internet")


def test_finding_has_no_nul_of_foreign_text() -> None:
    foreign = Verdict(code="SO_SO", args={"said": "a\x00b", "all": ("\x00", "c"), "count": 2}, detail="eth\x00")
    (finding,) = judged(check(always(foreign)), connect(A6))
    assert (finding.detail, finding.args) == ("eth\ufffd", {"said": "a\ufffdb", "all": ("\ufffd", "c"), "count": 2})
    assert finding.id == finding_id(SITE.id, finding.check, None, "eth\ufffd", "internet")


def test_severity_follows_the_kind_a_subject_is_counted_as() -> None:
    router = replace(SITE, kind=Kind.ROUTER, kinds=frozenset({Kind.ROUTER, Kind.PORTAL}))
    (finding,) = judged(check(GOOD), connect(A6), subject=router)
    assert finding.severity is Severity.LOW


def test_severity_of_a_code_goes_before_that_of_the_kind() -> None:
    router = replace(SITE, kind=Kind.ROUTER, kinds=frozenset({Kind.ROUTER, Kind.PORTAL}))
    rows = {key: {**by_kind, "GOOD": Severity.INFO} for key, by_kind in PROVEN.policy.severities.items()}
    ctx = replace(PROVEN, policy=replace(PROVEN.policy, severities=rows))
    (finding,) = judged(check(GOOD), connect(A6), subject=router, ctx=ctx)
    assert (finding.code, finding.severity) == ("GOOD", Severity.INFO)


def test_judge_runs_checks_of_the_subjects_kind_and_scope() -> None:
    assert judged(check(GOOD, kinds=frozenset({Kind.ROUTER})), connect(A6)) == ()
    assert judged(check(GOOD, scope=CheckScope.VANTAGE), connect(A6)) == ()
    assert judged(check(GOOD, scope=CheckScope.RUN), connect(A6)) == ()


def _shut(passed: int) -> tuple[Check, Subject, Context]:
    """Return a check, subject and context with every gate shut except the first ``passed``; the check must not run."""

    def broken(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
        raise AssertionError("a gate was passed over")

    what = check(
        broken, presence=True, clearance=Clearance.INTRUSIVE, places=frozenset({VantageKind.TSL}), claims=FamilyClaim.V6
    )
    subject, ctx = replace(SITE, expected=EXEMPT), context(vantage(point(0)))
    if passed > 0:
        subject = replace(subject, expected=Expectation())
    if passed > 1:
        what = replace(what, clearance=Clearance.NORMAL)
    if passed > 2:
        what = replace(what, vantage=frozenset({VantageKind.INET}))
    if passed > 3:
        ctx = context()
    return what, subject, ctx


@pytest.mark.parametrize(
    ("passed", "code", "outcome", "reason"),
    [
        (0, "EXEMPT", Outcome.NOT_APPLICABLE, None),
        (1, "U_SCOPE", Outcome.INCONCLUSIVE, Reason.SCOPE),
        (2, "U_VP", Outcome.INCONCLUSIVE, Reason.VP),
        (3, "U_V6", Outcome.INCONCLUSIVE, Reason.V6),
        (4, "U_CUT", Outcome.INCONCLUSIVE, Reason.CUT),
    ],
)
def test_judge_first_closed_gate_gives_the_finding(
    passed: int, code: str, outcome: Outcome, reason: Reason | None
) -> None:
    what, subject, ctx = _shut(passed)
    (finding,) = judged(what, subject=subject, ctx=ctx)
    assert (finding.code, finding.outcome, finding.reason) == (code, outcome, reason)


@pytest.mark.parametrize(
    ("expected", "code", "args"),
    [
        (PLANNED, "PLANNED", {"due": "2026-03-03"}),
        (replace(PLANNED, due=None), "PLANNED", {"due": ""}),
        (replace(PLANNED, due=date(2026, 3, 2)), "GOOD", {}),
        (EXEMPT, "EXEMPT", {"reason": "old", "signatory": "An"}),
        (replace(EXEMPT, until=date(2026, 3, 1)), "GOOD", {}),
    ],
)
def test_an_expectation_counts_on_the_day_of_the_evidence(expected: Expectation, code: str, args: object) -> None:
    (finding,) = judged(check(GOOD, presence=True), connect(A6), subject=replace(SITE, expected=expected))
    assert (finding.code, finding.args) == (code, args)


def test_what_is_published_is_judged_all_the_same() -> None:
    assert said(judged(check(GOOD), connect(A6), subject=replace(SITE, expected=EXEMPT))) == [("GOOD", None)]


ROW = Exemption(subject=SITE.id, check_prefix="test", reason="r", signatory="s")


@pytest.mark.parametrize(
    ("row", "exempt"),
    [
        (ROW, True),
        (replace(ROW, check_prefix="test.*"), True),
        (replace(ROW, check_prefix="test.check"), True),
        (replace(ROW, check_prefix="test.che"), False),
        (replace(ROW, check_prefix="other"), False),
        (replace(ROW, subject=SubjectId("other")), False),
        (replace(ROW, subject=SubjectId("other"), agency=AgencyId("G01")), False),
        (replace(ROW, subject=None, agency=AgencyId("G01")), True),
        (replace(ROW, subject=None, agency=AgencyId("G02")), False),
        (replace(ROW, subject=None), False),
        (replace(ROW, until=date(2026, 3, 1)), False),
        (replace(ROW, valid_from=date(2026, 3, 3)), False),
    ],
)
def test_a_row_of_the_exemptions_table(row: Exemption, *, exempt: bool) -> None:
    ctx = replace(PROVEN, exemptions=(row,))
    (finding,) = judged(check(GOOD, presence=True), connect(A6), ctx=ctx)
    assert finding.code == ("EXEMPT" if exempt else "GOOD")
    nobody_s = replace(SITE, id=SubjectId("x"), agency=None)
    assert said(judged(check(GOOD, presence=True), connect(A6), ctx=ctx, subject=nobody_s)) == [("GOOD", None)]


@pytest.mark.parametrize("who", ["subject", "run"])
def test_clearance_is_the_subject_s_and_the_run_s(who: str) -> None:
    subject = replace(SITE, clearance=Clearance.PASSIVE) if who == "subject" else SITE
    ctx = replace(PROVEN, clearance=Clearance.PASSIVE) if who == "run" else PROVEN
    assert said(judged(check(GOOD), connect(A6), subject=subject, ctx=ctx)) == [("U_SCOPE", None)]
    assert said(judged(check(GOOD, clearance=Clearance.PASSIVE), connect(A6), subject=subject, ctx=ctx)) == [
        ("GOOD", None)
    ]


NET, VPN = Network.INTERNET, Network.TSLCD


@pytest.mark.parametrize(
    ("places", "question", "network", "here", "decided"),
    [
        ({VantageKind.INET}, SilenceMeaning.SERVICE, NET, {NET}, True),
        ({VantageKind.INET}, SilenceMeaning.SERVICE, NET, {VPN}, False),
        ({VantageKind.INET, VantageKind.TSL}, SilenceMeaning.SERVICE, VPN, {NET}, False),
        ({VantageKind.INET, VantageKind.TSL}, SilenceMeaning.SERVICE, VPN, {VPN}, True),
        ({VantageKind.TSL}, SilenceMeaning.SERVICE, VPN, {NET}, False),
        ({VantageKind.INET}, SilenceMeaning.SERVICE, VPN, {VPN}, False),
        ({VantageKind.INET}, SilenceMeaning.SERVICE, VPN, {NET}, False),
        ({VantageKind.INET}, SilenceMeaning.EXPOSURE, VPN, {NET}, True),
        ({VantageKind.INET}, SilenceMeaning.EXPOSURE, VPN, {VPN}, False),
        ({VantageKind.INV}, SilenceMeaning.SERVICE, VPN, set(), True),
        ({VantageKind.SNMP, VantageKind.INV}, SilenceMeaning.SERVICE, NET, {VPN}, True),
    ],
)
def test_judge_service_is_decided_from_its_network_and_exposure_from_the_checks_vantage(
    places: set[VantageKind], question: SilenceMeaning, network: Network, here: set[Network], *, decided: bool
) -> None:
    """Services are judged from their own network; exposures from the vantages that the check names."""
    what = check(GOOD, places=frozenset(places), question=question)
    ctx = context(vantage(networks=frozenset(here)))
    (finding,) = judged(what, connect(A6), subject=replace(SITE, network=network), ctx=ctx)
    assert finding.code == ("GOOD" if decided else "U_VP")


@pytest.mark.parametrize(
    ("claims", "sick", "reason"),
    [
        (FamilyClaim.V6, 6, "U_V6"),
        (FamilyClaim.V6, 4, "GOOD"),
        (FamilyClaim.V4, 4, "U_V4"),
        (FamilyClaim.V4, 6, "GOOD"),
        (FamilyClaim.BOTH, 6, "U_V6"),
        (FamilyClaim.BOTH, 4, "U_V4"),
        (FamilyClaim.NONE, 6, "GOOD"),
    ],
)
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_family_that_was_sick_on_either_side_decides_nothing(
    claims: FamilyClaim, sick: int, reason: str, side: str
) -> None:
    well, ill = (4, 6), (10 - sick,)
    points = (point(-9, *ill), point(9, *well)) if side == "before" else (point(-9, *well), point(9, *ill))
    found = judged(check(GOOD, claims=claims), connect(A6), connect(A4), ctx=context(vantage(*points)))
    assert said(found) == [(reason, None)]


def test_a_sick_moment_elsewhere_in_the_run_taints_nothing() -> None:
    points = (point(-60, 4), point(-9, 4, 6), point(9, 4, 6), point(60, 4))
    assert said(judged(check(GOOD, claims=FamilyClaim.V6), connect(A6), ctx=context(vantage(*points)))) == [
        ("GOOD", None)
    ]


def test_without_any_self_test_nothing_is_decided() -> None:
    ctx = context(replace(vantage(), points=()))
    assert said(judged(check(GOOD, claims=FamilyClaim.V6), connect(A6), ctx=ctx)) == [("U_V6", None)]
    dns = check(GOOD, transports=frozenset({"udp/53"}))
    assert said(judged(dns, connect(A6), ctx=ctx)) == [("U_EGR", None)]


def test_questions_to_name_servers_need_root_servers_that_answer() -> None:
    deaf = context(vantage(point(-9, 4, 6), point(9, 4, 6, iterative=False)))
    looks = check(GOOD, needs=(NameLookup,), transports=frozenset({"udp/53"}))
    assert said(judged(looks, names(A6), ctx=deaf)) == [("U_EGR", None)]
    assert said(judged(replace(looks, transports=frozenset()), names(A6), ctx=deaf)) == [("GOOD", None)]


def test_with_a_wrong_clock_nothing_is_said_of_times() -> None:
    wrong = context(vantage(point(-9, 4, 6), point(9, 4, 6, clock=False)))
    timed = check(GOOD, clock=True)
    assert said(judged(timed, connect(A6), ctx=wrong)) == [("U_REF", None)]
    assert said(judged(check(GOOD), connect(A6), ctx=wrong)) == [("GOOD", None)]
    long_before = context(vantage(point(-60, 4, 6), point(-9, 4, 6), point(9, 4, 6), point(60, 4, 6, clock=False)))
    assert said(judged(timed, connect(A6), ctx=long_before)) == [("GOOD", None)]


BAD = always(Verdict(code="BAD"))
WRONG = context(vantage(point(-9, 4, 6), point(9, 4, 6, clock=False)))
DUE = date(2020, 1, 1)


@pytest.mark.parametrize(
    "id_", ["ipv6.web.tls-parity", "security.dns.dnssec", "security.http.security-txt", "security.tls.cert-expiry"]
)
def test_what_compares_dates_with_our_clock_says_so(id_: str) -> None:
    assert load()[CheckId(id_)].clock


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        (Expectation(state=ExpectedState.EXEMPT, reason="r", signatory="s", until=DUE), "U_REF"),
        (Expectation(state=ExpectedState.PLANNED, due=DUE), "U_REF"),
        (Expectation(state=ExpectedState.EXEMPT, reason="r", signatory="s"), "EXEMPT"),
        (Expectation(), "BAD"),
    ],
)
def test_with_a_wrong_clock_no_promise_has_ended(expected: Expectation, code: str) -> None:
    bad, site = check(BAD, presence=True), replace(SITE, expected=expected)
    (finding,) = judge(site, EvidenceSet([connect(A6)]), [bad], WRONG, on_bug=raise_it)
    assert finding.code == code
    (measured,) = judge(site, EvidenceSet([connect(A6)]), [replace(bad, presence=False)], WRONG, on_bug=raise_it)
    assert measured.code == "BAD"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (Exemption(check_prefix="test", subject=SITE.id, reason="r", signatory="s", until=DUE), "U_REF"),
        (Exemption(check_prefix="test", agency=SITE.agency, reason="r", signatory="s", valid_from=DUE), "U_REF"),
        (Exemption(check_prefix="other", subject=SITE.id, reason="r", signatory="s", until=DUE), "BAD"),
        (Exemption(check_prefix="test", subject=SITE.id, reason="r", signatory="s"), "EXEMPT"),
    ],
)
def test_with_a_wrong_clock_no_exemption_has_ended(row: Exemption, code: str) -> None:
    ctx = replace(WRONG, exemptions=(row,))
    (finding,) = judged(check(BAD, presence=True), connect(A6), ctx=ctx)
    assert finding.code == code


def test_with_a_wrong_clock_nobody_knows_which_site_is_in_operation() -> None:
    inside = replace(SITE, network=Network.TSLCD, declared=replace(SITE.declared, activated=DUE))
    ctx = replace(WRONG, vantage=replace(WRONG.vantage, networks=frozenset({Network.TSLCD})))
    (finding,) = judge(inside, EvidenceSet([connect(A6)]), [check(BAD)], ctx, on_bug=raise_it)
    assert finding.code == "U_REF"


@pytest.mark.parametrize(("about", "code"), [(SITE.id, "U_REF"), (SubjectId("another"), "BAD")])
def test_judge_wrong_clock_places_nothing_outside_announced_work(about: SubjectId, code: str) -> None:
    ctx = replace(PROVEN, vantage=replace(WRONG.vantage, controls=PROVEN.vantage.controls))
    work = Maintenance(since=at(600), until=at(720), subject=about)
    ctx = replace(ctx, reference=replace(ctx.reference, maintenance=(work,)))
    assert said(judged(check(BAD), connect(A6), ctx=ctx)) == [(code, None)]
    tag = f"maintenance={at(600).isoformat()}/{at(720).isoformat()}"
    (finding,) = judge(replace(SITE, tags=(tag,)), EvidenceSet([connect(A6)]), [check(BAD)], ctx, on_bug=raise_it)
    assert finding.code == "U_REF"
    (declared,) = judged(check(BAD, needs=(DeclaredUnit,)), evidence(DeclaredUnit(code="XA-A")), ctx=ctx)
    assert declared.code == "BAD"


def test_without_evidence_of_what_it_reads_a_check_is_cut_short() -> None:
    assert said(judged(check(GOOD), names(A6))) == [("U_CUT", None)]
    assert said(judged(check(GOOD, needs=(EchoSeries, NameLookup)), names(A6))) == [("GOOD", None)]
    assert said(judged(check(GOOD, needs=()))) == [("GOOD", None)]  # only declared facts
    assert said(judged(per_address(claims=FamilyClaim.V6), names(A6, A4))) == [("U_CUT", str(A6))]


def test_a_subject_without_a_name_is_left_to_the_check_of_names() -> None:
    nameless = replace(SITE, host=None, addresses=(A6,))
    (finding,) = judge(
        nameless, EvidenceSet([connect(A6)]), [check(GOOD, needs=(NameLookup,))], context(), on_bug=raise_it
    )
    assert finding.code == "GOOD"


def test_a_check_that_says_nothing_is_inconclusive() -> None:
    assert said(judged(check(always()), connect(A6))) == [("U_CUT", None)]


def test_the_vantage_is_judged_without_gates() -> None:
    what = check(GOOD, scope=CheckScope.VANTAGE, claims=FamilyClaim.V6, clearance=Clearance.INTRUSIVE)
    sick = context(vantage(point(0)))
    one, two = judge_vantage(SITE, EvidenceSet([]), [what, replace(what, run=always())], sick, on_bug=raise_it)
    assert (one.code, two.code) == ("GOOD", "U_CUT")
    assert judge(SITE, EvidenceSet([]), [what], sick, on_bug=raise_it) == ()


def test_a_self_test_that_came_after_the_policy_of_a_stored_run_is_left_out() -> None:
    later = check(GOOD, name="meta.selftest.later", scope=CheckScope.VANTAGE)
    ctx = replace(PROVEN, policy=replace(PROVEN.policy, severities={}))
    assert judge_vantage(SITE, EvidenceSet([]), [later], ctx, on_bug=raise_it) == ()


def test_judge_peer_over_budget_is_inconclusive() -> None:
    over = connect(A6, Failure(kind=FailureKind.OVER_BUDGET, detail="the peer sent more than 10 bytes"))
    (finding,) = judged(per_address(run=each_connect, claims=FamilyClaim.V6), names(A6), over)
    assert (finding.code, finding.outcome, finding.reason) == ("OVER_BUDGET", Outcome.INCONCLUSIVE, Reason.CUT)
    assert finding.evidence == (over.id,)


def test_judge_other_cut_keeps_its_reason() -> None:
    cut = connect(A6, Failure(kind=FailureKind.CUT_SHORT, detail="cancelled"))
    (finding,) = judged(per_address(run=each_connect, claims=FamilyClaim.V6), names(A6), cut)
    assert finding.code == "U_CUT"


REFUSED = Failure(kind=FailureKind.REFUSED)
OUT_OF_TIME = Failure(kind=FailureKind.OUT_OF_TIME, detail="the subject's 180 s were used up")


def test_judge_subject_out_of_time_names_the_probes_that_were_cut() -> None:
    cut = replace(evidence(to=A6, probe="tcp"), failure=OUT_OF_TIME)
    elsewhere = replace(evidence(to=B6, probe="tls"), failure=OUT_OF_TIME)
    (finding,) = judged(per_address(run=each_connect, claims=FamilyClaim.V6), names(A6), cut, elsewhere)
    assert (finding.code, finding.outcome, finding.reason) == ("OUT_OF_TIME", Outcome.INCONCLUSIVE, Reason.CUT)
    assert finding.args == {"probes": ("tcp",)}
    said = [Texts(lang).message(finding) for lang in ("en", "vi")]
    assert all("tcp" in text and "limits.subject_seconds" in text for text in said)
    assert said[0] != said[1]


def test_judge_subject_out_of_time_accuses_nobody_on_one_look_where_two_were_due() -> None:
    first = connect(A6, Failure(kind=FailureKind.REFUSED))
    second = replace(evidence(to=A6, attempt=2), failure=OUT_OF_TIME)
    (finding,) = judged(per_address(run=each_connect, claims=FamilyClaim.V6), names(A6), first, ctx=PROVEN)
    assert finding.outcome is Outcome.FAIL
    (finding,) = judged(per_address(run=each_connect, claims=FamilyClaim.V6), names(A6), first, second, ctx=PROVEN)
    assert (finding.code, finding.reason, finding.evidence) == ("OUT_OF_TIME", Reason.CUT, (first.id,))


BUSY = Failure(kind=FailureKind.CUT_SHORT, detail="this machine was too busy: it stood still for 2.4 s")


@pytest.mark.parametrize(
    ("looks", "one_round", "outcome"),
    [
        ((REFUSED, BUSY), False, Outcome.INCONCLUSIVE),
        ((REFUSED, BUSY, BUSY), False, Outcome.INCONCLUSIVE),
        ((REFUSED, BUSY, REFUSED), False, Outcome.FAIL),
        ((BUSY, REFUSED), False, Outcome.FAIL),
        ((REFUSED, BUSY), True, Outcome.FAIL),
    ],
)
def test_judge_one_look_is_none_where_our_machine_missed_the_others(
    looks: tuple[Failure, ...], one_round: bool, outcome: Outcome
) -> None:
    seen = [
        evidence(TcpConnect(address=A6, port=443, failure=failure), to=A6, attempt=number)
        for number, failure in enumerate(looks, 1)
    ]
    held = next(one for one in seen if one.steps[0].failure is not None and not one.steps[0].failure.is_momentary)
    run = always(Verdict(code="BAD", address=A6, evidence=(held.id,)))
    ctx = replace(PROVEN, one_round=one_round)
    (finding,) = judged(per_address(run=run, claims=FamilyClaim.V6), names(A6), *seen, ctx=ctx)
    assert finding.outcome is outcome


def test_judge_subject_out_of_time_keeps_what_was_seen_before() -> None:
    """A later probe that was cut off does not invalidate an earlier finding that needed no second look."""
    seen = connect(A6, Failure(kind=FailureKind.REFUSED))
    cut = replace(evidence(to=A6, probe="tls"), failure=OUT_OF_TIME)
    (finding,) = judged(per_address(run=each_connect, claims=FamilyClaim.V6), names(A6), seen, cut, ctx=PROVEN)
    assert (finding.code, finding.outcome) == ("BAD", Outcome.FAIL)


def test_addresses_beyond_those_probed_are_one_finding() -> None:
    many = [ip_address(f"2001:db8:1::{number:x}") for number in range(1, 300)]

    def each(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
        yield from (Verdict(code="BAD" if one == many[-1] else "UNSURE", address=one) for one in many)

    found = judged(per_address(run=each, claims=FamilyClaim.V6), connect(A6))
    assert [finding.code for finding in found] == ["UNSURE"] * ADDRESSES_PROBED + ["BAD", "MORE_ADDRESSES"]
    assert (found[-1].args, found[-1].reason) == ({"count": 266, "most": 32}, Reason.CUT)


@pytest.mark.parametrize(
    ("step", "code"), [(TcpConnect(address=A6, port=443), "MAINTENANCE"), (DeclaredUnit(code="XA-A"), "BAD")]
)
def test_judge_announced_work_excuses_what_was_measured_and_not_what_was_declared(step: Observation, code: str) -> None:
    work = Maintenance(since=at(-5), until=at(5), subject=SITE.id)
    ctx = replace(PROVEN, reference=replace(PROVEN.reference, maintenance=(work,)))
    what = check(always(Verdict(code="BAD")), needs=(TcpConnect, DeclaredUnit))
    assert said(judged(what, evidence(step), ctx=ctx)) == [(code, None)]
