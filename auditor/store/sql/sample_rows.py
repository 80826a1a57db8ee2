"""Series and their samples. Roll-ups to hours and days have their tables; what fills them comes with sampling."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from auditor.store import schema
from auditor.store.records import Quality, Sample, Series
from auditor.store.sql.keys import inserting
from inventory.model import SubjectId

_SERIES = schema.series
_SAMPLE = schema.sample


def add(connection: Connection, series: Series, samples: Sequence[Sample]) -> None:
    if not samples:
        return
    connection.execute(inserting(connection, _SERIES), _values(series))
    key = _key(connection, series)
    rows = [{"series": key, "time": one.time, "value": one.value, "quality": one.quality.value} for one in samples]
    connection.execute(inserting(connection, _SAMPLE), rows)


def page(connection: Connection, series: Series, since: datetime, until: datetime, size: int) -> list[Sample]:
    """The first of ``since <= time < until``."""
    key = _key(connection, series)
    query = select(_SAMPLE).where(_SAMPLE.c.series == key, _SAMPLE.c.time >= since, _SAMPLE.c.time < until)
    rows = connection.execute(query.order_by(_SAMPLE.c.time).limit(size))
    return [Sample(time=row.time, value=row.value, quality=Quality(row.quality)) for row in rows]


def of_subject(connection: Connection, subject: SubjectId, vantage: str) -> tuple[Series, ...]:
    query = select(_SERIES).where(_SERIES.c.subject == subject, _SERIES.c.vantage == vantage)
    rows = connection.execute(query.order_by(_SERIES.c.metric, _SERIES.c.family, _SERIES.c.interface))
    return tuple(
        Series(subject=subject, metric=row.metric, vantage=vantage, family=row.family, interface=row.interface)
        for row in rows
    )


def first(connection: Connection, series: Series) -> datetime | None:
    query = select(_SAMPLE.c.time).where(_SAMPLE.c.series == _key(connection, series))
    found: datetime | None = connection.execute(query.order_by(_SAMPLE.c.time).limit(1)).scalar_one_or_none()
    return found


def _key(connection: Connection, series: Series) -> int | None:
    """None where nothing was ever sampled."""
    query = select(_SERIES.c.key)
    for name, value in _values(series).items():
        query = query.where(_SERIES.c[name] == value)
    found: int | None = connection.execute(query).scalar_one_or_none()
    return found


def _values(series: Series) -> dict[str, object]:
    return {
        "subject": series.subject,
        "metric": series.metric,
        "family": series.family,
        "vantage": series.vantage,
        "interface": series.interface,
    }
