"""Tests an agency's part of a province's report: its own subjects, and no count, comparison or name of the others."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from auditor.framework.findings import Finding, Outcome
from auditor.service.runs.scoped_report import ScopedReport
from auditor.texts.messages_en import LIMITS
from inventory.model import AgencyId
from reports.document import Options, Statement
from reports.earlier_runs import EarlierRuns, Timelines
from reports.registry import renderer
from tests.unit.reports.earlier import whole_province
from tests.unit.reports.sample import MemorySink, SampleReport

OURS = AgencyId("so-xd")
COUNTS_ALL = {
    "NOT_MEASURED",
    "INTERRUPTED",
    "VANTAGE_INTERRUPTED",
    "WAIVER_ENDED",
    "WAIVER_OF_NOBODY",
    "NO_INVENTORY",
    "NOT_STATUTORY",
}
"""Limits that count or name subjects of another agency, or stand in every report anyway."""


def own() -> ScopedReport:
    whole = whole_province()
    said = tuple(Statement(code=code, args={"findings": 4711}) for code in LIMITS)
    ours = {one.subject.id for group in whole.agencies() if group.agency == OURS for one in group.subjects}
    strips = {one.subject.id: "p" for one in whole.stream_subjects()}
    known = replace(whole, header=replace(whole.header, limits=said), timelines=Timelines(strips=strips))
    return ScopedReport(known, lambda one: one == OURS, ours)


def test_scoped_report_has_nothing_of_other_agencies() -> None:
    report, whole = own(), whole_province()
    others = {one.subject.id for group in whole.agencies() if group.agency != OURS for one in group.subjects}
    told = [one.subject.id for one in report.stream_subjects()]
    assert told
    assert {group.agency for group in report.agencies()} == {OURS}
    assert not others & {*told, *(one.subject for one in report.stream_findings()), *report.timelines.strips}
    assert sum(report.summary.values()) == len(list(report.stream_findings())) > 0
    assert set(report.lives) <= {one.id for one in report.stream_findings()}
    assert (report.rollup, report.history, report.mesh.names, report.standings) == (None, EarlierRuns(), (), {})


def test_scoped_report_limits_count_own_subjects() -> None:
    report = own()
    limits = {one.code: one.args for one in report.header.limits}
    assert not COUNTS_ALL & limits.keys()
    assert limits.keys() - {"WAIVED", "BUGS"} == LIMITS.keys() - COUNTS_ALL - {"WAIVED", "BUGS"}
    accepted = sum(one.waived is not None for one in report.stream_findings())
    assert limits.get("WAIVED", {"findings": 0})["findings"] == accepted
    assert limits.get("BUGS", {"findings": 0})["findings"] == report.summary[Outcome.ERROR]


def test_scoped_report_counts_in_one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    kind, readings = type(whole_province()), 0
    read = kind.stream_findings

    def counted(whole: SampleReport) -> Iterator[Finding]:
        nonlocal readings
        readings += 1
        return read(whole)

    monkeypatch.setattr(kind, "stream_findings", counted)
    report = own()
    assert report.header.limits
    assert sum(report.summary.values()) > 0
    assert readings == 1


def test_scoped_report_html_names_no_other_agency() -> None:
    sink = MemorySink()
    renderer("html", Options(lang="vi"))(own(), sink)
    text = b"".join(made for made in sink.files.values()).decode()
    names = {group.agency: group.name for group in whole_province().agencies()}
    assert names.pop(OURS) in text
    assert [name for name in names.values() if name and name in text] == []
