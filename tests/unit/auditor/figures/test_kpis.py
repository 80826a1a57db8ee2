"""Tests the standing of one subject in a figure, and the subjects that a figure counts: cases that were once wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

import pytest

from auditor.figures.figure import Figure, FigureSum
from auditor.figures.kpis import KPIS, Standing, SubjectFacts
from auditor.figures.scoring import SERVICE_RUNGS, Ladder, by_check, ladder
from auditor.framework import catalogue
from auditor.framework.findings import CheckId, Outcome, Reason
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.memory.store import MemoryStore
from auditor.texts.translate import Texts
from inventory.model import Expectation, ExpectedState, Kind
from probes.framework.evidence import RunId
from reports.overview import gather
from tests.unit.auditor.figured import facts, said
from tests.unit.auditor.stored import Brief, Held, put, row

PASS, WARN, FAIL, NA, UNKNOWN = (Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE)
CAPABILITY = "ipv6.device.capability"
SNMP = ("security.snmp.v3", "security.snmp.v1v2-off", "security.snmp.write-access", "security.snmp.exposed")
DEFAULTS = "security.snmp.default-community"


def figure(kpi: str, subjects: Iterable[SubjectFacts]) -> Figure:
    adding = FigureSum(KPIS[kpi])
    for subject in subjects:
        if (place := KPIS[kpi].judge(subject)) is not None:
            adding.add(place, subject)
    return adding.figure()


def counts(kpi: str, subjects: Iterable[SubjectFacts]) -> tuple[int, int, int, int]:
    found = figure(kpi, subjects)
    return found.met, found.of, found.unknown, found.exempt


def standing(kpi: str, subject: SubjectFacts) -> Standing | None:
    place = KPIS[kpi].judge(subject)
    return None if place is None else place.standing


def device(name: str, kind: Kind, outcomes: Mapping[str, Outcome], climbed: int | None = None) -> SubjectFacts:
    made = facts(name, kind, "S1", [said(check, outcome) for check, outcome in outcomes.items()])
    ladders = {} if climbed is None else {"device": Ladder(level=climbed, at_least=False)}
    return replace(made, ladders=ladders)


class TestPlans:
    def test_planned_portals_stay_in_the_figure_as_not_met(self) -> None:
        planned = [
            replace(
                facts(f"p{n}", Kind.PORTAL, "S1", [said("ipv6.web.aaaa", NA, code="PLANNED")]),
                planned_until=date(2029, n, 1),
            )
            for n in (1, 3, 2)
        ]
        works = facts("www", Kind.PORTAL, "S1", [said("ipv6.web.aaaa", PASS)], ladder=(4, False))
        found = figure("K08", [works, *planned])
        assert (found.met, found.of, found.exempt, found.planned) == (1, 4, 0, 3)
        assert found.planned_until == date(2029, 3, 1)
        assert "3 of those not met are planned until 1 Mar 2029" in Texts("en").figure(found)
        assert "3 đối tượng có kế hoạch hoàn thành trước" in Texts("vi").figure(found)

    def test_planned_zone_is_not_met_and_exempt_zone_is_beside(self) -> None:
        names = [f"ipv6.dns.{text}" for text in ("ns-aaaa", "ns-reach", "ns-reach-tcp", "ns-addr-sane")]
        planned, exempt = (
            facts(code, Kind.ZONE, "S1", [said(name, NA, code=code) for name in names])
            for code in ("PLANNED", "EXEMPT")
        )
        assert counts("K11", [planned, exempt]) == (0, 1, 0, 1)


class TestDevices:
    ROUTERS = tuple(device(f"r{n}", Kind.ROUTER, {CAPABILITY: PASS}, climbed=4) for n in range(2))
    SWITCHES = tuple(device(f"s{n}", Kind.ACCESS_SWITCH, {CAPABILITY: WARN}) for n in range(3))

    @pytest.mark.parametrize(
        ("kpi", "of"), [("K13.capable", 5), ("K13.enabled", 2), ("K13.routed", 2), ("K13.carrying", 2)]
    )
    def test_access_switches_count_only_as_capable(self, kpi: str, of: int) -> None:
        assert counts(kpi, [*self.ROUTERS, *self.SWITCHES]) == (of, of, 0, 0)

    def test_traffic_of_access_switches_is_not_asked(self) -> None:
        router = device("r", Kind.ROUTER, {"ipv6.device.traffic": PASS})
        assert counts("K14", [router, *self.SWITCHES]) == (1, 1, 0, 0)

    def test_device_known_to_lack_ipv6_is_not_capable_whenever_it_was_bought(self) -> None:
        old = facts("old", Kind.ROUTER, "S1", [said(CAPABILITY, NA, code="BEFORE_RULE")])
        aside = facts("aside", Kind.ROUTER, "S1", [said(CAPABILITY, NA, code="NOT_FACING")])
        assert counts("K13.capable", [old, aside, *self.ROUTERS]) == (2, 3, 0, 0)

    def test_capability_shown_by_use_counts_where_the_check_was_not_run(self) -> None:
        assert standing("K13.capable", device("r", Kind.ROUTER, {}, climbed=2)) is Standing.MET
        assert standing("K13.capable", device("r", Kind.ROUTER, {}, climbed=0)) is Standing.UNKNOWN

    def test_traffic_share_of_different_windows_is_a_share_of_rates(self) -> None:
        loads = [
            replace(
                device(f"r{n}", Kind.ROUTER, {"ipv6.device.traffic": PASS}),
                values={"ipv6.device.traffic/v6_rate": v6, "ipv6.device.traffic/v4_rate": 100 - v6},
            )
            for n, v6 in enumerate((10, 50))
        ]
        assert figure("K14", loads).value == pytest.approx(0.3)

    def test_share_of_minutes_is_in_no_sum_with_those_of_days(self) -> None:
        codes = ("CARRIES", "LITTLE", "CARRIES_NOW")
        loads = [
            replace(
                facts(code, Kind.ROUTER, "S1", [said("ipv6.device.traffic", WARN if v6 < 5 else PASS, code=code)]),
                values={"ipv6.device.traffic/v6_rate": v6, "ipv6.device.traffic/v4_rate": 100 - v6},
            )
            for code, v6 in zip(codes, (18, 2, 100), strict=True)
        ]
        made = figure("K14", loads)
        assert made.value == pytest.approx(0.1)
        assert (made.met, made.of, made.reasons) == (1, 3, {"U-SMPL": 1})


class TestSnmp:
    def sure(self, **changed: Outcome) -> SubjectFacts:
        outcomes = dict.fromkeys(SNMP, PASS) | {f"security.snmp.{name}": outcome for name, outcome in changed.items()}
        asked = [said(check, outcome) for check, outcome in outcomes.items()]
        return facts("rt", Kind.ROUTER, "S1", [*asked, said(DEFAULTS, UNKNOWN, reason=Reason.SCOPE)])

    def test_question_without_leave_is_not_held_against_a_device(self) -> None:
        assert standing("K18", self.sure()) is Standing.MET
        assert standing("K18", self.sure(v3=FAIL)) is Standing.NOT_MET
        assert standing("K18", self.sure(v3=UNKNOWN)) is Standing.UNKNOWN

    def test_device_of_which_nothing_was_asked_is_not_decided(self) -> None:
        silent = facts("rt", Kind.ROUTER, "S1", [said(DEFAULTS, UNKNOWN, reason=Reason.SCOPE)])
        assert standing("K18", silent) is Standing.UNKNOWN
        assert counts("K18", [facts("rt", Kind.ROUTER, "S1")]) == (0, 1, 1, 0)

    def test_default_community_that_answers_is_not_met(self) -> None:
        known = facts("rt", Kind.ROUTER, "S1", [said(DEFAULTS, FAIL), *(said(check, PASS) for check in SNMP)])
        assert standing("K18", known) is Standing.NOT_MET


class TestAssessed:
    @pytest.mark.parametrize(
        ("outcome", "standing_of_it"),
        [(PASS, Standing.MET), (WARN, Standing.MET), (FAIL, Standing.MET), (NA, Standing.NOT_MET)],
    )
    def test_subject_is_assessed_by_a_real_outcome(self, outcome: Outcome, standing_of_it: Standing) -> None:
        point = facts(
            "p",
            Kind.CONNECTION_POINT,
            "X1",
            [said("tslcd.site.reach", UNKNOWN), said("tslcd.channel.redundancy", outcome)],
        )
        assert standing("K20", point) is standing_of_it


class TestCommunes:
    def test_registered_commune_without_the_providers_name_is_registered(self) -> None:
        registered = CheckId("tslcd.site.registered")
        communes = [
            replace(facts(f"unit:{n}", Kind.UNIT, f"X{n}", [said(registered, outcome)]), level="commune")
            for n, outcome in enumerate((PASS, WARN, FAIL))
        ]
        assert counts("K01", communes) == (2, 3, 0, 0)


class TestLadders:
    TRAFFIC = CheckId("ipv6.device.traffic")
    RUNGS = (("ipv6.device.capability",), ("ipv6.device.traffic",))

    def climbed(self, outcome: Outcome, *, excused: bool) -> Ladder:
        outcomes = by_check(
            [
                Brief(check=check, outcome=each_outcome).of("r")
                for check, each_outcome in ((CAPABILITY, PASS), (self.TRAFFIC, outcome))
            ]
        )
        return ladder(self.RUNGS, outcomes, {self.TRAFFIC} if excused else set())

    def test_ladder_rung_with_an_excused_check_is_not_reached(self) -> None:
        assert self.climbed(NA, excused=False).level == 2
        aside = self.climbed(NA, excused=True)
        assert (aside.level, aside.at_least, aside.blocked_by) == (1, False, (self.TRAFFIC,))

    @pytest.mark.parametrize(("code", "place"), [("EXEMPT", (0, 0, 0, 1)), ("PLANNED", (0, 1, 0, 0))])
    def test_service_excused_from_one_rung_stands_aside_there_and_above(
        self, code: str, place: tuple[int, int, int, int]
    ) -> None:
        parity = CheckId("ipv6.web.port-parity")
        site = replace(
            facts("www", Kind.PORTAL, "S1", [said(parity, NA, code=code)]),
            ladders={"service": Ladder(level=2, at_least=False, blocked_by=(parity,))},
        )
        assert [counts(kpi, [site]) for kpi in ("K08", "K08.full", "K08.v6only")] == [(1, 1, 0, 0), place, place]

    @pytest.mark.parametrize(
        ("kpi", "kind", "asked"),
        [("K08", Kind.PORTAL, "ipv6.web.aaaa"), ("K13.enabled", Kind.ROUTER, "ipv6.device.if-enabled")],
    )
    @pytest.mark.parametrize("beside", ["security.http.headers", "security.snmp.v3", "ipv6.web.port-parity"])
    def test_exemption_from_a_check_beside_the_rung_leaves_a_plan_not_met(
        self, kpi: str, kind: Kind, asked: str, beside: str
    ) -> None:
        exempt = said(beside, NA, code="EXEMPT")
        planned = facts("a", kind, "S1", [said(asked, NA, code="PLANNED"), exempt])
        found = figure(kpi, [planned])
        assert (found.of, found.met, found.unknown, found.planned, found.exempt) == (1, 0, 0, 1, 0)
        assert counts(kpi, [facts("a", kind, "S1", [said(asked, NA, code="EXEMPT")])]) == (0, 0, 0, 1)
        assert counts(kpi, [facts("a", kind, "S1", [exempt])]) == (0, 1, 1, 0)


class TestFirstPage:
    """Tests that the overview of a report counts planned subjects, and counts them as not met."""

    def test_planned_services_and_devices_are_at_no_step_yet(self) -> None:
        planned = Expectation(state=ExpectedState.PLANNED, due=date(2029, 1, 1))
        portal = replace(row("www.tinh.vn", Kind.PORTAL, "S1"), expected=planned)
        router = replace(row("rt", Kind.ROUTER, "S1"), expected=planned)
        works = row("cong.tinh.vn", Kind.PORTAL, "S1")
        findings = {
            str(portal.id): [Brief(check="ipv6.web.aaaa", outcome=NA, code="PLANNED")],
            str(router.id): [Brief(check="ipv6.device.if-enabled", outcome=NA, code="PLANNED")],
            str(works.id): [Brief(check=check, outcome=PASS) for check in SERVICE_RUNGS[1]],
        }
        store, known = MemoryStore(), catalogue.load()
        put(store, Held(name="r", findings=findings, subjects=(portal, router, works), scored=True))
        judged = judged_run(RunId("r"), store, known)
        overview = gather(StoredReport(judged, store, known))
        assert (overview.services.met, overview.services.of, overview.devices.met, overview.devices.of) == (1, 2, 0, 1)
        (agency,) = [agency for agency in overview.agencies if agency.subjects]
        assert (agency.ipv6.met, agency.ipv6.of) == (1, 3)
        assert {name: (step.of, step.reached[2]) for name, step in agency.steps.items()} == {
            "web": (2, 1),
            "device": (1, 0),
        }
