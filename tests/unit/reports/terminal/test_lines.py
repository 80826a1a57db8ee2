"""Tests lines that both outputs for a terminal share: checks without authorisation, and the result."""

from collections import Counter
from dataclasses import replace

import pytest

from auditor.framework.context import Health
from auditor.framework.findings import CheckId
from auditor.texts.translate import Texts
from reports.document import Statement, VantageReport
from reports.terminal.layout import style
from reports.terminal.lines import ResultCount, authorisation_line, result_line, vantage_lines
from tests.unit.reports.sample import header, province, unauthorised

TEXTS, STYLE = Texts("en"), style(color=False, ascii_only=False)


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        (0, ""),
        (1, "1 check needs the owner's authorisation: c0 (auditor checks explain c0)"),
        (8, "8 checks need the owner's authorisation: c0, c1, c2, c3, c4, c5, and 2 more (auditor checks explain c0)"),
    ],
)
def test_authorisation_line_names_some_checks(checks: int, words: str) -> None:
    assert authorisation_line((CheckId(f"c{number}") for number in reversed(range(checks))), TEXTS) == words


def test_result_line_without_findings_says_so() -> None:
    assert result_line(ResultCount(), header(), TEXTS, STYLE) == "Nothing was judged."


@pytest.mark.parametrize(("grade", "words"), [("not_met", ""), ("not_enough_evidence", "NOT ENOUGH EVIDENCE   ")])
def test_result_line_of_chosen_checks_grades_no_area(grade: str, words: str) -> None:
    count = ResultCount(grades={grade})
    for finding in province(()).findings:
        count.add(finding)
    whole = result_line(count, header(), TEXTS, STYLE)
    counts = whole.partition("   ")[2]
    assert whole.startswith(f"Result: {TEXTS.grade(grade).upper()}   ")
    assert result_line(count, header((Statement(code="SELECTED_CHECKS"),)), TEXTS, STYLE) == f"Result: {words}{counts}"


def test_resultcount_knows_what_nobody_authorised() -> None:
    count, report = ResultCount(), unauthorised(province(()))
    for finding in report.findings:
        count.add(finding)
    assert set(count.unauthorised) == {finding.check for finding in report.findings}


def test_vantage_lines_without_any_network_say_where_to_look() -> None:
    away = VantageReport(name="xa", ipv4=Health.NONE, ipv6=Health.NONE, dns=Health.IMPAIRED)
    whole = header()
    lines = list(vantage_lines(replace(whole, vantages=(away,)), TEXTS, STYLE))
    (advice,) = lines[1:]
    assert advice.startswith("No way out to a network over IPv4 or IPv6, ")
    assert advice.endswith("auditor doctor")
    assert len(list(vantage_lines(replace(whole, vantages=(*whole.vantages, away)), TEXTS, STYLE))) == 3


@pytest.mark.parametrize(("n", "en", "vi"), [(1, "1 warning", "cảnh báo 1"), (2, "2 warnings", "cảnh báo 2")])
def test_result_line_counts_warnings_as_each_language_does(n: int, en: str, vi: str) -> None:
    count = ResultCount(results=Counter({"warn": n, "pass": 3}))
    assert f"{en} · 3 pass" in result_line(count, header(), TEXTS, STYLE)
    assert f"{vi} · đạt 3" in result_line(count, header(), Texts("vi"), STYLE)
