"""Counts the monitoring figures, by cheap queries of bounded cost, however large the store."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from auditor.framework.findings import CheckId, Outcome
from auditor.service.store.database import schema
from auditor.service.store.records import JudgementId, Sample
from auditor.service.store.samples import frames
from auditor.service.store.sql.judgements.finding_rows import STATED
from auditor.service.store.sql.keys import judgement_key
from inventory.model import SubjectId

_FINDING, _TRACK, _SERIES, _SAMPLE = schema.finding, schema.track, schema.series, schema.sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """Holds the last sample of one series of a subject."""

    subject: SubjectId
    vantage: str
    family: int
    sample: Sample


def size(connection: Connection) -> int:
    """Return the size of the database in bytes."""
    if connection.dialect.name == "sqlite":
        asked = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    else:
        asked = "SELECT pg_database_size(current_database())"
    return int(connection.execute(text(asked)).scalar_one())


def by_check(connection: Connection, judgement: JudgementId) -> Iterator[tuple[CheckId, Outcome, int]]:
    """Yield the number of findings for each check and outcome."""
    columns = (schema.statement.c.check_id, _FINDING.c.outcome)
    key, _ = judgement_key(connection, judgement)
    wanted = select(*columns, func.count()).select_from(STATED).where(_FINDING.c.judgement == key)
    for check, outcome, number in connection.execute(wanted.group_by(*columns)):
        yield CheckId(check), Outcome(outcome), number


def last_sampled(connection: Connection) -> dict[str, datetime]:
    """Return the time of the last sample of each vantage."""
    last = select(func.max(_SAMPLE.c.time)).where(_SAMPLE.c.track == _TRACK.c.key).scalar_subquery()
    wanted = select(_TRACK.c.vantage, func.max(last).label("last")).group_by(_TRACK.c.vantage)
    return {row.vantage: row.last for row in connection.execute(wanted) if row.last is not None}


def latest(connection: Connection, metric: str, since: datetime) -> Iterator[Latest]:
    """Yield the last sample since then of every series of this metric."""
    last = (
        select(_SAMPLE.c.track, func.max(_SAMPLE.c.time).label("time"))
        .where(_SAMPLE.c.time >= since)
        .group_by(_SAMPLE.c.track)
        .subquery()
    )
    wanted = (
        select(_TRACK.c.subject, _TRACK.c.vantage, _SERIES.c.family, _SERIES.c.number, _SAMPLE.c.time, _SAMPLE.c.body)
        .join(last, last.c.track == _TRACK.c.key)
        .join(_SAMPLE, (_SAMPLE.c.track == last.c.track) & (_SAMPLE.c.time == last.c.time))
        .join(_SERIES, _SERIES.c.track == _TRACK.c.key)
        .where(_SERIES.c.metric == metric)
    )
    for row in connection.execute(wanted):
        sample = frames.pick(row.time, row.body, row.number)
        if sample is not None:
            yield Latest(subject=SubjectId(row.subject), vantage=row.vantage, family=row.family, sample=sample)
