"""Tests figures of units and the province: by hand, by another way of counting, and for invariants of every figure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.figures.figure import Figure, percentile
from auditor.figures.kpis import KPIS, FoldedCheck, Kpi, SubjectFacts, all_of
from auditor.figures.rollup import Rollup, Summing, UnitRollup
from auditor.framework.findings import CheckId, Level, Outcome, Outline, Reason
from inventory.model import AgencyId, Kind
from inventory.organisation import Organisation, Unit
from tests.unit.auditor.figured import ORGANISATION, SUBJECTS, facts, said

DAY = date(2026, 11, 24)
P, S1, X1, X2 = AgencyId("P"), AgencyId("S1"), AgencyId("X1"), AgencyId("X2")
BCP_91 = ["ipv6.dns.ns-aaaa", "ipv6.dns.ns-reach", "ipv6.dns.ns-reach-tcp", "ipv6.dns.ns-addr-sane"]
DNSSEC = "security.dns.dnssec"
MAIL = ["ipv6.mail.mx-aaaa", "ipv6.mail.mx-reach", "security.mail.mx"]
PASS, FAIL, UNKNOWN, WARN, NA = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.WARN, Outcome.NOT_APPLICABLE


def summed(subjects: Iterable[SubjectFacts], organisation: Organisation = ORGANISATION) -> Rollup:
    summing = Summing(organisation, DAY)
    for subject in subjects:
        summing.add(subject)
    return summing.rollup()


def unit(rollup: Rollup, agency: AgencyId) -> UnitRollup:
    unit_rollup = rollup.unit(agency)
    assert unit_rollup is not None
    return unit_rollup


def figure(rollup: Rollup, kpi: str, agency: AgencyId | None = None) -> Figure:
    return (rollup.total if agency is None else unit(rollup, agency)).figures[kpi]


def portals(levels: Sequence[tuple[int, bool]], agency: str = "S1") -> list[SubjectFacts]:
    return [facts(f"www{n}", Kind.PORTAL, agency, ladder=level) for n, level in enumerate(levels)]


class TestFigures:
    def test_a_rung_is_met_not_met_or_unknown(self) -> None:
        found = figure(summed(portals([(2, False), (4, False), (1, False), (1, True)])), "K08")
        assert (found.of, found.met, found.not_met, found.unknown) == (4, 2, 1, 1)
        assert found.interval
        assert (found.low, found.high, found.of_decided) == (0.5, 0.75, 2 / 3)

    def test_a_tenth_unknown_is_no_interval_and_more_is(self) -> None:
        assert not Figure(of=10, met=9, unknown=1).interval
        assert Figure(of=9, met=8, unknown=1).interval

    def test_a_target_is_decided_only_where_the_unknown_cannot_change_it(self) -> None:
        assert Figure(of=4, met=4).reaches(">=", 100) is True
        assert Figure(of=4, met=3, unknown=1).reaches(">=", 100) is None
        assert Figure(of=4, met=2, unknown=1).reaches(">=", 100) is False
        assert Figure(of=4, met=3, unknown=1).reaches(">=", 75) is True
        assert Figure().reaches(">=", 100) is None
        assert Figure(of=4, met=1).reaches("<=", 25) is True

    def test_who_is_excused_stands_on_a_line_of_its_own(self) -> None:
        excused = said("ipv6.mail.mx-aaaa", NA, code="EXEMPT")
        found = figure(summed([facts("a.vn", Kind.MAIL, "S1", [excused, said("ipv6.mail.mx-reach", UNKNOWN)])]), "K12")
        assert (found.of, found.exempt) == (0, 1)

    def test_a_domain_without_mail_is_in_no_denominator(self) -> None:
        null_mx = [said(check, NA, code="NULL_MX") for check in MAIL]
        found = figure(summed([facts("a.vn", Kind.MAIL, "S1", null_mx)]), "K12")
        assert (found.of, found.exempt) == (0, 0)

    def test_a_check_that_was_not_run_is_unknown_and_says_so(self) -> None:
        found = figure(summed([facts("a.vn", Kind.MAIL, "S1", [said("ipv6.mail.mx-aaaa", PASS)])]), "K12")
        assert (found.unknown, found.reasons) == (1, {"NOT_RUN": 1})

    def test_an_accepted_exception_is_still_not_met(self) -> None:
        found = figure(
            summed([facts("a.vn", Kind.MAIL, "S1", [said("security.mail.dmarc", FAIL, waived=True)])]), "K17"
        )
        assert (found.of, found.met, found.waived) == (1, 0, 1)

    def test_a_warning_is_good_enough_for_some_and_not_for_others(self) -> None:
        zone = facts(
            "a.vn",
            Kind.ZONE,
            "S1",
            [
                *(said(f"ipv6.dns.{text}", WARN) for text in ("ns-aaaa", "ns-reach", "ns-reach-tcp", "ns-addr-sane")),
                said("security.dns.dnssec", WARN),
            ],
        )
        rollup = summed([zone])
        assert (figure(rollup, "K11").met, figure(rollup, "K16").met) == (1, 0)

    def test_distinct_addresses_stand_beside_the_names(self) -> None:
        reached = [said("ipv6.web.reach", PASS, address="2001:db8::1")]
        shared = [facts(f"xa{n}.vn", Kind.COMMUNE_SITE, "X1", reached, ladder=(2, False)) for n in range(3)]
        assert (figure(summed(shared), "K10").of, figure(summed(shared), "K10").backends) == (3, 1)

    def test_availability_is_a_spread_and_traffic_a_share_of_sums(self) -> None:
        points = [
            replace(
                facts(f"p{n}", Kind.CONNECTION_POINT, "X1", [said("tslcd.site.availability", PASS)]),
                values={"tslcd.site.availability/share": value},
            )
            for n, value in enumerate([0.99, 1.0, 0.995])
        ]
        found = figure(summed(points), "K06")
        assert (found.median, found.tenth) == (0.995, 0.99)
        routers = [
            replace(
                facts(f"r{n}", Kind.ROUTER, "S1", [said("ipv6.device.traffic", PASS)]),
                values={"ipv6.device.traffic/v6_rate": v6, "ipv6.device.traffic/v4_rate": v4},
            )
            for n, (v6, v4) in enumerate([(10.0, 90.0), (0.0, 900.0)])
        ]
        assert figure(summed(routers), "K14").value == 0.01

    def test_the_nearest_rank(self) -> None:
        assert [percentile([1, 2, 3, 4], percent) for percent in (10, 50, 75, 100)] == [1, 2, 3, 4]


class TestCommunes:
    def test_the_denominator_is_every_commune_in_force(self) -> None:
        rollup = summed([facts("p1", Kind.CONNECTION_POINT, "X1", [said("tslcd.site.reach", PASS)])])
        assert (figure(rollup, "K02").of, figure(rollup, "K02").met, figure(rollup, "K02").reasons) == (
            2,
            1,
            {"U-INV": 1},
        )

    def test_what_a_point_says_counts_once_in_figures_of_points(self) -> None:
        said_there = ("security.ports.v4v6-parity", "tslcd.channel.redundancy", "security.ports.cleartext")
        point = facts("p1", Kind.CONNECTION_POINT, "X1", [said(text, FAIL) for text in said_there])
        rule = Kpi(id="a/b", judge=partial(all_of, checks=("security.ports.*",), kinds=frozenset()))
        summing = Summing(ORGANISATION, DAY, (*KPIS.values(), rule))
        summing.add(point)
        rollup = summing.rollup()
        assert [figure(rollup, text).of for text in ("K19", "K07", "a/b")] == [1, 1, 1]

    def test_a_commune_whose_point_nobody_registered_is_not_connected(self) -> None:
        missing = facts("unit:X2", Kind.UNIT, "X2", [said("tslcd.site.registered", FAIL)])
        found = figure(summed([missing]), "K02", X2)
        assert (found.of, found.met, found.unknown) == (1, 0, 0)

    def test_a_point_of_an_office_counts_for_its_commune(self) -> None:
        rollup = summed([facts("p1", Kind.CONNECTION_POINT, "X2.1", [said("tslcd.site.reach", PASS)])])
        assert figure(rollup, "K02", X2).met == 1

    def test_of_several_points_the_worst_counts(self) -> None:
        points = [
            facts(f"p{n}", Kind.CONNECTION_POINT, "X1", [said("tslcd.site.reach", outcome)])
            for n, outcome in enumerate((PASS, FAIL))
        ]
        assert figure(summed(points), "K02", X1).met == 0

    def test_a_point_beside_that_of_the_main_office_counts_where_there_is_no_other(self) -> None:
        main = facts("p0", Kind.CONNECTION_POINT, "X1", [said("tslcd.site.reach", PASS)])
        beside = replace(facts("p1", Kind.CONNECTION_POINT, "X1", [said("tslcd.site.reach", FAIL)]), secondary=True)
        assert figure(summed([main, beside]), "K02", X1).met == 1
        assert figure(summed([beside, main]), "K02", X1).met == 1
        assert (figure(summed([beside]), "K02", X1).met, figure(summed([beside]), "K02", X1).unknown) == (0, 0)

    def test_a_merged_commune_is_counted_no_more_and_its_subjects_above_it_are(self) -> None:
        old = Unit(code=AgencyId("X9"), name="Xã cũ", parent=P, level="commune", valid_to=date(2025, 6, 30))
        organisation = Organisation(units=(*ORGANISATION.units, old))
        rollup = summed([facts("www", Kind.PORTAL, "X9", ladder=(2, False))], organisation)
        assert figure(rollup, "K02").of == 2
        assert figure(rollup, "K08", P).met == 1
        assert not unit(rollup, AgencyId("X9")).in_force


class TestUnits:
    def test_counts_go_up_the_tree_and_scores_do_not(self) -> None:
        rollup = summed(
            [
                facts("www", Kind.PORTAL, "S1", ladder=(3, False), score=90),
                facts("a.vn", Kind.ZONE, "S1", score=51),
                facts("xa.vn", Kind.COMMUNE_SITE, "X1", ladder=(0, False), score=10),
            ]
        )
        assert (unit(rollup, P).subjects, unit(rollup, P).own, unit(rollup, S1).subjects) == (3, 0, 2)
        assert unit(rollup, P).areas == {}
        area = unit(rollup, S1).areas["ipv6.web"]
        assert (area.score, area.scored) == ((3 * 90 + 51) // 4, 2)
        assert rollup.spread["ipv6.web"].worst == (X1,)
        assert rollup.spread["ipv6.web"].median == 10

    def test_an_agency_is_as_ready_as_its_least_ready_portal_or_service(self) -> None:
        ladder = unit(summed(portals([(3, False), (1, True), (1, False), (4, False)])), S1).ladder
        assert ladder is not None
        assert (ladder.level, ladder.at_least) == (1, False)

    def test_failing_agencies_are_those_with_required_fails_that_nobody_accepted(self) -> None:
        rollup = summed(
            [
                facts("a", Kind.MAIL, "S1", [said("security.mail.dmarc", FAIL, waived=True)]),
                facts("b", Kind.MAIL, "S2", [said("security.mail.dmarc", FAIL, level=Level.RECOMMENDED)]),
                facts("c", Kind.MAIL, "X1", [said("security.mail.dmarc", FAIL)]),
            ]
        )
        assert [unit_rollup.agency for unit_rollup in rollup.failing] == [P, X1]
        assert unit(rollup, S1).waived == 1

    def test_everything_stands_in_the_total_once(self) -> None:
        rollup = summed(
            [facts("a", Kind.PORTAL, None), facts("b", Kind.PORTAL, "elsewhere"), facts("c", Kind.PORTAL, "X2.1")]
        )
        assert rollup.total.subjects == 3
        assert {unit.agency: unit.own for unit in rollup.units if unit.own} == {None: 1, "elsewhere": 1, "X2.1": 1}
        assert rollup.total.name == "Tỉnh"

    def test_what_was_found_by_planning_is_not_in_the_inventory(self) -> None:
        subjects = [
            facts("www", Kind.PORTAL, "S1", [said("ipv6.web.aaaa", PASS)]),
            facts("zone:vn", Kind.ZONE, "S1", derived=True),
        ]
        found = figure(summed(subjects), "K20")
        assert (found.of, found.met) == (1, 1)


@pytest.mark.parametrize(
    ("own", "host", "met"),
    [
        (said(DNSSEC, PASS, code="SECURE"), said(DNSSEC, NA, code="HOST_INSECURE"), 1),
        (said(DNSSEC, PASS, code="SECURE"), said(DNSSEC, FAIL, code="HOST_BOGUS"), 1),
        (said(DNSSEC, PASS, code="SECURE"), said(DNSSEC, UNKNOWN, code="HOST_UNKNOWN"), 1),
        (said(DNSSEC, WARN, code="STALE_SERVERS"), None, 1),
        (said(DNSSEC, WARN, code="UNSIGNED"), said(DNSSEC, PASS, code="HOST_SECURE"), 0),
    ],
)
def test_k16_zone_with_hosts_in_other_zones_counts_its_own_verdict(
    own: Outline, host: Outline | None, met: int
) -> None:
    others = [] if host is None else [replace(host, detail="mx.nhacungcap.example")]
    found = figure(summed([facts("tinh.vn", Kind.ZONE, "S1", [own, *others])]), "K16")
    assert (found.met, found.of, found.unknown) == (met, 1, 0)


def _recounted(
    subjects: Sequence[SubjectFacts], checks: Sequence[str], kind: Kind, good: set[Outcome]
) -> tuple[int, ...]:
    """Return the met, total, unknown and exempt counts of a conjunction, subject by subject from the outcomes."""
    counted: Counter[str] = Counter()
    for subject in subjects:
        if subject.kind is not kind:
            continue
        seen: list[FoldedCheck | None] = [subject.seen.get(CheckId(check)) for check in checks]
        if checks == [DNSSEC]:
            seen = [each and (each.itself or each) for each in seen]
        outcomes = [None if each is None else each.outcome for each in seen]
        if any(each is not None and each.excused for each in seen):
            counted["exempt"] += 1
        elif FAIL in outcomes:
            counted["bad"] += 1
        elif set(outcomes) & {None, UNKNOWN, Outcome.ERROR}:
            counted["unknown"] += 1
        elif set(outcomes) == {NA}:
            continue
        elif set(outcomes) <= good | {NA}:
            counted["good"] += 1
        else:
            counted["bad"] += 1
    return counted["good"], counted["good"] + counted["bad"] + counted["unknown"], counted["unknown"], counted["exempt"]


@given(subjects=SUBJECTS)
def test_rollup_equals_an_independent_count(subjects: list[SubjectFacts]) -> None:
    rollup = summed(subjects)
    for kpi, kind, checks, good in (
        ("K11", Kind.ZONE, BCP_91, {PASS, WARN}),
        ("K12", Kind.MAIL, MAIL, {PASS, WARN}),
        ("K16", Kind.ZONE, [DNSSEC], {PASS}),
        ("K17", Kind.MAIL, ["security.mail.dmarc"], {PASS}),
    ):
        held = figure(rollup, kpi)
        assert (held.met, held.of, held.unknown, held.exempt) == _recounted(subjects, checks, kind, good), kpi
        for code in ("S1", "X1"):
            mine = [subject for subject in subjects if subject.agency == code]
            own = figure(rollup, kpi, AgencyId(code))
            assert (own.met, own.of, own.unknown, own.exempt) == _recounted(mine, checks, kind, good), (kpi, code)
    tally = Counter(seen.outcome for subject in subjects for seen in subject.seen.values())
    assert {outcome: n for outcome, n in rollup.total.outcomes.items() if n} == tally


@given(subjects=SUBJECTS, seed=st.randoms(use_true_random=False))
def test_the_order_of_subjects_does_not_matter(subjects: list[SubjectFacts], seed: object) -> None:
    shuffled = list(subjects)
    seed.shuffle(shuffled)  # type: ignore[attr-defined]
    assert summed(shuffled) == summed(subjects)


@given(subjects=SUBJECTS, place=st.integers(0, 40), check=st.integers(0, 20))
def test_an_outcome_that_becomes_inconclusive_never_raises_a_figure(
    subjects: list[SubjectFacts], place: int, check: int
) -> None:
    if not subjects or not subjects[place % len(subjects)].seen:
        return
    one = subjects[place % len(subjects)]
    checks = sorted(one.seen)
    chosen = checks[check % len(checks)]
    unknown = replace(one.seen[chosen], outcome=UNKNOWN, reasons=frozenset({Reason.VP.value}))
    before = summed(subjects)
    after = summed([replace(each, seen={**each.seen, chosen: unknown}) if each is one else each for each in subjects])
    for kpi, held in before.total.figures.items():
        later = after.total.figures[kpi]
        assert later.met <= held.met, kpi
        if kpi != "K20" and later.of == held.of:
            assert (later.low or 0) <= (held.low or 0), kpi


@given(subjects=SUBJECTS)
def test_every_figure_adds_up(subjects: list[SubjectFacts]) -> None:
    rollup = summed(subjects)
    for unit_rollup in (rollup.total, *rollup.units):
        for kpi, held in unit_rollup.figures.items():
            assert 0 <= held.met <= held.of - held.unknown, kpi
            assert held.not_met >= held.waived, kpi
            assert sum(held.reasons.values()) >= held.unknown or kpi == "K20", kpi
    roots = [unit for unit in rollup.units if unit.parent is None]
    for kpi in KPIS:
        assert rollup.total.figures[kpi].of == sum(root.figures[kpi].of for root in roots), kpi


@pytest.mark.parametrize("kpi", list(KPIS))
def test_rollup_figure_without_subjects_is_empty(kpi: str) -> None:
    found = summed([], Organisation()).total.figures[kpi]
    assert (found.of, found.low, found.high, found.reaches(">=", 0)) == (0, None, None, None)


def test_rollup_bears_the_name_of_the_province_that_another_has_become_part_of() -> None:
    tops = (
        Unit(code=P, name="UBND tỉnh Đắk Lắk", level="province"),
        Unit(code=AgencyId("PY"), name="UBND tỉnh Phú Yên", level="province", valid_to=date(2025, 6, 30)),
    )
    rollup = summed([facts("www.tinh.vn", Kind.PORTAL, "P")], Organisation(units=tops))
    assert rollup.total.name == "UBND tỉnh Đắk Lắk"
    assert [unit.agency for unit in rollup.units] == ["P"]
