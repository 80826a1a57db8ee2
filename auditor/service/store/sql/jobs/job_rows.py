"""Reads and writes rows of jobs and of the state of schedules, each function within a transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from auditor.service.store.database.schema import job, schedule
from auditor.service.store.sql.keys import upserting

Values = Mapping[str, object]


def add(connection: Connection, values: Values) -> int:
    """Add a job and return its key."""
    made = connection.execute(insert(job).values(dict(values)))
    (key,) = made.inserted_primary_key or (0,)
    return int(key)


def change(connection: Connection, key: int, values: Values, states: Collection[str]) -> bool:
    """Change a job that is in one of these states; False if it is not."""
    wanted = update(job).where(job.c.key == key, job.c.state.in_(list(states))).values(dict(values))
    return connection.execute(wanted).rowcount == 1


def one(connection: Connection, key: int) -> Row[Any] | None:
    return connection.execute(select(job).where(job.c.key == key)).one_or_none()


def of_run(connection: Connection, run: str) -> Row[Any] | None:
    """Return the latest job of a run."""
    return connection.execute(select(job).where(job.c.run == run).order_by(job.c.key.desc()).limit(1)).one_or_none()


def in_states(connection: Connection, states: Collection[str]) -> Sequence[Row[Any]]:
    """Return the jobs in these states, oldest first."""
    return connection.execute(select(job).where(job.c.state.in_(list(states))).order_by(job.c.key)).all()


def latest(connection: Connection, most: int, schedule_name: str | None = None) -> Sequence[Row[Any]]:
    """Return the newest jobs first, at most ``most``, of one schedule or all."""
    wanted = select(job).order_by(job.c.key.desc()).limit(most)
    if schedule_name is not None:
        wanted = wanted.where(job.c.schedule == schedule_name)
    return connection.execute(wanted).all()


def standings(connection: Connection) -> Mapping[str, Row[Any]]:
    return {row.name: row for row in connection.execute(select(schedule))}


def keep_standing(
    connection: Connection, name: str, mark: datetime, paused_by: str, paused_at: datetime | None
) -> None:
    values = {"mark": mark, "paused_by": paused_by, "paused_at": paused_at}
    connection.execute(upserting(connection, schedule, {"name": name}, values))
