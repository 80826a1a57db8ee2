"""Packs the samples of past days, a row for each track and day of UTC, and reads them."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from auditor.service.store.chunks import chunks
from auditor.service.store.database import schema
from auditor.service.store.database.columns import EPOCH
from auditor.service.store.samples import frame_days, frames
from auditor.service.store.sql.keys import BOUND

Frame = tuple[int, datetime, bytes]
"""The track and the time of samples, and their frame as ``frames`` packed it."""

DAY = timedelta(days=1)
AT_ONCE = 2
"""Days of one track that are packed at once; a store older than packing has sixty."""
_FRAMES = 288
"""The usual number of frames of a day."""
_LAST = timedelta(microseconds=1)
_SAMPLE, _DAY = schema.sample, schema.sample_day


def begin_of(time: datetime, step: timedelta = DAY, ahead: timedelta = timedelta()) -> datetime:
    """Return the multiple of ``step`` at or before a time, by a clock that is ``ahead`` of UTC."""
    return EPOCH + (time - EPOCH + ahead) // step * step - ahead


def pack(connection: Connection, track: int, until: datetime) -> None:
    """Pack the oldest days of a track that ended at least a day before ``until``.

    The day of the last sample is never packed, because the last sample is looked up among the rows.
    """
    last = connection.execute(
        select(func.max(_SAMPLE.c.time, type_=_SAMPLE.c.time.type)).where(_SAMPLE.c.track == track)
    )
    newest = last.scalar_one_or_none()
    if newest is None:
        return
    before = min(begin_of(newest), begin_of(until - DAY))
    ready = select(_SAMPLE.c.time, _SAMPLE.c.body).where(_SAMPLE.c.track == track, _SAMPLE.c.time < before)
    for _ in range(AT_ONCE):
        oldest = connection.execute(ready.order_by(_SAMPLE.c.time).limit(1)).first()
        if oldest is None:
            return
        _pack(connection, track, begin_of(oldest.time))


def _pack(connection: Connection, track: int, start: datetime) -> None:
    """Pack one day; frames that are packed already take precedence over later rows for the same time.

    Rows that are added meanwhile stay.
    """
    of_day = (_SAMPLE.c.track == track, _SAMPLE.c.time >= start, _SAMPLE.c.time < start + DAY)
    rows = connection.execute(select(_SAMPLE.c.time, _SAMPLE.c.body).where(*of_day).with_for_update()).all()
    place = (_DAY.c.track == track, _DAY.c.start == start)
    packed = connection.execute(select(_DAY.c.body).where(*place)).scalar_one_or_none()
    found = {} if packed is None else dict(frame_days.unpack(packed))
    for time, body in rows:
        found[time] = frames.merged(found[time], body) if time in found else body
    connection.execute(delete(_DAY).where(*place))
    body = frame_days.pack(sorted(found.items()))
    connection.execute(_DAY.insert(), {"track": track, "start": start, "body": body})
    for times in chunks([time for time, _ in rows], BOUND):
        connection.execute(delete(_SAMPLE).where(_SAMPLE.c.track == track, _SAMPLE.c.time.in_(times)))


def forget(connection: Connection, track: int, before: datetime) -> None:
    """Delete the packed days of a track that ended by ``before``."""
    connection.execute(delete(_DAY).where(_DAY.c.track == track, _DAY.c.start <= before - DAY))


def read(
    connection: Connection, tracks: Mapping[int, Collection[int] | None], since: datetime, until: datetime, size: int
) -> tuple[list[Frame], tuple[int, datetime] | None]:
    """Read the first packed frames of some tracks of ``since <= time < until``, about ``size`` of them.

    Also returns the track and the time up to which they are complete; None if there are no more. ``tracks`` gives the
    numbers of the wanted series of each track, None for all of them.
    """
    most = max(1, size // _FRAMES)
    query = select(_DAY.c.track, _DAY.c.start, _DAY.c.body).where(
        _DAY.c.track.in_(tracks), _DAY.c.start > since - DAY, _DAY.c.start < until
    )
    days = connection.execute(query.order_by(_DAY.c.track, _DAY.c.start).limit(most)).all()
    found = [
        (track, time, frame)
        for track, _, body in days
        for time, frame in frame_days.unpack(body, tracks[track])
        if since <= time < until
    ]
    return found, (days[-1].track, days[-1].start + DAY - _LAST) if len(days) == most else None
