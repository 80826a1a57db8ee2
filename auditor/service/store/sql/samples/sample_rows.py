"""Stores series and their samples, a row for each subject and time; ``frames`` packs its content.

Rows of past days are packed by ``day_rows``; later samples of such a day are rows beside it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, literal, or_, select, true, tuple_, update

from auditor.service.store.chunks import chunks
from auditor.service.store.database import schema
from auditor.service.store.records import Sample, Series
from auditor.service.store.samples import frames
from auditor.service.store.samples.frames import Slot
from auditor.service.store.sql.keys import BOUND, inserting
from auditor.service.store.sql.samples import day_rows
from auditor.service.store.sql.samples.day_rows import Frame
from inventory.model import SubjectId

_TRACK, _SERIES, _SAMPLE = schema.track, schema.series, schema.sample
_ORDER = (_SAMPLE.c.track, _SAMPLE.c.time)

Name = tuple[str, int, str]
"""Metric, family and interface, which distinguish the series of one subject."""


@dataclass(slots=True)
class _Known:
    """Holds the series of one track: their numbers, and the times of their first samples."""

    key: int
    numbers: dict[Name, int] = field(default_factory=dict)
    firsts: dict[int, datetime] = field(default_factory=dict)


def add(connection: Connection, samples: Iterable[tuple[Series, Sample]]) -> dict[int, set[datetime]]:
    """Add samples; an existing one of the same series and time stays.

    Returns the times that have more samples than before, by track.
    """
    more: dict[int, set[datetime]] = {}
    wanted: dict[tuple[str, SubjectId], dict[datetime, dict[Name, Slot]]] = {}
    for series, sample in samples:
        times = wanted.setdefault((series.vantage, series.subject), {})
        times.setdefault(sample.time, {}).setdefault(_name(series), (sample.value, sample.quality))
    for vantage in sorted({vantage for vantage, _ in wanted}):
        for subjects in chunks([subject for there, subject in wanted if there == vantage], BOUND):
            known = _tracks(connection, vantage, subjects)
            rows = {known[subject].key: wanted[vantage, subject] for subject in subjects}
            numbers = _numbered(connection, known, {s: wanted[vantage, s] for s in subjects})
            for track, time in _write(connection, rows, numbers):
                more.setdefault(track, set()).add(time)
    return more


def _tracks(connection: Connection, vantage: str, subjects: Sequence[SubjectId]) -> dict[SubjectId, _Known]:
    connection.execute(
        inserting(connection, _TRACK), [{"subject": subject, "vantage": vantage} for subject in subjects]
    )
    query = select(_TRACK.c.key, _TRACK.c.subject).where(_TRACK.c.vantage == vantage, _TRACK.c.subject.in_(subjects))
    tracks_by_subject = {SubjectId(row.subject): _Known(row.key) for row in connection.execute(query)}
    by_key = {known.key: known for known in tracks_by_subject.values()}
    for row in connection.execute(select(_SERIES).where(_SERIES.c.track.in_(by_key))):
        by_key[row.track].numbers[row.metric, row.family, row.interface] = row.number
        by_key[row.track].firsts[row.number] = row.first
    return tracks_by_subject


def _numbered(
    connection: Connection,
    tracks: Mapping[SubjectId, _Known],
    wanted: Mapping[SubjectId, Mapping[datetime, Mapping[Name, Slot]]],
) -> Mapping[int, Mapping[Name, int]]:
    """Return the numbers of all series by track; new series are added, and earlier first samples recorded."""
    new, older = [], []
    for subject, times in wanted.items():
        known = tracks[subject]
        oldest: dict[Name, datetime] = {}
        for time in sorted(times):
            for name in times[time]:
                oldest.setdefault(name, time)
        for name, time in oldest.items():
            number = known.numbers.setdefault(name, len(known.numbers))
            if number not in known.firsts:
                metric, family, interface = name
                new.append(
                    {
                        "track": known.key,
                        "number": number,
                        "metric": metric,
                        "family": family,
                        "interface": interface,
                        "first": time,
                    }
                )
            elif time < known.firsts[number]:
                older.append({"of_track": known.key, "of_number": number, "first": time})
    if new:
        connection.execute(_SERIES.insert(), new)
    if older:
        place = (_SERIES.c.track == bindparam("of_track"), _SERIES.c.number == bindparam("of_number"))
        connection.execute(_SERIES.update().where(*place).values(first=bindparam("first")), older)
    return {known.key: known.numbers for known in tracks.values()}


def _write(
    connection: Connection,
    tracks: Mapping[int, Mapping[datetime, Mapping[Name, Slot]]],
    numbers: Mapping[int, Mapping[Name, int]],
) -> list[tuple[int, datetime]]:
    """Write the rows, and return the track and the time of each that is new or has more samples now."""
    all_times = [time for times in tracks.values() for time in times]
    query = select(_SAMPLE).where(
        _SAMPLE.c.track.in_(tracks), _SAMPLE.c.time >= min(all_times), _SAMPLE.c.time <= max(all_times)
    )
    held = {(row.track, row.time): row.body for row in connection.execute(query)}
    new, changed = [], []
    more: list[tuple[int, datetime]] = []
    for track, times in tracks.items():
        for time, slots in times.items():
            numbered = {numbers[track][name]: slot for name, slot in slots.items()}
            before = held.get((track, time))
            body = frames.pack(numbered if before is None else {**numbered, **frames.unpack(before)})
            if body == before:
                continue
            more.append((track, time))
            if before is None:
                new.append({"track": track, "time": time, "body": body})
            else:
                changed.append({"of_track": track, "at": time, "body": body})
    if new:
        connection.execute(_SAMPLE.insert(), new)
    if changed:
        place = (_SAMPLE.c.track == bindparam("of_track"), _SAMPLE.c.time == bindparam("at"))
        connection.execute(_SAMPLE.update().where(*place).values(body=bindparam("body")), changed)
    return more


def page(
    connection: Connection, tracks: Mapping[int, Collection[int] | None], since: datetime, until: datetime, size: int
) -> tuple[list[Frame], tuple[int, datetime] | None]:
    """Read the first frames of some tracks of ``since <= time < until``, by track and time, about ``size``.

    Also returns the track and the time that they end with; None if these are all. Rows and packed days are read at one
    moment, so a frame in neither does not exist. ``tracks`` gives the numbers of the series that the frames must have,
    None for all of them.
    """
    packed, end = day_rows.read(connection, tracks, since, until, size)
    query = select(*_ORDER, _SAMPLE.c.body).where(
        _SAMPLE.c.track.in_(tracks), _SAMPLE.c.time >= since, _SAMPLE.c.time < until
    )
    if end is not None:
        query = query.where(tuple_(*_ORDER) <= tuple_(literal(end[0]), literal(end[1], _SAMPLE.c.time.type)))
    rows = [(track, time, body) for track, time, body in connection.execute(query.order_by(*_ORDER).limit(size))]
    if len(rows) == size:
        end = rows[-1][:2]
    if not packed:
        return rows, end
    found = {(track, time): body for track, time, body in packed if end is None or (track, time) <= end}
    for track, time, body in rows:
        earlier = found.get((track, time))
        found[track, time] = body if earlier is None else frames.merged(earlier, body)
    return [(*place, found[place]) for place in sorted(found)], end


def picked(page: Iterable[Frame], number: int) -> Iterator[Sample]:
    """Return the samples of one series in a page of its track."""
    return (sample for _, time, body in page if (sample := frames.pick(time, body, number)) is not None)


def of_subject(connection: Connection, subject: SubjectId, vantage: str) -> tuple[Series, ...]:
    return tuple(series for series, _, _ in _series(connection, vantage, _TRACK.c.subject == subject))


def of_vantage(connection: Connection, vantage: str) -> dict[SubjectId, tuple[Series, ...]]:
    """Read the series of every subject that a vantage sampled, each as ``of_subject``."""
    found: dict[SubjectId, list[Series]] = {}
    for series, _, _ in _series(connection, vantage, true()):
        found.setdefault(series.subject, []).append(series)
    return {subject: tuple(listed) for subject, listed in found.items()}


def places(connection: Connection, wanted: Collection[Series]) -> dict[int, dict[int, Series]]:
    """Return the tracks of some series, each series by its number. A series that was never sampled is left out."""
    found: dict[int, dict[int, Series]] = {}
    known = frozenset(wanted)
    for vantage in {series.vantage for series in wanted}:
        subjects = sorted({series.subject for series in wanted if series.vantage == vantage})
        for some in chunks(subjects, BOUND):
            for series, track, number in _series(connection, vantage, _TRACK.c.subject.in_(some)):
                if series in known:
                    found.setdefault(track, {})[number] = series
    return found


def _series(connection: Connection, vantage: str, only: ColumnElement[bool]) -> Iterator[tuple[Series, int, int]]:
    """Yield series by metric, family and interface, each with its track and number."""
    query = (
        select(
            _TRACK.c.subject, _SERIES.c.metric, _SERIES.c.family, _SERIES.c.interface, _TRACK.c.key, _SERIES.c.number
        )
        .join(_TRACK, _TRACK.c.key == _SERIES.c.track)
        .where(_TRACK.c.vantage == vantage, only)
        .order_by(_SERIES.c.metric, _SERIES.c.family, _SERIES.c.interface)
    )
    for subject, metric, family, interface, track, number in connection.execute(query).all():
        of = SubjectId(subject)
        yield Series(subject=of, metric=metric, vantage=vantage, family=family, interface=interface), track, number


def place(connection: Connection, series: Series) -> tuple[int, int, datetime] | None:
    """Return the track, the number and the first sample's time of a series; None if it was never sampled."""
    metric, family, interface = _name(series)
    query = (
        select(_SERIES.c.track, _SERIES.c.number, _SERIES.c.first)
        .join(_TRACK, _TRACK.c.key == _SERIES.c.track)
        .where(
            _TRACK.c.subject == series.subject,
            _TRACK.c.vantage == series.vantage,
            _SERIES.c.metric == metric,
            _SERIES.c.family == family,
            _SERIES.c.interface == interface,
        )
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.track, row.number, row.first)


def _name(series: Series) -> Name:
    return series.metric, series.family, series.interface


def rename(connection: Connection, before: tuple[str, SubjectId], now: tuple[str, SubjectId]) -> bool:
    """Move everything of a vantage's name and its own subject to another; True if it is moved or there was nothing.

    False, with nothing changed, if the other has series already.
    """
    if not _has_tracks(connection, before):
        return True
    if _has_tracks(connection, now):
        return False
    for column, old, new in ((_TRACK.c.vantage, before[0], now[0]), (_TRACK.c.subject, before[1], now[1])):
        connection.execute(update(_TRACK).where(column == old).values({column: new}))
    return True


def _has_tracks(connection: Connection, of: tuple[str, SubjectId]) -> bool:
    vantage, subject = of
    query = select(_TRACK.c.key).where(or_(_TRACK.c.vantage == vantage, _TRACK.c.subject == subject)).limit(1)
    return connection.execute(query).first() is not None
