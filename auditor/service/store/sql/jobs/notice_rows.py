"""Reads and writes rows of notices, one for each ended job and channel, each function within a transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select, update

from auditor.service.store.database.schema import job, notice

WAITING, GIVEN_UP = "waiting", "given_up"


def ended(connection: Connection, states: Collection[str], since: datetime) -> Sequence[Row[Any]]:
    """Return the jobs that ended since then in one of these states, oldest first."""
    wanted = select(job).where(job.c.state.in_(list(states)), job.c.ended >= since).order_by(job.c.key)
    return connection.execute(wanted).all()


def one_job(connection: Connection, key: int) -> Row[Any]:
    return connection.execute(select(job).where(job.c.key == key)).one()


def known(connection: Connection, jobs: Collection[int]) -> set[tuple[int, str]]:
    """Return the pairs of job and channel that have a notice, for these jobs."""
    wanted = select(notice.c.job, notice.c.channel).where(notice.c.job.in_(list(jobs)))
    return {(row.job, row.channel) for row in connection.execute(wanted)}


def add(connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        connection.execute(insert(notice), [dict(row) for row in rows])


def due(
    connection: Connection, channels: Collection[str], now: datetime, ahead: datetime, most: int
) -> Sequence[Row[Any]]:
    """Return waiting notices of these channels due by ``now``, or only after ``ahead``; the longest due first."""
    is_due = or_(notice.c.due <= now, notice.c.due > ahead)
    wanted = select(notice).where(notice.c.state == WAITING, is_due, notice.c.channel.in_(list(channels)))
    return connection.execute(wanted.order_by(notice.c.due, notice.c.key).limit(most)).all()


def change(connection: Connection, key: int, values: Mapping[str, object]) -> None:
    connection.execute(update(notice).where(notice.c.key == key).values(dict(values)))


def change_waiting(connection: Connection, key: int, attempts: int, values: Mapping[str, object]) -> bool:
    """Change a notice that still waits after so many attempts; False if another program was faster."""
    waits = (notice.c.key == key, notice.c.state == WAITING, notice.c.attempts == attempts)
    return connection.execute(update(notice).where(*waits).values(dict(values))).rowcount == 1


def change_others(connection: Connection, channels: Collection[str], values: Mapping[str, object]) -> None:
    """Change the waiting notices of all channels except these."""
    others = notice.c.channel.not_in(list(channels))
    connection.execute(update(notice).where(notice.c.state == WAITING, others).values(dict(values)))


def unsent(connection: Connection, since: datetime) -> Sequence[tuple[str, str, int]]:
    """Count by channel the notices given up since then, or waiting after a failed attempt.

    Returns channel, state and number.
    """
    given_up = and_(notice.c.state == GIVEN_UP, notice.c.ended >= since)
    failing = and_(notice.c.state == WAITING, notice.c.attempts > 0)
    wanted = select(notice.c.channel, notice.c.state, func.count()).where(or_(given_up, failing))
    grouped = wanted.group_by(notice.c.channel, notice.c.state).order_by(notice.c.channel, notice.c.state)
    return [(channel, state, number) for channel, state, number in connection.execute(grouped)]


def latest(connection: Connection, most: int) -> Sequence[Row[Any]]:
    """Return the newest notices first, at most ``most``."""
    return connection.execute(select(notice).order_by(notice.c.key.desc()).limit(most)).all()
