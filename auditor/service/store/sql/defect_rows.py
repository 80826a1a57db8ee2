"""Reads the defects of a judgement, or what it could not decide, by an index and without the rest of its findings."""

from collections.abc import Iterator
from sys import intern

from sqlalchemy import Connection, null, select, text

from auditor.framework.findings import CheckId, FindingId, Level, Outcome, Outline, Reason, Severity
from auditor.service.store.records import JudgementId
from auditor.service.store.schema import DEFECT, UNDECIDED, finding, subject
from auditor.service.store.sql.keys import judgement_key
from inventory.model import SubjectId

_COLUMNS = (
    subject.c.id,
    finding.c.id,
    finding.c.check_id,
    finding.c.check_version,
    finding.c.code,
    finding.c.outcome,
    finding.c.severity,
    finding.c.level,
    finding.c.address,
    finding.c.detail,
    finding.c.reason,
    finding.c.waived.is_not(null()),
)


def defects(connection: Connection, judgement: JudgementId) -> Iterator[tuple[SubjectId, Outline]]:
    """Yield the findings that fail, warn or stopped with an error, each with its subject."""
    return _outlines(connection, judgement, DEFECT)


def undecided(connection: Connection, judgement: JudgementId) -> Iterator[tuple[SubjectId, Outline]]:
    """Yield the inconclusive findings, each with its subject."""
    return _outlines(connection, judgement, UNDECIDED)


def _outlines(connection: Connection, judgement: JudgementId, only: str) -> Iterator[tuple[SubjectId, Outline]]:
    key, _ = judgement_key(connection, judgement)
    query = select(*_COLUMNS).join(subject, subject.c.key == finding.c.subject).where(finding.c.judgement == key)
    for row in connection.execute(query.where(text(f"finding.{only}")).order_by(finding.c.key)):
        of, id_, check, version, code, outcome, severity, level, address, detail, reason, waived = tuple(row)
        outline = Outline(
            id=FindingId(id_),
            check=CheckId(intern(check)),
            check_version=version,
            code=intern(code),
            outcome=Outcome(outcome),
            severity=Severity(severity),
            level=Level(level),
            address=address,
            detail=detail,
            reason=None if reason is None else Reason(reason),
            waived=bool(waived),
        )
        yield SubjectId(of), outline
