"""Defines announced maintenance of a subject or an agency, during which measurements do not count."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from inventory.model import AgencyId, Subject, SubjectId

MAINTENANCE = "maintenance"
"""The tag of announced maintenance: ``maintenance=2026-11-30T22:00+07:00/2026-12-01T02:00+07:00``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """Holds announced work on a subject, or on all of an agency."""

    since: datetime
    until: datetime
    subject: SubjectId | None = None
    agency: AgencyId | None = None

    def covers(self, subject: Subject, start: datetime, end: datetime) -> bool:
        """True if any of the time from ``start`` to ``end`` is within the work."""
        return self.concerns(subject) and self.since < end and start < self.until

    def concerns(self, subject: Subject) -> bool:
        """True if the work is on the subject, or on all of its agency."""
        of_agency = self.agency is not None and self.agency == subject.agency
        return subject.id == self.subject or of_agency


def announced(subject: Subject) -> Iterator[tuple[str, Maintenance | None]]:
    """Yield the text of each tag ``maintenance=BEGIN/END`` and its period; None for a text without a usable one."""
    for text in subject.tag_values(MAINTENANCE):
        begin, _, end = text.partition("/")
        since, until = _moment(begin), _moment(end)
        usable = since is not None and until is not None and since < until
        yield text, Maintenance(since=since, until=until, subject=subject.id) if since and until and usable else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.astimezone(UTC)
