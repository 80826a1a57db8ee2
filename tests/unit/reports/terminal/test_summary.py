"""Tests that the end of an audit fits a terminal: counts by area, the worst problems, figures, the result."""

from dataclasses import replace

import pytest

from auditor.framework.findings import Outcome
from reports.document import Options, Statement
from reports.terminal.summary import MOST_LINES, summary
from tests.unit.reports.sample import header, province, unauthorised


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_summary_of_a_hostile_province_fits_a_terminal(lang: str) -> None:
    lines = summary(province(), Options(lang=lang, width=80))
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= 80
    assert all(line.isprintable() or not line for line in lines)


def test_summary_names_the_worst_problem_first() -> None:
    lines = summary(province(()), Options(lang="en"))
    first = next(number for number, line in enumerate(lines) if line.startswith("Worst problems")) + 1
    assert lines[first].startswith("  ✘ critical  ")
    assert lines[-1].startswith("Result: NOT MET   ")


def test_summary_counts_each_area() -> None:
    report = province(())
    lines = summary(report, Options(lang="en"))
    failing = sum(one.outcome is Outcome.FAIL for one in report.stream_findings() if one.check.startswith("ipv6.web"))
    (web,) = (line for line in lines if line.startswith("Web over IPv6") or line.startswith("IPv6 web"))
    assert web.split("✘")[1].split()[0] == str(failing)


def test_summary_puts_what_nobody_authorised_on_one_line() -> None:
    report = unauthorised(province(()))
    (line,) = (line for line in summary(report, Options(lang="en")) if "authorisation" in line)
    assert "the owner's authorisation: " in line
    assert "auditor checks explain" in line


def test_summary_of_chosen_checks_gives_no_grade() -> None:
    made = province(())
    chosen = replace(made, header=header((Statement(code="SELECTED_CHECKS", args={"checks": ("ipv6.web.aaaa",)}),)))
    assert "NOT MET" not in summary(chosen, Options(lang="en"))[-1]
