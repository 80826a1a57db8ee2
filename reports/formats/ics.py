"""Writes an iCalendar (RFC 5545) of days that somebody has to act before, as far as the run knows them.

There is an event of the whole day for each end of a certificate, of DNSSEC signatures and of a waiver, and for the
month in which IPv6 of a subject is due. A calendar that subscribes to it finds each event again by its UID.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

from auditor.framework.findings import CheckId, Finding
from auditor.framework.localdate import civil_day
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import ExpectedState
from reports.document import AgencyReport, Options, RenderFn, Report, Sink, SubjectReport
from reports.report_texts import say

CERTIFICATE, SIGNATURES = CheckId("security.tls.cert-expiry"), CheckId("security.dns.dnssec-health")
_OCTETS = 73
"""Octets of a line before it is folded; RFC 5545 §3.1 allows 75 with the blank of the next one."""
_ESCAPED: Mapping[int, str] = {ord("\\"): "\\\\", ord(";"): "\\;", ord(","): "\\,", ord("\n"): "\\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    uid: str
    day: date
    summary: str
    description: str
    place: str
    category: str


def renderer(options: Options) -> RenderFn:
    """Summaries in ``options.lang``."""
    return partial(_render, options)


def _render(options: Options, report: Report, sink: Sink) -> None:
    texts, header = Texts(options.lang, report.checks), report.header
    stamp = f"{(header.judged_at or header.started).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    outside = header.seal is not None and not header.seal.covers
    marked = say(texts, "seal_outside_line", root=clean(header.seal.root)) if header.seal and outside else ""
    with sink.open("calendar.ics") as out:
        for line in _head(texts, " ".join(filter(None, (clean(header.run), marked)))):
            out.write(_folded(line))
        for agency in report.agencies():
            for subject in agency.subjects:
                for event in _events(agency, subject, header.started, texts):
                    for line in _lines(event, stamp):
                        out.write(_folded(line))
        out.write(_folded("END:VCALENDAR"))


def _head(texts: Texts, run: str) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield "PRODID:-//IPv6 readiness auditor//calendar 1//EN"
    yield "CALSCALE:GREGORIAN"
    yield "METHOD:PUBLISH"
    yield f"X-WR-CALNAME:{_text(say(texts, 'calendar'))}"
    yield f"X-WR-CALDESC:{_text(run)}"
    yield "REFRESH-INTERVAL;VALUE=DURATION:PT12H"


def _lines(event: _Event, stamp: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}@ipv6-readiness-auditor"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_text(event.summary)}"
    yield f"DESCRIPTION:{_text(event.description)}"
    yield f"LOCATION:{_text(event.place)}"
    yield f"CATEGORIES:{event.category}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _events(agency: AgencyReport, subject: SubjectReport, started: datetime, texts: Texts) -> Iterator[_Event]:
    place, name = clean(agency.name or agency.agency or "", 200), clean(subject.subject.id, 200)
    for finding in subject.findings:
        until = None if finding.waived is None else finding.waived.until
        if finding.waived is not None and until is not None:
            summary = say(texts, "calendar_waiver", subject=name, title=texts.heading(finding))
            reason = f"{finding.waived.owner}: {finding.waived.reason}"
            yield _Event(
                uid=f"{finding.id}-waiver",
                day=until,
                summary=summary,
                description=reason,
                place=place,
                category="WAIVER",
            )
        end = _end(finding, started)
        if end is not None:
            key, category = _KINDS[finding.check]
            yield _Event(
                uid=str(finding.id),
                day=end,
                summary=say(texts, key, subject=name),
                description=texts.message(finding),
                place=place,
                category=category,
            )
    expected = subject.subject.expected
    if expected.state is ExpectedState.PLANNED and expected.due is not None:
        summary = say(texts, "calendar_plan", subject=name)
        uid = f"plan-{name.encode().hex()[:100]}"
        yield _Event(uid=uid, day=expected.due, summary=summary, description=name, place=place, category="PLAN")


_KINDS: Mapping[CheckId, tuple[str, str]] = {
    CERTIFICATE: ("calendar_certificate", "CERTIFICATE"),
    SIGNATURES: ("calendar_signatures", "DNSSEC"),
}


_TOLD = frozenset({"SOUND", "IDLE_ALGORITHM", "ENDS_NOW", "ENDS_SOON", "OLD_COPY"})
"""The codes of signatures that say how long they hold."""


def _end(finding: Finding, started: datetime) -> date | None:
    """Return the expiry day of a finding's subject matter; signatures give the time left at the run."""
    if finding.check == CERTIFICATE and isinstance(until := finding.args.get("until"), str):
        return civil_day(datetime.fromisoformat(until))
    if finding.check == SIGNATURES and finding.code in _TOLD:
        days, hours = finding.args.get("days", 0), finding.args.get("hours", 0)
        if isinstance(days, int | float) and isinstance(hours, int | float):
            return civil_day(started + timedelta(days=days, hours=hours))
    return None


def _text(text: str) -> str:
    return clean(text, 2_000).translate(_ESCAPED)


def _folded(line: str) -> bytes:
    """Fold a line by octets, never within a letter."""
    folded, rest = b"", line
    while True:
        piece = rest.encode("utf-8", "backslashreplace")[:_OCTETS].decode("utf-8", "ignore")
        folded += piece.encode("utf-8", "backslashreplace")
        rest = rest[len(piece) :]
        if not rest:
            return folded + b"\r\n"
        folded += b"\r\n "
