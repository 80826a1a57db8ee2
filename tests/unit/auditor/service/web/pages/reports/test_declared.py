"""Tests the page of declared values for one framework and period."""

from dataclasses import replace
from datetime import UTC, date, datetime

from auditor.figures.period import parse_period
from auditor.figures.survey import MissingAnswer
from auditor.framework import catalogue
from auditor.regulations.model import ItemRole, SurveyForm, SurveyItem
from auditor.service.config.model import Config
from auditor.service.pipeline.operator_files.frameworks import chosen_frameworks
from auditor.service.store.records import DeclaredEntry
from auditor.service.web.pages.reports.declared import declared_lines

PLAN = "plan-daklak-2023-2025"


def entry(requirement: str, period: str, item: str = "") -> DeclaredEntry:
    return DeclaredEntry(
        framework=PLAN,
        requirement=requirement,
        item=item,
        respondent="VNPT" if item else "",
        period=period,
        value=91.5,
        as_of=date(2026, 9, 1),
        source="Báo cáo",
        signatory="Giám đốc",
        made=datetime(2026, 9, 2, tzinfo=UTC),
        who="an",
    )


def test_declared_lines_are_of_the_period_with_what_is_lacking() -> None:
    (plan,) = (each for each in chosen_frameworks(Config().frameworks, catalogue.load()) if each.id == PLAN)
    entries = [entry("II.1.a", "2026"), entry("II.1.b", "2025"), entry("II.1.c", "2026", item="II.1.c.x")]
    lines = declared_lines(plan, parse_period("2026"), entries)
    assert [(requirement.id, each.period) for requirement, each in lines.values] == [("II.1.a", "2026")]
    assert [each.item for each in lines.answers] == ["II.1.c.x"]
    lacking = {requirement.id for requirement in lines.lacking}
    assert {"II.1.b", "II.1.c"} <= lacking
    assert "II.1.a" not in lacking


def test_declared_lines_with_nothing_but_an_answer_that_is_missing_are_shown() -> None:
    (plan,) = (each for each in chosen_frameworks(Config().frameworks, catalogue.load()) if each.id == PLAN)
    without = replace(plan, requirements=())
    item = SurveyItem(code="x", form=SurveyForm.OPERATOR, role=ItemRole.VALUE, text={"vi": "x", "en": "x"})
    missing = MissingAnswer(respondent="VNPT", requirement=plan.requirements[0], item=item)
    assert not declared_lines(without, parse_period("2026"), ()).is_asked
    assert declared_lines(without, parse_period("2026"), (), [missing]).is_asked
