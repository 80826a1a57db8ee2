"""Tests frameworks: shipped ones are complete, errors are reported, and roll-ups are compared with them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.figures.compliance import Compliance, FrameworkResult, judge_framework, rules
from auditor.figures.kpis import KPIS, SubjectFacts
from auditor.figures.rollup import Summing
from auditor.figures.scoring import AREAS
from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.regulations.loading import FrameworkError, parse, shipped
from auditor.regulations.model import Framework, LegalStatus, Requirement, RuleKind, parse_rule
from inventory.model import AgencyId, Kind, Network
from inventory.organisation import Organisation, Unit
from probes.observations.declared import DeclaredValue
from tests.unit.auditor.figured import ORGANISATION, facts, said

DAY = date(2026, 11, 24)
PASS, FAIL = Outcome.PASS, Outcome.FAIL
SHIPPED = shipped()
REQUIREMENTS = [(framework, one) for framework in SHIPPED for one in framework.requirements]
IDS = [f"{framework.id}/{one.id}" for framework, one in REQUIREMENTS]

MINE = """
id = "mine"
title_vi = "Bộ của tôi"
title_en = "Mine"
source_vi = "QĐ 1"
source_en = "Decision 1"
legal_status = "P"
"""
ROW = """
[[requirement]]
id = "{id}"
article = "Điều 1"
text_vi = "Một"
text_en = "One"
{more}
"""


def framework(*rows: tuple[str, str]) -> Framework:
    return parse(MINE + "".join(ROW.format(id=name, more=more) for name, more in rows), source="mine.toml")


def held(
    made: Framework,
    subjects: Sequence[SubjectFacts],
    *declared: DeclaredValue,
    day: date = DAY,
    organisation: Organisation = ORGANISATION,
) -> FrameworkResult:
    summing = Summing(organisation, day, (*KPIS.values(), *rules([made], day)))
    for one in subjects:
        summing.add(one)
    return judge_framework(made, summing.rollup(), declared)


def stands(made: Framework, subjects: Sequence[SubjectFacts], *declared: DeclaredValue, day: date = DAY) -> Compliance:
    return held(made, subjects, *declared, day=day).results[0].compliance


class TestShipped:
    def test_the_instruments_are_there(self) -> None:
        assert [one.id for one in SHIPPED] == [
            "ipv6-for-gov",
            "plan-daklak-2023-2025",
            "portals-vn",
            "security-baseline",
            "tslcd-tt-06-2026",
        ]

    @pytest.mark.parametrize(("framework", "one"), REQUIREMENTS, ids=IDS)
    def test_a_requirement_speaks_both_languages_and_of_what_there_is(
        self, framework: Framework, one: Requirement
    ) -> None:
        assert one.text["vi"] != one.text["en"]
        assert re.fullmatch(r"[A-Za-z0-9.-]+", one.id)
        known = catalogue.load()
        for check in one.checks:
            assert check.startswith(AREAS), check
            if not any(one.names(each) for each in known.checks):
                assert check.startswith(("tslcd.", "security.snmp.")), f"{check}: this program has no such check"
        if one.rule.kind is RuleKind.KPI:
            assert one.rule.kpi in KPIS
        if one.rule.kind is RuleKind.DECLARED:
            assert one.unit is not None

    def test_what_was_not_read_in_full_says_so(self) -> None:
        for framework in SHIPPED:
            assert framework.note is not None, framework.id
            if framework.id != "ipv6-for-gov":
                continue
            assert {one.legal_status for one in framework.requirements} == {LegalStatus.PARTLY}

    def test_the_plan_has_its_figures(self) -> None:
        plan = next(one for one in SHIPPED if one.id == "plan-daklak-2023-2025")
        targets = {one.id: one.rule.target for one in plan.requirements if one.rule.target is not None}
        assert targets == {
            "II.1.a": 85,
            "II.1.b": 80,
            "II.1.c": 80,
            "II.1.d": 40,
            "II.1.e": 100,
            "II.1.g": 10,
            "II.1.i": 30,
            "II.1.h-registered": 100,
            "II.1.h-reachable": 100,
            "II.2.a": 2.05,
            "II.2.b": 90,
            "II.2.c": 75,
            "II.2.d": 85,
            "II.3.a": 40,
            "II.3.b": 1,
            "II.5": 4,
        }

    def test_measured_requirements_of_the_circular_speak_of_tslcd_only(self) -> None:
        circular = next(one for one in SHIPPED if one.id == "tslcd-tt-06-2026")
        measured = [one for one in circular.requirements if not one.manual]
        assert measured
        assert {one.id: one.networks for one in measured if one.networks != {Network.TSLCD}} == {}

    @pytest.mark.parametrize(
        ("framework", "requirement", "rule"),
        [
            ("plan-daklak-2023-2025", "II.4", "manual"),
            ("plan-daklak-2023-2025", "II.1.i-coverage", "manual"),
            ("plan-daklak-2023-2025", "III.1.a-tslcd-ipv6", "kpi:K04"),
            ("plan-daklak-2023-2025", "VI.2-used", "kpi:K03"),
            ("tslcd-tt-06-2026", "5.3.c", "kpi:K07.channel>=100"),
            ("tslcd-tt-06-2026", "5.4", "kpi:K07.dc>=100"),
            ("tslcd-tt-06-2026", "9.3", "manual"),
            ("tslcd-tt-06-2026", "10.1", "manual"),
            ("tslcd-tt-06-2026", "I.2.d", "all"),
            ("ipv6-for-gov", "2-portal", "kpi:K08>=100"),
            ("ipv6-for-gov", "2-portal-all", "kpi:K08"),
            ("ipv6-for-gov", "2-dvc-all", "kpi:K09"),
        ],
    )
    def test_requirement_is_judged_by_what_its_article_asks(self, framework: str, requirement: str, rule: str) -> None:
        found = next(one for one in SHIPPED if one.id == framework).requirement(requirement)
        assert found is not None
        assert str(found.rule) == rule

    def test_rows_that_no_article_asks_for_are_gone(self) -> None:
        ids = {(framework.id, one.id) for framework in SHIPPED for one in framework.requirements}
        assert not ids & {("plan-daklak-2023-2025", "II.1.h-used"), ("tslcd-tt-06-2026", "9")}

    def test_security_baseline_does_not_cite_the_circular_for_devices_of_the_internet(self) -> None:
        baseline = next(one for one in SHIPPED if one.id == "security-baseline")
        assert not any("06/2026" in one.article for one in baseline.requirements)

    def test_figures_named_by_rules_exist(self) -> None:
        named = {one.rule.kpi for framework in SHIPPED for one in framework.requirements if one.rule.kpi}
        assert named <= set(KPIS)

    def test_plan_is_in_force_after_the_letter_that_it_quotes(self) -> None:
        plan = next(one for one in SHIPPED if one.id == "plan-daklak-2023-2025")
        assert plan.valid_from is not None
        assert plan.valid_from > date(2023, 8, 2)

    def test_nothing_is_in_force_before_it_was_issued(self) -> None:
        decree = next(one for one in SHIPPED if one.id == "portals-vn").requirement("nd224-11.4-ipv6-portal")
        assert decree is not None
        assert not decree.in_force(date(2026, 6, 30))
        assert decree.in_force(date(2026, 7, 1))


class TestReading:
    @pytest.mark.parametrize(
        "text", ["all", "manual", "kpi:K08>=100", "kpi:K13.routed", "declared>=2.05", "declared<=30"]
    )
    def test_a_rule_is_written_as_it_was_read(self, text: str) -> None:
        assert str(parse_rule(text)) == text

    @given(st.text(max_size=30))
    def test_any_other_text_is_no_rule_and_nothing_worse(self, text: str) -> None:
        try:
            parse_rule(text)
        except ValueError:
            return
        assert text in ("", "all", "manual") or text.startswith(("kpi:K", "declared"))

    def test_every_problem_is_told_at_once_with_its_place(self) -> None:
        with pytest.raises(FrameworkError) as error:
            framework(
                ("a", 'rule = "any"\nmanual = true'),
                ("a", 'rule = "all"\nkinds = ["portl"]\nvalid_from = "2026"\ncheks = []'),
                ("b", 'rule = "all"\nchecks = ["ipv6.web.aaaa"]\nmanual = true\nlegal_status = "X"'),
            )
        assert str(error.value).splitlines() == [
            "mine.toml: a: rule: no rule: 'any'; there are all, kpi:K08>=100, declared>=85 and manual",
            "mine.toml: a: unknown key 'cheks' (did you mean 'checks'?)",
            "mine.toml: a: the rule all needs checks; the rules manual and declared have none",
            "mine.toml: a: valid_from: is not a date (2026-07-01)",
            "mine.toml: a: kinds: unknown word 'portl' (did you mean 'portal'?)",
            "mine.toml: b: manual = true goes with the rules manual and declared, and with no other",
            "mine.toml: b: legal_status: unknown word 'X'",
            "mine.toml: requirement 'a' stands twice",
        ]

    @pytest.mark.parametrize("text", ["", "x", "id = 1", "requirement = 1", "[[requirement]]", "a = " + "[" * 5_000])
    def test_no_file_raises_anything_else(self, text: str) -> None:
        with pytest.raises(FrameworkError):
            parse(text, source="mine.toml")


class TestStanding:
    def test_a_target_is_met_missed_or_open(self) -> None:
        made = framework(("a", 'rule = "kpi:K08>=100"'))
        up, down = (facts(f"w{n}", Kind.PORTAL, "S1", ladder=(n, False)) for n in (2, 1))
        open_one = facts("w3", Kind.PORTAL, "S1", ladder=(1, True))
        assert stands(made, [up]) is Compliance.MET
        assert stands(made, [up, down]) is Compliance.NOT_MET
        assert stands(made, [up, open_one]) is Compliance.UNDECIDED
        assert stands(made, []) is Compliance.NOTHING

    def test_without_a_target_nothing_is_judged(self) -> None:
        assert stands(framework(("a", 'rule = "kpi:K08"')), [facts("w", Kind.PORTAL, "S1", ladder=(0, False))]) is (
            Compliance.NO_TARGET
        )

    def test_all_asks_every_check_of_every_subject_of_its_kinds(self) -> None:
        made = framework(("a", 'rule = "all"\nchecks = ["security.mail.*"]\nkinds = ["mail"]'))
        good = facts("a.vn", Kind.MAIL, "S1", [said("security.mail.spf", Outcome.PASS)])
        bad = facts(
            "b.vn",
            Kind.MAIL,
            "S1",
            [said("security.mail.spf", Outcome.PASS), said("security.mail.dmarc", Outcome.FAIL)],
        )
        assert stands(made, [good]) is Compliance.MET
        assert stands(made, [good, bad]) is Compliance.NOT_MET
        assert stands(made, [good, facts("c.vn", Kind.MAIL, "S1")]) is Compliance.UNDECIDED
        assert held(made, [good, bad]).results[0].figure is not None

    def test_what_a_person_has_to_confirm_stays_visible(self) -> None:
        assert stands(framework(("a", 'rule = "manual"\nmanual = true')), []) is Compliance.MANUAL

    def test_a_rule_counts_in_its_time_alone(self) -> None:
        made = framework(("a", 'rule = "kpi:K08>=100"\nvalid_from = 2026-07-01\nvalid_to = 2026-12-31'))
        bad = [facts("w", Kind.PORTAL, "S1", ladder=(0, False))]
        assert stands(made, bad, day=date(2026, 6, 30)) is Compliance.NOT_IN_FORCE
        assert stands(made, bad, day=date(2026, 12, 31)) is Compliance.NOT_MET
        assert stands(made, bad, day=date(2027, 1, 1)) is Compliance.NOT_IN_FORCE

    def test_a_declared_value_is_held_against_its_target_and_is_called_declared(self) -> None:
        made = framework(("a", 'rule = "declared>=85"\nmanual = true\nunit_vi = "phần trăm"\nunit_en = "%"'))
        values = [
            DeclaredValue(
                framework="mine", requirement="a", value=value, as_of=day, source="BC 1", signatory="A", t0=0, t=0
            )
            for value, day in ((90.0, date(2026, 3, 31)), (80.0, date(2026, 9, 30)), (99.0, date(2027, 1, 1)))
        ]
        assert stands(made, []) is Compliance.MANUAL
        assert stands(made, [], *values) is Compliance.DECLARED_NOT_MET
        assert [one.value for one in held(made, [], *values).results[0].declared] == [80.0, 90.0]
        assert stands(made, [], *values[:1]) is Compliance.DECLARED_MET


class TestPartOfTheSubjects:
    """Tests that a requirement counts the subjects that it applies to, and no others."""

    @staticmethod
    def router(name: str, network: Network, outcome: Outcome, agency: str = "S1") -> SubjectFacts:
        return replace(facts(name, Kind.ROUTER, agency, [said("security.snmp.v3", outcome)]), network=network)

    @pytest.mark.parametrize("rule", ['checks = ["security.snmp.v3"]\nrule = "all"', 'rule = "kpi:K18>=100"'])
    def test_requirement_of_one_network_ignores_devices_of_another(self, rule: str) -> None:
        made = framework(("1", f'networks = ["tslcd"]\n{rule}'))
        inside, outside = self.router("a", Network.TSLCD, PASS), self.router("b", Network.INTERNET, FAIL)
        result = held(made, [inside, outside]).results[0]
        assert result.compliance is Compliance.MET
        assert result.figure is not None
        assert (result.figure.met, result.figure.of) == (1, 1)
        assert stands(made, [outside]) is Compliance.NOTHING

    def test_requirement_of_the_province_itself_ignores_its_units(self) -> None:
        made = framework(("1", 'of_root = true\nrule = "kpi:K18>=100"'))
        own, under = self.router("a", Network.INTERNET, PASS, "P"), self.router("b", Network.INTERNET, FAIL, "S1")
        assert stands(made, [own, under]) is Compliance.MET
        assert stands(made, [under]) is Compliance.NOTHING

    @pytest.mark.parametrize(
        ("tops", "counted"),
        [
            ({"P": ""}, ["P"]),
            ({"P": "province", "S1": "department"}, ["P"]),
            ({"P": "UBND tỉnh", "S1": "", "X1": "xã"}, ["P"]),
            ({"P": "", "S1": ""}, []),
            ({"S1": "department", "X1": "commune"}, []),
            ({"P": "province", "Q": "province"}, []),
        ],
    )
    def test_province_itself_is_the_one_top_unit_or_the_only_province_among_several(
        self, tops: dict[str, str], counted: list[str]
    ) -> None:
        made = framework(("1", 'of_root = true\nrule = "kpi:K18>=100"'))
        flat = Organisation(units=tuple(Unit(code=AgencyId(one), name=one, level=word) for one, word in tops.items()))
        for agency in (*tops, "elsewhere", None):
            router = facts("a", Kind.ROUTER, agency, [said("security.snmp.v3", FAIL)])
            (result,) = held(made, [router], organisation=flat).results
            assert result.compliance is (Compliance.NOT_MET if agency in counted else Compliance.NOTHING), agency

    def test_province_itself_is_none_that_another_has_followed(self) -> None:
        made = framework(("1", 'of_root = true\nrule = "kpi:K18>=100"'))
        merged = Organisation(
            units=(
                Unit(code=AgencyId("OLD"), name="Tỉnh cũ", level="province", valid_to=date(2025, 6, 30)),
                Unit(code=AgencyId("P"), name="Tỉnh", level="province"),
            )
        )
        subjects = [self.router("a", Network.INTERNET, PASS, "P"), self.router("b", Network.INTERNET, FAIL, "OLD")]
        (result,) = held(made, subjects, organisation=merged).results
        assert result.compliance is Compliance.MET

    def test_network_that_does_not_exist_is_a_problem_of_the_file(self) -> None:
        with pytest.raises(FrameworkError, match="unknown word 'tslkd'"):
            framework(("1", 'networks = ["tslkd"]\nrule = "kpi:K18>=100"'))


class TestExemptions:
    """Tests that an agency's declaration does not exempt it from a law."""

    EXEMPT = facts("a.vn", Kind.MAIL, "S1", [said("security.mail.dmarc", Outcome.NOT_APPLICABLE, code="EXEMPT")])
    GOOD = facts("b.vn", Kind.MAIL, "S1", [said("security.mail.dmarc", PASS)])
    BAD = facts("c.vn", Kind.MAIL, "S1", [said("security.mail.dmarc", FAIL)])

    @pytest.mark.parametrize("rule", ['rule = "kpi:K17>=100"', 'checks = ["security.mail.dmarc"]\nrule = "all"'])
    def test_exempt_subject_is_not_decided_where_the_requirement_names_no_exemptions(self, rule: str) -> None:
        made, allowing = framework(("1", rule)), framework(("1", f"exemptions = true\n{rule}"))
        subjects = [self.EXEMPT, self.GOOD]
        assert (stands(made, subjects), stands(allowing, subjects)) == (Compliance.UNDECIDED, Compliance.MET)
        assert stands(made, [*subjects, self.BAD]) is Compliance.NOT_MET
        assert (stands(made, [self.EXEMPT]), stands(allowing, [self.EXEMPT])) == (
            Compliance.UNDECIDED,
            Compliance.NOTHING,
        )


def test_article_begins_with_a_capital_letter_where_a_line_begins_with_it() -> None:
    requirement = SHIPPED[0].requirements[0]
    assert replace(requirement, article="khoản 4 Điều 11").heading == "Khoản 4 Điều 11"
    assert replace(requirement, article="điểm đ Phụ lục I").heading == "Điểm đ Phụ lục I"
    assert replace(requirement, article="").heading == ""
