"""Reads the defects of a judgement, or what it could not decide, by an index and without the rest of its findings."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, and_, func, select, text

from auditor.framework.findings import CheckId, Outline, Reason
from auditor.service.store.chunks import chunks
from auditor.service.store.records import JudgementId
from auditor.service.store.schema import DEFECT, UNDECIDED, finding, subject
from auditor.service.store.sql import finding_rows
from auditor.service.store.sql.keys import FETCHED, judgement_key, known_keys
from inventory.model import SubjectId

_AT_ONCE = 500


def defects(connection: Connection, judgement: JudgementId) -> Iterator[tuple[SubjectId, Outline]]:
    """Yield the findings that fail, warn or stopped with an error, each with its subject."""
    return _outlines(connection, judgement, DEFECT)


def undecided(connection: Connection, judgement: JudgementId) -> Iterator[tuple[SubjectId, Outline]]:
    """Yield the inconclusive findings, each with its subject."""
    return _outlines(connection, judgement, UNDECIDED)


@dataclass(slots=True)
class UnauthorisedCount:
    """Inconclusive findings for want of the owner's authorisation; ``checks`` with the number of their subjects."""

    findings: int = 0
    subjects: int = 0
    checks: Counter[CheckId] = field(default_factory=Counter)


def unauthorised(
    connection: Connection, judgement: JudgementId, only: Sequence[SubjectId] | None = None
) -> UnauthorisedCount:
    """Count what needs the owner's authorisation: of everything, or of these subjects only."""
    key, run = judgement_key(connection, judgement)
    subjects_of = func.count(finding.c.subject.distinct())
    wanted = and_(finding.c.judgement == key, text(f"finding.{UNDECIDED}"), finding.c.reason == Reason.SCOPE.value)
    of_checks, of_all = (
        select(finding.c.check_id, func.count(), subjects_of).where(wanted),
        select(subjects_of).where(wanted),
    )
    counted = UnauthorisedCount()
    for part in [None] if only is None else chunks(only, _AT_ONCE):
        some = [] if part is None else [finding.c.subject.in_(known_keys(connection, run, part).values())]
        for check, findings, subjects in connection.execute(of_checks.where(*some).group_by(finding.c.check_id)):
            counted.findings += findings
            counted.checks[CheckId(check)] += subjects
        counted.subjects += connection.execute(of_all.where(*some)).scalar_one()
    return counted


def _outlines(connection: Connection, judgement: JudgementId, only: str) -> Iterator[tuple[SubjectId, Outline]]:
    key, _ = judgement_key(connection, judgement)
    columns = (subject.c.id, *finding_rows.outline_columns(finding))
    query = select(*columns).join(subject, subject.c.key == finding.c.subject).where(finding.c.judgement == key)
    rows = connection.execute(query.where(text(f"finding.{only}")).order_by(finding.c.key))
    for some in rows.partitions(FETCHED):
        for of, *values in some:
            yield SubjectId(of), finding_rows.outline_of(values)
