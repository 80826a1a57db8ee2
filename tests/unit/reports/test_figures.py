"""Tests which requirements are named beside a check."""

from dataclasses import replace

import pytest

from auditor.figures.figure import Figure
from auditor.framework.findings import CheckId
from auditor.texts.translate import Texts
from reports.figures import brief, requirements_of, stated
from tests.unit.reports.earlier import FRAMEWORK

AAAA = CheckId("ipv6.web.aaaa")


def test_requirements_of_a_check_name_an_article_once() -> None:
    first = FRAMEWORK.results[0]
    second = replace(first, requirement=replace(first.requirement, id="again"))
    other = replace(first, requirement=replace(first.requirement, id="other", article="Điều 99"))
    held = replace(FRAMEWORK, results=(first, second, other))
    assert [result.requirement.id for _, result in requirements_of([held], AAAA)] == [first.requirement.id, "other"]


def test_requirements_of_a_check_name_the_same_article_of_each_framework() -> None:
    theirs = replace(FRAMEWORK, framework=replace(FRAMEWORK.framework, id="theirs"))
    named = [framework.id for framework, _ in requirements_of([FRAMEWORK, theirs], AAAA)]
    assert named == ["tt-mau", "theirs"]
    assert requirements_of([FRAMEWORK], CheckId("security.tls.versions")) == []


@pytest.mark.parametrize(
    ("figure", "vi", "en"),
    [
        (Figure(of=79, met=66, unknown=5), "66/79 · 5 đối tượng chưa kết luận được", "66/79 · 5 undecided"),
        (Figure(of=4, met=4, unknown=0), "4/4", "4/4"),
        (Figure(of=26, met=0, unknown=0, value=0.1051), "10,5%", "10.5%"),
    ],
)
def test_stated_says_in_words_what_has_no_legend(figure: Figure, vi: str, en: str) -> None:
    assert (stated(figure, Texts("vi")), stated(figure, Texts("en"))) == (vi, en)


def test_brief_writes_a_share_as_the_reader_does() -> None:
    figure = Figure(of=26, met=0, unknown=1, value=0.1251)
    assert (brief(figure, Texts("vi")), brief(figure, Texts("en"))) == ("12,5% ?1", "12.5% ?1")
