"""Tests addresses of a sick family, bugs in checks, and invariants of every judgement for any evidence."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.framework.check import Check, FamilyClaim, Granularity, SilenceMeaning
from auditor.framework.context import Context
from auditor.framework.findings import Finding, Outcome, Reason, Verdict
from auditor.judging.judge import judge
from inventory.model import Kind, Subject
from probes.framework.evidence import Attribution, Evidence, EvidenceSet, Failure, FailureKind
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.transport import TcpConnect
from tests.unit.auditor.contexts import (
    A4,
    A6,
    B6,
    PROVEN,
    REFUSED,
    SITE,
    TIMEOUT,
    always,
    check,
    connect,
    context,
    evidence,
    judged,
    names,
    per_address,
    point,
    raise_it,
    said,
    vantage,
)

SICK6 = context(vantage(point(-60, 4), point(60, 4)))
HEALS = context(vantage(point(-60, 4), point(-50, 4), point(-40, 4, 6), point(60, 4, 6)))


def test_every_address_on_its_own_a_sick_family_takes_only_its_own_out() -> None:
    found = judged(per_address(), names(A6, B6, A4), connect(A6, TIMEOUT), connect(B6), connect(A4), ctx=SICK6)
    assert said(found) == [("U_V6", str(A6)), ("U_V6", str(B6)), ("GOOD", str(A4))]
    assert {one.reason for one in found} == {Reason.V6, None}


def test_what_was_measured_again_in_health_is_judged_once() -> None:
    late = [connect(A6, TIMEOUT, minutes=-55), connect(A6, minutes=0, attempt=2)]
    assert said(judged(per_address(), names(A6), *late, ctx=HEALS)) == [("GOOD", str(A6))]
    assert said(judged(per_address(), names(A6, B6), *late, connect(B6, TIMEOUT, minutes=-55), ctx=HEALS)) == [
        ("U_V6", str(B6)),
        ("GOOD", str(A6)),
    ]


def test_a_check_of_the_whole_subject_with_nothing_left_to_read_says_so() -> None:
    whole = check(always(Verdict(code="GOOD")), claims=FamilyClaim.EACH)
    assert said(judged(whole, names(A6), connect(A6, TIMEOUT), ctx=SICK6)) == [("U_V6", None)]
    assert said(judged(whole, names(A6), ctx=SICK6)) == [("U_CUT", None)]
    assert said(judged(whole, names(A6, A4), connect(A6, TIMEOUT), connect(A4), ctx=SICK6)) == [("GOOD", None)]


def test_a_healthy_address_without_evidence_is_named_beside_a_sick_one() -> None:
    found = judged(per_address(), names(A6, A4), connect(A6), ctx=SICK6)
    assert said(found) == [("U_V6", str(A6)), ("U_CUT", str(A4))]


def test_a_verdict_about_a_sick_address_from_elsewhere_is_not_said_twice() -> None:
    """A check that also reads names could report an address that was measured only while its family was sick."""
    chatty = replace(
        per_address(always(Verdict(code="GOOD", address=A6), Verdict(code="GOOD", address=A4))),
        needs=(TcpConnect, NameLookup),
    )
    found = judged(chatty, names(A6, A4), connect(A6), connect(A4), ctx=SICK6)
    assert said(found) == [("U_V6", str(A6)), ("GOOD", str(A4))]
    only_that = replace(chatty, run=always(Verdict(code="GOOD", address=A6)))
    assert said(judged(only_that, names(A6), connect(A6), ctx=SICK6)) == [("U_V6", str(A6))]


def test_claims_of_one_family_name_only_its_addresses() -> None:
    found = judged(per_address(claims=FamilyClaim.V6), names(A6, A4), connect(A6), connect(A4), ctx=SICK6)
    assert said(found) == [("U_V6", str(A6))]
    assert said(judged(per_address(claims=FamilyClaim.V6), connect(A4), ctx=SICK6)) == [("U_V6", None)]


def test_name_server_checks_speak_of_name_servers() -> None:
    zone = replace(SITE, kind=Kind.ZONE, kinds=frozenset({Kind.ZONE}), services=())
    server = ip_address("2001:db8:53::53")
    lookup = NameLookup(
        name="ns.vn", rtype="AAAA", role="ns-address", status=LookupStatus.ANSWER, records=(str(server),)
    )
    for transport in ("udp/53", "tcp/53"):
        asked = replace(
            per_address(claims=FamilyClaim.V6), kinds=frozenset({Kind.ZONE}), transports=frozenset({transport})
        )
        found = judged(asked, evidence(lookup, probe="dns"), subject=zone)
        assert said(found) == [("U_CUT", str(server))]


def _raises(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield Verdict(code="BAD")
    raise KeyError("missing")


def _checks_with_bugs() -> dict[str, Check]:
    return {
        "missing": check(_raises),
        "undeclared code 'NOPE'": check(always(Verdict(code="NOPE"))),
        "two verdicts on one address and detail": check(always(Verdict(code="GOOD"), Verdict(code="BAD", detail=""))),
        "GOOD and its reason do not fit together": check(always(Verdict(code="GOOD", reason=Reason.EGR))),
        "VARIES and its reason do not fit together": check(always(Verdict(code="VARIES"))),
    }


@pytest.mark.parametrize("message", list(_checks_with_bugs()))
def test_a_bug_in_a_check_is_one_error_and_is_handed_on(message: str) -> None:
    told: list[Exception] = []
    broken = _checks_with_bugs()[message]
    fine = check(always(Verdict(code="GOOD")), name="test.other")
    found = judge(
        SITE, EvidenceSet([connect(A6)]), [broken, fine], PROVEN, on_bug=lambda c, s, error: told.append(error)
    )
    assert said(found) == [("BUG", None), ("GOOD", None)]
    assert found[0].outcome is Outcome.ERROR
    assert message in (found[0].trace or "")
    assert message in str(told[0])
    with pytest.raises(type(told[0])):
        judged(broken, connect(A6))


def test_a_reason_may_come_with_the_verdict_or_from_the_message() -> None:
    (one,) = judged(check(always(Verdict(code="VARIES", reason=Reason.RATE))), connect(A6))
    (two,) = judged(check(always(Verdict(code="UNSURE"))), connect(A6))
    assert (one.reason, two.reason) == (Reason.RATE, Reason.AMB)


def test_details_keep_findings_apart_even_when_neither_can_be_decided() -> None:
    """Two mail exchangers, both silent without control, give two findings, with their names and evidence."""
    one, two = connect(A6, TIMEOUT), connect(B6, TIMEOUT)
    run = always(
        Verdict(code="BAD", detail="mx1", evidence=(one.id,), args={"mx": "mx1"}),
        Verdict(code="BAD", detail="mx2", evidence=(two.id,)),
    )
    found = judged(check(run), one, two, ctx=context())
    assert [(f.code, f.detail, f.evidence, f.args) for f in found] == [
        ("U_EGR", "mx1", (one.id,), {}),
        ("U_EGR", "mx2", (two.id,), {}),
    ]
    assert len({f.id for f in found}) == 2


FAILURES = st.sampled_from([None, TIMEOUT, REFUSED, *(Failure(kind=kind) for kind in FailureKind)])
CONNECTS = st.builds(
    connect,
    st.sampled_from([A6, B6, A4]),
    FAILURES,
    minutes=st.sampled_from([-90.0, -55.0, 0.0, 90.0]),
    attempt=st.integers(1, 3),
)


POINTS = st.lists(
    st.builds(
        lambda minutes, families: point(minutes, *families),
        st.sampled_from([-60.0, -50.0, 0.0, 60.0]),
        st.sets(st.sampled_from([4, 6])),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda one: one.at,
).map(lambda points: sorted(points, key=lambda one: one.at))


CONTROLS = st.sets(st.sampled_from([(6, "tcp/443"), (4, "tcp/443")])).map(tuple)
CHECKS = st.builds(
    lambda claims, unit, question: replace(per_address(), claims=claims, unit=unit, question=question),
    st.sampled_from(FamilyClaim),
    st.just(Granularity.ADDRESS),
    st.sampled_from(SilenceMeaning),
)


@given(what=CHECKS, found=st.lists(CONNECTS, max_size=8), points=POINTS, controls=CONTROLS, data=st.data())
def test_what_holds_of_every_judgement(
    what: Check, found: list[Evidence], points: list[object], controls: tuple[tuple[int, str], ...], data: st.DataObject
) -> None:
    unique = list({one.id: one for one in [names(A6, B6, A4), *found]}.values())
    ctx = context(vantage(*points, controls=controls))  # type: ignore[arg-type]  # the strategy makes points
    first = judge(SITE, EvidenceSet(unique), [what], ctx, on_bug=raise_it)
    again = judge(SITE, EvidenceSet(data.draw(st.permutations(unique))), [what], ctx, on_bug=raise_it)
    assert first == again
    assert first  # a check that applies has at least one finding
    assert len({one.id for one in first}) == len(first)
    for one in first:
        assert (one.outcome is Outcome.INCONCLUSIVE) is (one.reason is not None)
        if one.outcome is Outcome.FAIL:
            assert _deserved(one, unique, ctx), one


def _deserved(finding: Finding, found: list[Evidence], ctx: Context) -> bool:
    """True if a failure that is not ours bears the verdict, in healthy moments; silence needs a control."""
    address = finding.address
    assert address is not None
    before = ctx.vantage.points
    for one in found:
        if one.id not in finding.evidence:
            continue
        sides = [p for p in before if p.at <= one.started][-1:] + [p for p in before if p.at > one.started][:1]
        if not all(address.version in p.families for p in sides):
            return False
        for step in one.steps:
            if step.failure is None or step.failure.kind.attribution is Attribution.OURS:
                return False
            if step.failure.kind is FailureKind.TIMEOUT and (address.version, "tcp/443") not in ctx.vantage.controls:
                return False
    return True
