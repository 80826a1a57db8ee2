"""The table of what fails: all of it, the gravest first, each subject linked to where it stands."""

import re
from collections import Counter

import pytest

from auditor.framework.findings import Outcome, Severity
from tests.unit.reports.earlier import whole_province
from tests.unit.reports.formats.html.test_page import folder, source
from tests.unit.reports.sample import SCRIPT, SampleReport


def rows(text: str) -> list[str]:
    found = re.search(r'<section id="problems">(.*?)</section>', text, re.DOTALL)
    assert found is not None
    return re.findall(r'<tr data-severity="[^"]+".*?</tr>', found[1], re.DOTALL)


def failing(report: SampleReport) -> Counter[tuple[object, str]]:
    return Counter(
        (agency.agency, finding.check)
        for agency in report.agencies()
        for subject in agency.subjects
        for finding in subject.findings
        if finding.outcome is Outcome.FAIL and finding.waived is None
    )


def test_problem_list_has_every_failing_check_of_every_agency_with_its_findings() -> None:
    report = whole_province()
    expected, found = failing(report), rows(source(report))
    numbers = [int(each) for row in found for each in re.findall(r'<td class="num">(?:<span[^>]*>)?(\d+)', row)]
    assert len(found) == len(expected) > 1
    assert sum(numbers) == sum(expected.values())


def test_problem_list_begins_with_the_gravest() -> None:
    severities = [Severity(re.findall(r'data-severity="([^"]+)"', row)[0]) for row in rows(source(whole_province()))]
    assert severities == sorted(severities, key=lambda severity: severity.rank)


def test_problem_list_links_subjects_on_this_page_or_on_that_of_their_agency(monkeypatch: pytest.MonkeyPatch) -> None:
    text = source(whole_province())
    for anchor in re.findall(r'href="#(s\d+)"', " ".join(rows(text))):
        assert f'id="{anchor}"' in text
    files = folder(whole_province(), monkeypatch, subjects=2)
    links = re.findall(r'href="([^"#]+)#(s\d+)"', " ".join(rows(files["report.html"])))
    assert links
    for page, anchor in links:
        assert f'id="{anchor}"' in files[page]


def test_problem_list_says_how_many_rows_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    every = len(rows(source(whole_province())))
    monkeypatch.setattr("reports.formats.html.problem_list.MOST_ROWS", 1)
    text = source(whole_province(), "en")
    assert len(rows(text)) == 1
    assert f"and {every - 1} more" in text[text.index('<section id="problems">') :]


def test_problem_list_escapes_what_targets_said() -> None:
    assert SCRIPT not in " ".join(rows(source(whole_province())))
