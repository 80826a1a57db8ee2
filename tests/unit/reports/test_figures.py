"""Tests which requirements are named beside a check."""

from dataclasses import replace

from auditor.framework.findings import CheckId
from reports.figures import requirements_of
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
