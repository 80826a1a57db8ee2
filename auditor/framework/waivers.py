"""Reads waivers from the operator's table: subject, checks, reason, responsible person, first and last day.

A waived finding keeps its verdict. An expired waiver has no effect and is reported.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from auditor.framework.csv_reader import CsvColumn, CsvRow, read_rows
from auditor.framework.findings import Waiver
from auditor.framework.operator_problems import OperatorProblem, nearest, problem
from inventory.model import AgencyId, Subject, SubjectId

COLUMNS = (
    CsvColumn(name="subject", also=("đối tượng", "hệ thống, thiết bị")),
    CsvColumn(name="agency", also=("cơ quan", "mã cơ quan", "agency_code")),
    CsvColumn(name="check", also=("tiêu chí", "check_prefix", "mã tiêu chí"), needed=True),
    CsvColumn(name="reason", also=("lý do",), needed=True),
    CsvColumn(name="owner", also=("người chịu trách nhiệm", "người phụ trách", "signatory"), needed=True),
    CsvColumn(name="from", also=("từ ngày", "bắt đầu", "valid_from")),
    CsvColumn(name="until", also=("đến ngày", "hết hạn"), needed=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverRow:
    """Holds one row, for a subject or for all subjects of an agency; ``check`` is an id or a prefix without ``.*``.

    ``since`` is the first day, ``until`` the last one; without a first day it also covers all days before.
    """

    subject: SubjectId | None = None
    agency: AgencyId | None = None
    check: str
    reason: str
    owner: str
    until: date
    since: date | None = None

    def in_force(self, day: date) -> bool:
        """True if the waiver is in force on a day."""
        return (self.since is None or self.since <= day) and day <= self.until

    def covers(self, subject: Subject, check: str) -> bool:
        """True if the waiver is for this check and this subject, on any day."""
        whose = self.subject == subject.id if self.subject is not None else self.agency == subject.agency
        return whose and f"{check}.".startswith(f"{self.check}.")

    @property
    def of(self) -> str:
        """The id of the subject or agency of the waiver."""
        return self.subject or self.agency or ""


def waiver(rows: Collection[WaiverRow], subject: Subject, check: str, day: date) -> Waiver | None:
    """Return the waiver in force on ``day``, the one that lasts longest of several, or None."""
    found = [row for row in rows if row.in_force(day) and row.covers(subject, check)]
    if not found:
        return None
    longest = max(found, key=lambda row: row.until)
    return Waiver(reason=longest.reason, owner=longest.owner, until=longest.until)


def read_waivers(
    data: bytes, source: str, known: Collection[str], problems: list[OperatorProblem]
) -> tuple[WaiverRow, ...]:
    """Return all valid rows; problems are added to ``problems``, each with file, row and field."""
    rows = read_rows(data, source, COLUMNS, problems)
    return tuple(found for row in rows if (found := _row(row, known)) is not None)


def _row(row: CsvRow, known: Collection[str]) -> WaiverRow | None:
    subject, agency = row.text("subject"), row.text("agency")
    if bool(subject) == bool(agency):
        row.problems.append(problem("name a subject or an agency, not both", at=row.at("subject")))
    check = row.text("check").removesuffix("*").removesuffix(".")
    if check and not any(f"{text}.".startswith(f"{check}.") for text in known):
        hint = nearest(check, known)
        row.problems.append(problem("unknown check '{check}'", at=row.at("check"), check=check, hint=hint))
    since, until = row.day("from"), row.day("until")
    if since is not None and until is not None and since > until:
        row.problems.append(problem("ends before it begins", at=row.at("until")))
    if until is None or not check or not row.text("reason") or not row.text("owner"):
        return None
    return WaiverRow(
        subject=SubjectId(subject) if subject else None,
        agency=AgencyId(agency) if agency else None,
        check=check,
        reason=row.text("reason"),
        owner=row.text("owner"),
        until=until,
        since=since,
    )
