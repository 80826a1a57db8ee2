"""Series and their samples. Roll-ups to hours and days have their tables; what fills them comes with sampling."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from auditor.store import schema
from auditor.store.records import Quality, Sample, Series
from auditor.store.sql.keys import inserting

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
