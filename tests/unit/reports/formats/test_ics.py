"""Tests that other programs can read the calendar, with an event for each day before which action is needed."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import icalendar
import pytest

from auditor.framework.findings import Finding, Outcome, Waiver
from auditor.framework.localdate import civil_day
from inventory.model import Expectation, ExpectedState
from reports.document import Options, SubjectReport
from reports.formats.ics import CERTIFICATE, SIGNATURES
from reports.registry import renderer
from tests.unit.reports.sample import MemorySink, SampleReport, province

HOSTILE = "x\r\nEND:VCALENDAR\r\n;,\\ \x1b[31m" + "ệ" * 100


def _events(calendar: icalendar.Calendar) -> list[Any]:
    """Return the events of the calendar; typed as Any because each property has a type of its own."""
    return list(calendar.walk("VEVENT"))


def _calendar(report: SampleReport, lang: str = "en") -> tuple[bytes, icalendar.Calendar]:
    sink = MemorySink()
    renderer("ics", Options(lang=lang))(report, sink)
    data = sink.files["calendar.ics"]
    return data, icalendar.Calendar.from_ical(data)


def _with(*findings: Finding, expected: Expectation | None = None) -> SampleReport:
    report = province(())
    group = report.groups[0]
    subject: SubjectReport = next(iter(group.subjects))
    changed = replace(subject.subject, expected=expected or Expectation())
    only = replace(subject, subject=changed, findings=findings)
    return replace(report, groups=(replace(group, subjects=(only,)),))


def _finding(**changes: object) -> Finding:
    return replace(next(iter(province(()).findings)), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_whole_province_is_a_calendar_with_one_event_per_uid(lang: str) -> None:
    _, calendar = _calendar(province(), lang)
    uids = [str(event["UID"]) for event in _events(calendar)]
    assert len(uids) == len(set(uids))
    assert not calendar.errors


def test_certificate_signature_waiver_and_plan_are_days_of_their_own() -> None:
    report = province(())
    started = civil_day(report.header.started)
    waiver = Waiver(reason=HOSTILE, owner="Sở", until=date(2027, 1, 31))
    findings = (
        _finding(
            id="a" * 16,
            check=CERTIFICATE,
            code="VALID",
            outcome=Outcome.PASS,
            args={"until": "2026-12-24T18:30:00+00:00"},
        ),
        _finding(id="b" * 16, check=SIGNATURES, code="SOUND", outcome=Outcome.PASS, args={"days": 12}),
        _finding(id="c" * 16, outcome=Outcome.FAIL, waived=waiver),
    )
    planned = Expectation(state=ExpectedState.PLANNED, due=date(2027, 6, 1))
    _, calendar = _calendar(_with(*findings, expected=planned))
    days = {str(event["CATEGORIES"].cats[0]): event["DTSTART"].dt for event in _events(calendar)}
    assert days == {
        "CERTIFICATE": date(2026, 12, 25),  # the day in Vietnam
        "DNSSEC": started + timedelta(days=12),
        "WAIVER": date(2027, 1, 31),
        "PLAN": date(2027, 6, 1),
    }


def test_text_of_a_target_cannot_end_the_calendar() -> None:
    waiver = Waiver(reason=HOSTILE, owner="a", until=date(2027, 1, 31))
    data, calendar = _calendar(_with(_finding(outcome=Outcome.FAIL, waived=waiver)))
    (event,) = _events(calendar)
    assert "END:VCALENDAR" in str(event["DESCRIPTION"])
    assert data.count(b"\r\nEND:VCALENDAR") == 1
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    for line in data.split(b"\r\n"):
        line.decode("utf-8")


def test_exception_that_ends_is_named_by_its_problem() -> None:
    waived = _finding(outcome=Outcome.FAIL, waived=Waiver(reason="r", owner="a", until=date(2027, 1, 31)))
    report = _with(waived)
    declared = replace(report.checks[waived.check], problem="Something is wrong")
    (event,) = _events(_calendar(replace(report, checks={waived.check: declared}))[1])
    assert str(event["SUMMARY"]) == f"Accepted exception of {waived.subject} ends: Something is wrong"


def test_uid_of_an_event_is_the_same_in_the_next_run() -> None:
    finding = _finding(check=CERTIFICATE, code="VALID", args={"until": "2026-12-24T18:30:00+00:00"}, waived=None)
    later = replace(finding, args={"until": "2027-12-24T18:30:00+00:00"})
    first, second = (_events(_calendar(_with(each))[1])[0]["UID"] for each in (finding, later))
    assert first == second
