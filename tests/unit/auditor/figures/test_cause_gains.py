"""Tests that the gain of a cause is the figures as they would be if its findings passed, and nothing more."""

from dataclasses import replace
from typing import Any

import pytest

from auditor.figures.cause_gains import GainBase, MendedSubject
from auditor.figures.compliance import Compliance, judge_framework, rules
from auditor.figures.kpis import KPIS, SubjectFacts, folded
from auditor.figures.rollup import Summing
from auditor.figures.scoring import SERVICE_RUNGS, ladders
from auditor.framework.findings import CheckId, Outcome, Outline, outline
from auditor.regulations.loading import shipped
from inventory.model import Kind, Subject, SubjectId
from tests.unit.auditor.stored import ORGANISATION, START, SUBJECTS, Brief, row

FRAMEWORKS = tuple(shipped())
DAY = START.date()
ALL_KPIS = (*KPIS.values(), *rules(FRAMEWORKS, DAY))
REACH = CheckId("ipv6.web.reach")


def member(subject: Subject, *said: Brief, zones: tuple[Outline, ...] = (), **more: Any) -> MendedSubject:
    outlines = tuple(outline(each.of(subject.id)) for each in said)
    facts = SubjectFacts(
        id=subject.id,
        kind=subject.kind,
        kinds=subject.kinds,
        agency=subject.agency,
        network=subject.network,
        seen=folded(outlines),
        **more,
    )
    with_ladder = MendedSubject(facts=facts, outlines=outlines, zones=zones)
    if subject.kind is Kind.PORTAL:
        climbed = ladders(subject.kind, subject.kinds, {})
        facts = MendedSubject(facts=replace(facts, ladders=climbed), outlines=outlines, zones=zones).as_it_is()
        return replace(with_ladder, facts=facts)
    return with_ladder


def portal(number: int, reach: Outcome, **more: Any) -> MendedSubject:
    subject = row(f"w{number}.tinh.vn", Kind.PORTAL, "S1")
    return member(
        subject,
        Brief(check="ipv6.web.aaaa", outcome=Outcome.PASS),
        Brief(check="ipv6.web.addr-sane", outcome=Outcome.PASS),
        Brief(check="ipv6.web.reach", outcome=reach, address=f"2001:db8::{number}"),
        Brief(check="ipv6.web.http-ok", outcome=Outcome.PASS),
        **more,
    )


def base(members: list[MendedSubject]) -> GainBase:
    summing = Summing(ORGANISATION, DAY, ALL_KPIS)
    for each in members:
        summing.add(each.as_it_is())
    rollup = summing.rollup()
    results = tuple(judge_framework(framework, rollup) for framework in FRAMEWORKS)
    points = [each.facts for each in members if Kind.CONNECTION_POINT in each.facts.kinds]
    return GainBase(organisation=ORGANISATION, rollup=rollup, kpis=ALL_KPIS, frameworks=results, points=points)


def ids(*members: MendedSubject, check: CheckId = REACH) -> frozenset[Any]:
    return frozenset(line.id for each in members for line in each.outlines if line.check == check)


def assert_counted_as_everything_again(
    everybody: list[MendedSubject], some: list[MendedSubject], check: CheckId
) -> None:
    gains, _ = base(everybody).gains(some, ids(*some, check=check))
    again = Summing(ORGANISATION, DAY, ALL_KPIS)
    for each in everybody:
        again.add(each.mended(ids(*some, check=check)))
    total, now = again.rollup().total.figures, base(everybody).rollup.total.figures
    assert {gain.figure for gain in gains} == {name for name in now if total[name].met > now[name].met}
    assert gains
    for gain in gains:
        assert (gain.met, gain.of) == (now[gain.figure].met, now[gain.figure].of)
        assert (gain.met_after, gain.of_after) == (total[gain.figure].met, total[gain.figure].of)


def test_gains_are_those_of_counting_everything_again() -> None:
    everybody = [portal(number, Outcome.FAIL if number < 3 else Outcome.PASS) for number in range(5)]
    assert_counted_as_everything_again(everybody, everybody[:3], REACH)


def test_gains_of_a_commune_are_those_of_counting_all_communes_again() -> None:
    registered = CheckId("tslcd.site.registered")
    first, second = (
        member(replace(SUBJECTS[4], id=SubjectId(f"diem-{name}")), Brief(check=registered, outcome=Outcome.FAIL))
        for name in ("chinh", "phu")
    )
    assert_counted_as_everything_again([portal(1, Outcome.PASS), first, second], [first, second], registered)


def test_gains_none_where_another_finding_keeps_the_subject_from_it() -> None:
    subject = row("w.tinh.vn", Kind.PORTAL, "S1")
    here = Brief(check="ipv6.web.reach", outcome=Outcome.FAIL, address="2001:db8::1")
    there = Brief(check="ipv6.web.reach", outcome=Outcome.FAIL, address="2001:db8::2")
    both = member(subject, here, there)
    first = frozenset({both.outlines[0].id})
    gains, targets = base([both]).gains([both], first)
    assert not [gain for gain in gains if gain.figure == "K08"]
    assert targets == ()


def test_gains_what_asks_for_the_addresses_that_are_to_come_is_not_promised() -> None:
    zones = [
        member(
            row(f"t{number}.vn", Kind.ZONE, "S1"),
            Brief(check="ipv6.dns.ns-aaaa", outcome=Outcome.FAIL, code="NONE"),
            *(
                Brief(check=f"ipv6.dns.{name}", outcome=Outcome.NOT_APPLICABLE, code="NO_AAAA")
                for name in ("ns-reach", "ns-reach-tcp", "ns-addr-sane")
            ),
        )
        for number in range(2)
    ]
    gains, targets = base(zones).gains(zones, ids(*zones, check=CheckId("ipv6.dns.ns-aaaa")))
    (gain,) = (gain for gain in gains if gain.figure == "K11")
    assert (gain.met, gain.of, gain.met_after, gain.of_after, gain.possible) == (0, 2, 0, 2, 2)
    assert targets == ()


def test_gains_outcome_held_from_earlier_rounds_is_not_mended() -> None:
    held = portal(1, Outcome.FAIL, held={REACH: Outcome.FAIL})
    gains, _ = base([held]).gains([held], ids(held))
    assert gains == ()


def test_gains_targets_reached_are_named() -> None:
    points = [
        member(
            replace(SUBJECTS[4], id=SubjectId("diem-x1")), Brief(check="tslcd.site.registered", outcome=Outcome.FAIL)
        )
    ]
    _, targets = base(points).gains(points, ids(*points, check=CheckId("tslcd.site.registered")))
    assert targets
    assert all(target.now in (Compliance.NOT_MET, Compliance.UNDECIDED) for target in targets)


def test_gains_service_does_not_climb_by_what_is_held_back_of_its_zone() -> None:
    lines = (outline(Brief(check="ipv6.dns.ns-aaaa", outcome=Outcome.FAIL).of("tinh.vn")),)
    rungs = [check for rung in SERVICE_RUNGS[:3] for check in rung if not check.startswith("ipv6.dns.ns-aaaa")]
    passing = [Brief(check=check, outcome=Outcome.PASS) for check in dict.fromkeys(rungs)]
    service = member(row("w.tinh.vn", Kind.PORTAL, "S1"), *passing, zones=lines)
    held = replace(service, held_of_zones=folded(lines))
    findings = frozenset({lines[0].id})
    assert base([service]).gains([service], findings)[0]
    assert base([held]).gains([held], findings)[0] == ()


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.PASS])
def test_gains_service_climbs_by_its_zone_only_where_the_zone_was_in_the_way(outcome: Outcome) -> None:
    zone = Brief(check="ipv6.dns.ns-aaaa", outcome=outcome)
    lines = (outline(zone.of("tinh.vn")),)
    service = member(
        row("w.tinh.vn", Kind.PORTAL, "S1"),
        *(
            Brief(check=check, outcome=Outcome.PASS)
            for check in (
                "ipv6.web.aaaa",
                "ipv6.web.addr-sane",
                "ipv6.web.reach",
                "ipv6.web.http-ok",
                "ipv6.web.port-parity",
                "ipv6.web.same-content",
                "ipv6.web.tls-parity",
                "ipv6.web.redirect-chain",
                "ipv6.path.large-transfer",
                "ipv6.dns.ns-reach",
            )
        ),
        zones=lines,
    )
    gains, _ = base([service]).gains([service], frozenset({lines[0].id}))
    assert bool(gains) is (outcome is Outcome.FAIL)
