"""Tests the table of fails and warnings: all of them, the gravest first, each subject linked to its place."""

import re
from collections import Counter
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qsl

import pytest

from auditor.framework.findings import DEFECTS, Outcome, Severity
from tests.unit.reports.earlier import whole_province
from tests.unit.reports.formats.html.test_page import folder, source
from tests.unit.reports.sample import SCRIPT, SampleReport


def rows(text: str) -> list[str]:
    found = re.search(r'<section id="problems">(.*?)</section>', text, re.DOTALL)
    assert found is not None
    return re.findall(r'<tr data-severity="[^"]+".*?</tr>', found[1], re.DOTALL)


def defects(report: SampleReport) -> Counter[tuple[object, str, str]]:
    return Counter(
        (agency.agency, finding.check, finding.outcome.value)
        for agency in report.agencies()
        for subject in agency.subjects
        for finding in subject.findings
        if finding.outcome in DEFECTS and finding.waived is None
    )


def test_problem_list_has_every_failure_and_warning_of_every_agency_with_its_findings() -> None:
    report = whole_province()
    expected, found = defects(report), rows(source(report))
    assert {outcome for _, _, outcome in expected} == {"fail", "warn"}
    numbers = [int(each) for row in found for each in re.findall(r'<td class="num">(?:<[^>]+>)*(\d+)', row)]
    assert len(found) == len(expected) > 1
    assert sum(numbers) == sum(expected.values())


def test_problem_list_begins_with_the_gravest_failure_and_ends_with_warnings() -> None:
    order = [
        (Outcome(outcome) is Outcome.WARN, Severity(severity).rank)
        for row in rows(source(whole_province()))
        for severity, outcome in re.findall(r'data-severity="([^"]+)".*? data-outcome="([^"]+)"', row)
    ]
    assert order == sorted(order)
    assert order[0][0] is not order[-1][0]


def test_problem_list_rows_say_what_they_are_filtered_by() -> None:
    report = whole_province()
    first, *others = report.groups[0].subjects
    tagged = replace(first.subject, tags=("nhan hai chu", "quan-trong"))
    subjects = (replace(first, subject=tagged), *others)
    text = source(replace(report, groups=(replace(report.groups[0], subjects=subjects), *report.groups[1:])))
    row = next(row for row in rows(text) if "ipv6.web.reach" in row)
    assert 'data-check="ipv6.web.reach" data-kind="portal" data-family="6" data-tag="nhan hai chu\nquan-trong"' in row
    assert '<option value="nhan hai chu">' in text
    assert '<select id="problem-kind">' in text


def test_problem_list_is_where_numbers_and_checks_lead() -> None:
    text = source(whole_province())
    wanted = {unescape(query) for query in re.findall(r'data-rows="([^"]+)"', text)}
    assert {"outcome=fail", "outcome=warn", "check=ipv6.web.reach"} <= wanted
    offered = {name: set(re.findall(rf' data-{name}="([^"]+)"', " ".join(rows(text)))) for name in ("check", "agency")}
    for query in wanted:
        for name, value in parse_qsl(query):
            assert value in offered.get(name, {value}), query


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
