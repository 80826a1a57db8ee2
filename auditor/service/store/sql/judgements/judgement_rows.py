"""Stores judgements, and the scores and ladders that belong to them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, delete, insert, or_, select, text
from sqlalchemy.exc import IntegrityError

from auditor.figures.scoring import Ladder, Score
from auditor.framework.findings import CheckId
from auditor.service.store.database import schema
from auditor.service.store.records import (
    Digest,
    JudgementId,
    JudgementRecord,
    SettledSubject,
    StoreError,
    SubjectScores,
    taken,
)
from auditor.service.store.sql.keys import among, judgement_key, run_key, subject_keys, these
from inventory.dataclass_json import SerialError, decode, encode
from inventory.json_pieces import Json
from inventory.model import SubjectId
from probes.framework.evidence import RunId

_JUDGEMENT = schema.judgement
_SCORE = schema.score
_LADDER = schema.ladder
_RECORDS = select(_JUDGEMENT, schema.run.c.id.label("run_id")).join(schema.run)


def add(connection: Connection, judgement: JudgementRecord, *, whole: bool) -> None:
    values = {name: getattr(judgement, name) for name in JudgementRecord.__dataclass_fields__}
    key = run_key(connection, judgement.run)
    try:
        made = connection.execute(insert(_JUDGEMENT).values(values | {"run": key}))
    except IntegrityError as error:
        raise taken("judgement", judgement.id) from error
    if not whole:
        connection.execute(insert(schema.judging).values(judgement=(made.inserted_primary_key or (0,))[0]))


def complete(connection: Connection, judgement: JudgementId) -> None:
    key, _ = judgement_key(connection, judgement)
    connection.execute(delete(schema.judging).where(schema.judging.c.judgement == key))
    if connection.dialect.name == "postgresql":  # with old statistics it reads a million findings for each
        connection.execute(text("ANALYZE subject, finding, statement"))


def get(connection: Connection, judgement: JudgementId) -> JudgementRecord:
    key, _ = judgement_key(connection, judgement)
    return _record(connection.execute(_RECORDS.where(_JUDGEMENT.c.key == key)).one())


def of_run(connection: Connection, run: RunId) -> tuple[JudgementRecord, ...]:
    whole = _JUDGEMENT.c.key.not_in(select(schema.judging.c.judgement))
    query = _RECORDS.where(_JUDGEMENT.c.run == run_key(connection, run), whole)
    return tuple(_record(row) for row in connection.execute(query.order_by(_JUDGEMENT.c.judged_at, _JUDGEMENT.c.key)))


def shown(connection: Connection) -> dict[RunId, JudgementRecord]:
    """Return the judgement that is shown of each run: the last one; of a sealed run the last one sealed."""
    whole = _JUDGEMENT.c.key.not_in(select(schema.judging.c.judgement))
    sealed = schema.seal.c.judgement
    joined = _JUDGEMENT.join(schema.run).outerjoin(schema.seal, schema.seal.c.run == _JUDGEMENT.c.run)
    query = select(_JUDGEMENT, schema.run.c.id.label("run_id")).select_from(joined)
    query = query.where(whole, or_(sealed.is_(None), sealed == _JUDGEMENT.c.key))
    ordered = query.order_by(_JUDGEMENT.c.judged_at, _JUDGEMENT.c.key)
    return {judgement.run: judgement for judgement in map(_record, connection.execute(ordered))}


def add_summary(connection: Connection, judgement: JudgementId, summary: Digest) -> None:
    try:
        _add_blob(connection, schema.summary, judgement, summary)
    except IntegrityError as error:
        raise taken("summary of", judgement) from error


def summary(connection: Connection, judgement: JudgementId) -> Digest | None:
    return _blob(connection, schema.summary, judgement)


def add_conditions(connection: Connection, judgement: JudgementId, conditions: Digest) -> None:
    try:
        _add_blob(connection, schema.conditions, judgement, conditions)
    except IntegrityError as error:
        raise taken("conditions of", judgement) from error


def conditions(connection: Connection, judgement: JudgementId) -> Digest | None:
    return _blob(connection, schema.conditions, judgement)


def _add_blob(connection: Connection, table: Table, judgement: JudgementId, digest: Digest) -> None:
    key, _ = judgement_key(connection, judgement)
    connection.execute(insert(table).values({"judgement": key, "body": digest}))


def _blob(connection: Connection, table: Table, judgement: JudgementId) -> Digest | None:
    key, _ = judgement_key(connection, judgement)
    found = connection.execute(select(table.c.body).where(table.c.judgement == key)).scalar()
    return None if found is None else Digest(found)


def add_settled(connection: Connection, judgement: JudgementId, subjects: Mapping[SubjectId, SettledSubject]) -> None:
    key, run = judgement_key(connection, judgement)
    places = subject_keys(connection, run, list(subjects))
    rows = [
        {"judgement": key, "subject": places[subject], "body": encode(settled_subject)}
        for subject, settled_subject in subjects.items()
    ]
    if not rows:
        return
    try:
        with connection.begin_nested():
            connection.execute(insert(schema.settled), rows)
    except IntegrityError as error:
        raise taken("settled subject of", judgement) from error


def settled(
    connection: Connection, judgement: int, subjects: Mapping[SubjectId, int]
) -> dict[SubjectId, SettledSubject]:
    """Return the settled subjects among these, which are given with their keys; others are left out."""
    rows = connection.execute(_of(schema.settled, judgement), these(subjects.values()))
    bodies = {row.subject: row.body for row in rows}
    return {subject: _settled(subject, bodies[key]) for subject, key in subjects.items() if key in bodies}


def _settled(subject: SubjectId, body: Json) -> SettledSubject:
    try:
        return decode(SettledSubject, body)
    except SerialError as error:
        raise StoreError("subject '{id}' cannot be read: {why}", id=subject, why=str(error)) from error


def add_scores(connection: Connection, judgement: JudgementId, scores: Mapping[SubjectId, SubjectScores]) -> None:
    key, run = judgement_key(connection, judgement)
    rows, steps = [], []
    places = subject_keys(connection, run, list(scores))
    for subject, of_one in scores.items():
        place = {"judgement": key, "subject": places[subject]}
        rows += [
            place
            | {"area": area, "score": score.score, "coverage": score.coverage, "required_fail": score.required_fail}
            for area, score in of_one.scores.items()
        ]
        steps += [
            place
            | {"name": name, "level": ladder.level, "at_least": ladder.at_least, "blocked_by": list(ladder.blocked_by)}
            for name, ladder in of_one.ladders.items()
        ]
    try:
        with connection.begin_nested():
            for table, values in ((_SCORE, rows), (_LADDER, steps)):
                if values:
                    connection.execute(insert(table), values)
    except IntegrityError as error:
        raise taken("score of", _taken(connection, key, places)) from error


def _taken(connection: Connection, judgement: int, places: Mapping[SubjectId, int]) -> SubjectId:
    """Return the first of these that has scores already, for the error."""
    there = scores(connection, judgement, list(places.values()))
    return next((subject for subject, key in places.items() if key in there), next(iter(places)))


def scores(connection: Connection, judgement: int, subjects: Sequence[int]) -> dict[int, SubjectScores]:
    """Return the scores by key of the subject; a subject without scores is left out."""
    areas: dict[int, dict[str, Score]] = {}
    for row in connection.execute(_of(_SCORE, judgement), these(subjects)):
        score = Score(score=row.score, coverage=row.coverage, required_fail=row.required_fail)
        areas.setdefault(row.subject, {})[row.area] = score
    ladders: dict[int, dict[str, Ladder]] = {}
    for row in connection.execute(_of(_LADDER, judgement), these(subjects)):
        blocked_by = tuple(CheckId(check) for check in row.blocked_by)
        step = Ladder(level=row.level, at_least=row.at_least, blocked_by=blocked_by)
        ladders.setdefault(row.subject, {})[row.name] = step
    return {
        subject: SubjectScores(scores=areas.get(subject, {}), ladders=ladders.get(subject, {}))
        for subject in {*areas, *ladders}
    }


def _of(table: Table, judgement: int) -> Select[Any]:
    return select(table).where(table.c.judgement == judgement, among(table.c.subject))


def _record(row: Row[Any]) -> JudgementRecord:
    return JudgementRecord(
        id=JudgementId(row.id),
        run=RunId(row.run_id),
        catalogue=row.catalogue,
        policy=Digest(row.policy),
        reference=Digest(row.reference),
        inventory=Digest(row.inventory),
        judged_at=row.judged_at,
    )
