"""Tests values read from the answers of a survey: incomplete ones are rejected, and missing parts are named."""

from datetime import date

import pytest

from auditor.figures.survey import SurveyAnswer, items, missing, values
from auditor.regulations.loading import FrameworkError, parse
from auditor.regulations.model import SurveyForm

HEAD = """
id = "plan"
title_vi = "Kế hoạch"
title_en = "Plan"
source_vi = "QĐ 1"
source_en = "Decision 1"
legal_status = "V"
"""
RATIO = """
[[requirement]]
id = "II.1.a"
article = "II.1.a"
text_vi = "Thuê bao trên 100 dân"
text_en = "Subscriptions per 100 inhabitants"
rule = "declared>=85"
manual = true
per = 100
items = [
  { code = "II.1.a/1", form = "operator", role = "part", text_vi = "Thuê bao", text_en = "Subscriptions" },
  { code = "II.1.a/2", form = "department", role = "whole", text_vi = "Dân số", text_en = "Inhabitants" },
]
"""
VALUE = """
[[requirement]]
id = "II.1.d"
article = "II.1.d"
text_vi = "Tốc độ"
text_en = "Speed"
rule = "declared>=40"
manual = true
unit_vi = "Mbps"
unit_en = "Mbps"
"""
PLAN = parse(HEAD + RATIO + VALUE, source="plan.toml")
ASKED = {SurveyForm.OPERATOR: ("A", "B"), SurveyForm.DEPARTMENT: ("Sở",)}
DAY = date(2026, 12, 31)


def answer(item: str, respondent: str, value: float) -> SurveyAnswer:
    requirement = item.partition("/")[0]
    return SurveyAnswer(
        requirement=requirement, item=item, respondent=respondent, value=value, as_of=DAY, signatory="Ông C"
    )


WHOLE = [answer("II.1.a/1", "A", 500.0), answer("II.1.a/1", "B", 400.0), answer("II.1.a/2", "Sở", 1_000.0)]


def test_items_of_a_declared_requirement_without_its_own_is_one_of_the_department() -> None:
    assert [item.code for _, item in items(PLAN, SurveyForm.OPERATOR)] == ["II.1.a/1"]
    assert [item.code for _, item in items(PLAN, SurveyForm.DEPARTMENT)] == ["II.1.a/2", "II.1.d"]


def test_value_is_the_sum_of_all_parts_on_the_whole() -> None:
    (made,) = values(PLAN, WHOLE, ASKED)
    assert (made.requirement.id, made.value, made.as_of, made.respondents) == ("II.1.a", 90.0, DAY, ("A", "B", "Sở"))


def test_value_without_the_answer_of_one_operator_is_none() -> None:
    assert list(values(PLAN, [WHOLE[0], WHOLE[2]], ASKED)) == []
    assert [(each.respondent, each.item.code) for each in missing(PLAN, [WHOLE[0], WHOLE[2]], ASKED)] == [
        ("B", "II.1.a/1"),
        ("Sở", "II.1.d"),
    ]


def test_value_is_none_where_nobody_was_asked_for_a_part() -> None:
    assert list(values(PLAN, WHOLE, {SurveyForm.DEPARTMENT: ("Sở",)})) == []


def test_answers_of_nobody_who_was_asked_count_for_nothing() -> None:
    (made,) = values(PLAN, [*WHOLE, answer("II.1.a/1", "C", 9_000.0)], ASKED)
    assert made.value == 90.0


def test_value_on_nothing_is_none() -> None:
    assert list(values(PLAN, [*WHOLE[:2], answer("II.1.a/2", "Sở", 0.0)], ASKED)) == []


def test_value_that_is_stated_directly_is_taken() -> None:
    (made,) = values(PLAN, [answer("II.1.d", "Sở", 52.5)], ASKED)
    assert (made.requirement.id, made.value) == ("II.1.d", 52.5)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (RATIO.replace('"II.1.a/2"', '"II.1.a/1"'), "II.1.a/1"),
        (RATIO.replace('role = "whole"', 'role = "all"'), "all"),
        (RATIO.replace('role = "whole"', 'role = "part"'), "whole"),
        (RATIO.replace('form = "operator"', 'form = "operators"'), "operators"),
        (RATIO.replace('rule = "declared>=85"', 'rule = "manual"'), "declared"),
        (RATIO.replace("per = 100", "per = 0"), "per"),
    ],
)
def test_items_that_cannot_be_counted_are_refused(wrong: str, said: str) -> None:
    with pytest.raises(FrameworkError) as caught:
        parse(HEAD + wrong, source="plan.toml")
    assert any(said in str(each) for each in caught.value.problems)
