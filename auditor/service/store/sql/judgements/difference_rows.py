"""Reads the differences between the findings of two judgements, without the many that are unchanged.

The database compares them by subject and id. It returns the failures that both have and, for each check of a subject
that differs, all findings on both sides.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, not_, null, or_, select, text

from auditor.framework.findings import CheckId, Outcome, Outline
from auditor.service.store.chunks import chunks
from auditor.service.store.database.schema import DEFECT, UNDECIDED, finding, statement, subject
from auditor.service.store.records import JudgementId
from auditor.service.store.sql.judgements import finding_rows
from auditor.service.store.sql.keys import BOUND, FETCHED, judgement_key, known_keys
from inventory.model import SubjectId

_OWN, _OTHER = finding.alias("own"), finding.alias("other")
_SAID, _SAID_THERE = statement.alias("said"), statement.alias("said_there")
_PLACE, _THERE = subject.alias("place"), subject.alias("there")


@dataclass(frozen=True, slots=True)
class _Side:
    """Holds the keys of a judgement and of its run."""

    judgement: int
    run: int


@dataclass(slots=True)
class Differing:
    """Holds the findings of one subject for a comparison, before and after."""

    before: list[Outline] = field(default_factory=list)
    after: list[Outline] = field(default_factory=list)


def differing(
    connection: Connection, before: JudgementId, after: JudgementId, *, every: bool
) -> dict[SubjectId, Differing]:
    """Read the findings, by subject, that a comparison of two judgements needs.

    ``every``: also differences between findings without defects on either side, which matter only if the two were
    judged by other rules or other versions of checks.
    """
    old, new = _side(connection, before), _side(connection, after)
    changed: dict[SubjectId, set[CheckId]] = {}
    for query in _queries(old, new, every=every):
        for row in connection.execute(query):
            of, check = tuple(row)
            changed.setdefault(SubjectId(of), set()).add(CheckId(check))
    found: dict[SubjectId, Differing] = {}
    for of, was, now in _still_failing(connection, old, new):
        if now.check not in changed.get(of, ()):
            both = found.setdefault(of, Differing())
            both.before.append(was)
            both.after.append(now)
    for some in chunks(sorted(changed), BOUND):
        for side, is_new in ((old, False), (new, True)):
            keys = known_keys(connection, side.run, some)
            wanted = {key: changed[of] for of, key in keys.items()}
            outlines = finding_rows.outlines(connection, side.judgement, list(wanted), frozenset(), only=wanted)
            for of, key in keys.items():
                both = found.setdefault(of, Differing())
                (both.after if is_new else both.before).extend(outlines.get(key, ()))
    return found


def in_area(connection: Connection, judgement: JudgementId, area: str, subjects: Set[SubjectId]) -> int:
    """Count the subjects, of these, that have a finding of a judgement in an area of checks."""
    key, run = judgement_key(connection, judgement)
    stated = (
        select(finding.c.key)
        .select_from(finding_rows.STATED)
        .where(
            finding.c.judgement == key,
            finding.c.subject == subject.c.key,
            or_(statement.c.check_id == area, statement.c.check_id.startswith(f"{area}.", autoescape=True)),
        )
        .exists()
    )
    present = connection.execute(select(subject.c.id).where(subject.c.run == run, stated)).scalars()
    return len(subjects & set(map(SubjectId, present)))


def _side(connection: Connection, judgement: JudgementId) -> _Side:
    key, run = judgement_key(connection, judgement)
    return _Side(key, run)


def _queries(old: _Side, new: _Side, *, every: bool) -> Iterator[Select[Any]]:
    """Select the subjects and checks with findings that only one side has, or that differ."""
    columns = (_PLACE.c.id, _SAID.c.check_id)
    otherwise = or_(
        _OTHER.c.key.is_(null()),
        _OTHER.c.outcome != _OWN.c.outcome,
        _SAID_THERE.c.check_version != _SAID.c.check_version,
    )
    for own, other in ((new, old), (old, new)):
        for only in (DEFECT, UNDECIDED):
            yield _paired(columns, own, other).where(text(f"own.{only}"), otherwise)
    if every:
        yield _paired(columns, new, old).where(_OTHER.c.outcome != _OWN.c.outcome)


def _still_failing(connection: Connection, old: _Side, new: _Side) -> Iterator[tuple[SubjectId, Outline, Outline]]:
    """Yield the failures that both have; if all their fields are equal, only one side is read."""
    fails = Outcome.FAIL.value
    mine, theirs = finding_rows.outline_columns(_OWN, _SAID), finding_rows.outline_columns(_OTHER, _SAID_THERE)
    both = and_(
        text(f"own.{DEFECT}"),
        _OWN.c.outcome == fails,
        _OTHER.c.outcome == fails,
        _SAID_THERE.c.check_version == _SAID.c.check_version,
    )
    alike = and_(*(own.is_not_distinct_from(other) for own, other in zip(mine, theirs, strict=True)))
    same = _paired((_PLACE.c.id, *mine), new, old).where(both, alike)
    for some in connection.execute(same).partitions(FETCHED):
        for of, *row in some:
            outline = finding_rows.outline_of(row)
            yield SubjectId(of), outline, outline
    for of, *row in connection.execute(_paired((_PLACE.c.id, *theirs, *mine), new, old).where(both, not_(alike))):
        was, now = row[: len(theirs)], row[len(theirs) :]
        yield SubjectId(of), finding_rows.outline_of(was), finding_rows.outline_of(now)


def _paired(columns: Sequence[ColumnElement[Any]], own: _Side, other: _Side) -> Select[Any]:
    """Select findings of one judgement, each beside the finding of the same subject and id in the other."""
    same_subject = and_(_THERE.c.run == other.run, _THERE.c.id == _PLACE.c.id)
    same_id = and_(_OTHER.c.judgement == other.judgement, _OTHER.c.subject == _THERE.c.key, _OTHER.c.id == _OWN.c.id)
    joined = (
        _OWN.join(_PLACE, _PLACE.c.key == _OWN.c.subject)
        .join(_SAID, _SAID.c.key == _OWN.c.statement)
        .outerjoin(_THERE, same_subject)
        .outerjoin(_OTHER, same_id)
        .outerjoin(_SAID_THERE, _SAID_THERE.c.key == _OTHER.c.statement)
    )
    return select(*columns).select_from(joined).where(_OWN.c.judgement == own.judgement)
