"""Reads the defects or the inconclusive findings of a judgement by an index, without its other findings.

A province has a hundred thousand of them and a page shows fifty: their common fields are held once, and an outline is
made only of those that are looked at.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from sys import intern

from sqlalchemy import Connection, Text, and_, cast, func, select, text

from auditor.framework.findings import CheckId, FindingId, Level, Outcome, Outline, Reason, Severity
from auditor.service.store.chunks import chunks
from auditor.service.store.database.schema import DEFECT, UNDECIDED, finding, statement, subject
from auditor.service.store.records import JudgementId
from auditor.service.store.sql.judgements import finding_rows
from auditor.service.store.sql.keys import FETCHED, judgement_key, known_keys
from inventory.model import SubjectId

_AT_ONCE = 500
_TESTED = cast(finding.c.evidence, Text) != "[]"
"""Selects findings that rest on evidence."""


@dataclass(slots=True, eq=False, kw_only=True)
class FindingKind:
    """Holds the fields that many findings of a judgement have in common. ``tested``: they rest on evidence."""

    check: CheckId
    check_version: int
    code: str
    outcome: Outcome
    severity: Severity
    level: Level
    reason: Reason | None
    waived: bool
    tested: bool


@dataclass(slots=True)
class ListedFinding:
    """Holds one finding of a list, from which an outline can be made."""

    subject: SubjectId
    id: FindingId
    address: str | None
    detail: str | None
    kind: FindingKind

    @classmethod
    def of(cls, subject: SubjectId, outline: Outline, *, tested: bool = True) -> "ListedFinding":
        """Make a listed finding from an existing outline."""
        kind = FindingKind(
            check=outline.check,
            check_version=outline.check_version,
            code=outline.code,
            outcome=outline.outcome,
            severity=outline.severity,
            level=outline.level,
            reason=outline.reason,
            waived=outline.waived,
            tested=tested,
        )
        return cls(subject, outline.id, outline.address, outline.detail, kind)

    def outline(self) -> Outline:
        kind = self.kind
        return Outline(
            id=self.id,
            check=kind.check,
            check_version=kind.check_version,
            code=kind.code,
            outcome=kind.outcome,
            severity=kind.severity,
            level=kind.level,
            address=self.address,
            detail=self.detail,
            reason=kind.reason,
            waived=kind.waived,
        )


def defects(connection: Connection, judgement: JudgementId) -> Iterator[ListedFinding]:
    """Yield the findings that are fail, warn or error, in the order in which they were added."""
    return _listed(connection, judgement, DEFECT)


def undecided(connection: Connection, judgement: JudgementId) -> Iterator[ListedFinding]:
    """Yield the inconclusive findings, in the order in which they were added."""
    return _listed(connection, judgement, UNDECIDED)


@dataclass(slots=True)
class UnauthorisedCount:
    """Counts findings that lack the owner's authorisation; ``checks``: the number of subjects by check."""

    findings: int = 0
    subjects: int = 0
    checks: Counter[CheckId] = field(default_factory=Counter)


def unauthorised(
    connection: Connection, judgement: JudgementId, only: Sequence[SubjectId] | None = None
) -> UnauthorisedCount:
    """Count the findings that need the owner's authorisation: of all subjects, or only of these."""
    key, run = judgement_key(connection, judgement)
    subjects_of = func.count(finding.c.subject.distinct())
    wanted = and_(finding.c.judgement == key, text(f"finding.{UNDECIDED}"), statement.c.reason == Reason.SCOPE.value)
    of_checks, of_all = (
        select(statement.c.check_id, func.count(), subjects_of).select_from(finding_rows.STATED).where(wanted),
        select(subjects_of).select_from(finding_rows.STATED).where(wanted),
    )
    counted = UnauthorisedCount()
    for part in [None] if only is None else chunks(only, _AT_ONCE):
        some = [] if part is None else [finding.c.subject.in_(known_keys(connection, run, part).values())]
        for check, findings, subjects in connection.execute(of_checks.where(*some).group_by(statement.c.check_id)):
            counted.findings += findings
            counted.checks[CheckId(check)] += subjects
        counted.subjects += connection.execute(of_all.where(*some)).scalar_one()
    return counted


def untested(connection: Connection, judgement: JudgementId) -> Counter[SubjectId]:
    """Count by subject the inconclusive findings without evidence, because nothing was measured."""
    key, _ = judgement_key(connection, judgement)
    left_out = text(f"finding.{UNDECIDED}"), ~_TESTED
    query = select(subject.c.id, func.count()).join(subject, subject.c.key == finding.c.subject)
    rows = connection.execute(query.where(finding.c.judgement == key, *left_out).group_by(subject.c.id))
    return Counter({SubjectId(id_): n for id_, n in rows})


def _listed(connection: Connection, judgement: JudgementId, only: str) -> Iterator[ListedFinding]:
    key, _ = judgement_key(connection, judgement)
    columns = (subject.c.id, *finding_rows.outline_columns(finding, statement), _TESTED)
    placed = finding_rows.STATED.join(subject, subject.c.key == finding.c.subject)
    query = select(*columns).select_from(placed).where(finding.c.judgement == key)
    rows = connection.execute(query.where(text(f"finding.{only}")).order_by(finding.c.key))
    kinds: dict[tuple[object, ...], FindingKind] = {}
    for some in rows.partitions(FETCHED):
        for row in some:
            of, id_, check, version, code, outcome, severity, level, address, detail, reason, waived, tested = row
            shared = (check, version, code, outcome, severity, level, reason, waived, tested)
            kind = kinds.get(shared)
            if kind is None:
                outline = finding_rows.outline_of(row[1:-1])
                kind = kinds[shared] = ListedFinding.of(of, outline, tested=bool(tested)).kind
            yield ListedFinding(SubjectId(intern(of)), id_, address, detail, kind)
