"""Rolls samples up to hours and days and deletes old ones; keeps the notes of the sampler."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from auditor.service.store.chunks import chunks
from auditor.service.store.database import schema
from auditor.service.store.database.columns import EPOCH
from auditor.service.store.records import DAY, HOUR, Retention
from auditor.service.store.samples import frames
from auditor.service.store.sql.keys import BOUND, FETCHED, inserting, upserting
from auditor.service.store.sql.samples import day_rows, sample_rows
from probes.observations.series import SampleSummary

_TRACK, _SAMPLE, _ROLLED, _NOTE = schema.track, schema.sample, schema.rolled, schema.note


def tracks(connection: Connection) -> list[int]:
    return list(connection.execute(select(_TRACK.c.key).order_by(_TRACK.c.key)).scalars())


def roll_up(connection: Connection, track: int, until: datetime, offset: timedelta, keep: Retention | None) -> None:
    """Roll up the hours and days of one track that ended by ``until``; then delete old data and pack days.

    With ``keep`` None nothing is deleted or packed.
    """
    for step, ahead in ((HOUR, timedelta()), (DAY, offset)):
        rows = [
            {"track": track, "step": step, "start": start, "body": body}
            for start, body in _missing(connection, track, timedelta(seconds=step), until, ahead)
        ]
        if rows:
            connection.execute(inserting(connection, _ROLLED), rows)
    if keep is None:
        return
    connection.execute(delete(_SAMPLE).where(_SAMPLE.c.track == track, _SAMPLE.c.time < until - keep.raw))
    day_rows.forget(connection, track, until - keep.raw)
    day_rows.pack(connection, track, until)
    for step, kept in ((HOUR, keep.hours), (DAY, keep.days)):
        connection.execute(
            delete(_ROLLED).where(_ROLLED.c.track == track, _ROLLED.c.step == step, _ROLLED.c.start < until - kept)
        )


def _missing(
    connection: Connection, track: int, step: timedelta, until: datetime, ahead: timedelta
) -> Iterator[tuple[datetime, bytes]]:
    """Yield begin and roll-up of each period with samples after the last one that was rolled up.

    Periods begin where a clock that is ``ahead`` of UTC shows a multiple of ``step``. Roll-ups beyond ``until``, made
    with a wrong clock, do not keep earlier periods from being rolled up.
    """
    seconds = step // timedelta(seconds=1)
    last = _last(connection, track, seconds, until)
    since = EPOCH if last is None else last + step
    end = day_rows.begin_of(until, step, ahead)
    query = select(_SAMPLE.c.time, _SAMPLE.c.body).where(
        _SAMPLE.c.track == track, _SAMPLE.c.time >= since, _SAMPLE.c.time < end
    )
    start: datetime | None = None
    held: list[Mapping[int, frames.Slot]] = []
    for row in connection.execute(query.order_by(_SAMPLE.c.time)):
        begin = day_rows.begin_of(row.time, step, ahead)
        if start is not None and begin != start:
            yield start, frames.pack_periods(frames.rolled_up(start, held))
            held = []
        start = begin
        held.append(frames.unpack(row.body))
    if start is not None:
        yield start, frames.pack_periods(frames.rolled_up(start, held))


def roll_up_again(connection: Connection, track: int, times: Collection[datetime], now: datetime) -> None:
    """Roll up again the hours and days of one track that got samples after they had been rolled up or skipped.

    A roll-up with more samples than are left, because raw ones were deleted meanwhile, is kept.
    """
    for seconds in (HOUR, DAY):
        step, last = timedelta(seconds=seconds), _last(connection, track, seconds, now)
        late = () if last is None else {last + (time - last) // step * step for time in times if time < last + step}
        for start in sorted(late):
            held = [frames.unpack(body) for body in _frames(connection, track, start, start + step)]
            body = frames.pack_periods(frames.rolled_up(start, held))
            place = {"track": track, "step": seconds, "start": start}
            before = connection.execute(
                select(_ROLLED.c.body).where(*(_ROLLED.c[name] == value for name, value in place.items()))
            ).scalar_one_or_none()
            if before is None or frames.samples_of(before) <= frames.samples_of(body):
                connection.execute(upserting(connection, _ROLLED, place, {"body": body}))


def _last(connection: Connection, track: int, seconds: int, before: datetime) -> datetime | None:
    """Return the begin of the last rolled-up period that began before a time; None without any."""
    query = select(func.max(_ROLLED.c.start, type_=_ROLLED.c.start.type)).where(
        _ROLLED.c.track == track, _ROLLED.c.step == seconds, _ROLLED.c.start < before
    )
    return connection.execute(query).scalar_one_or_none()


def _frames(connection: Connection, track: int, since: datetime, until: datetime) -> Iterator[bytes]:
    place: tuple[int, datetime] | None = (track, since)
    while place is not None:
        page, place = sample_rows.page(connection, {track: None}, since, until, FETCHED)
        yield from (body for _, _, body in page)
        if place is not None:
            since = place[1] + timedelta(microseconds=1)


def periods(
    connection: Connection,
    wanted: Mapping[int, Mapping[int, list[SampleSummary]]],
    which: tuple[int, datetime, datetime],
) -> None:
    """Add to the list of each series, by its track and number, its roll-ups, oldest first.

    ``which``: the step in seconds, ``since`` and ``until``, for periods of ``since <= start < until``.
    """
    step, since, until = which
    query = select(_ROLLED.c.track, _ROLLED.c.start, _ROLLED.c.body).where(
        _ROLLED.c.track.in_(wanted), _ROLLED.c.step == step, _ROLLED.c.start >= since, _ROLLED.c.start < until
    )
    for some in connection.execute(query.order_by(_ROLLED.c.track, _ROLLED.c.start)).partitions(FETCHED):
        for track, start, body in some:
            frames.pick_periods(start, body, wanted[track])


def remember(connection: Connection, vantage: str, notes: Mapping[str, bytes]) -> None:
    if not notes:
        return
    rows = [{"vantage": vantage, "name": name, "body": body} for name, body in notes.items()]
    for some in chunks(rows, BOUND):
        names = [row["name"] for row in some]
        connection.execute(delete(_NOTE).where(_NOTE.c.vantage == vantage, _NOTE.c.name.in_(names)))
    connection.execute(_NOTE.insert(), rows)


def recall(connection: Connection, vantage: str) -> dict[str, bytes]:
    rows = connection.execute(select(_NOTE.c.name, _NOTE.c.body).where(_NOTE.c.vantage == vantage))
    return {row.name: row.body for row in rows}


def rename(connection: Connection, former: str, name: str) -> None:
    """Move all notes of a vantage to its present name."""
    notes = recall(connection, former)
    connection.execute(delete(_NOTE).where(_NOTE.c.vantage == former))
    remember(connection, name, notes)
