"""Keeps leases as rows of the store's own database, which is SQLite or PostgreSQL."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from auditor.service.leases.model import MOST_SUBJECTS, SILENCE, BatchId, Lease, LeaseKey, LeaseLost, check_worker
from auditor.service.store.chunks import chunks
from auditor.service.store.database.schema import batch
from auditor.service.store.sql.database import Database
from inventory.model import SubjectId
from probes.framework.evidence import RunId

WAITING, LEASED, ENDED, WITHDRAWN = "waiting", "leased", "ended", "withdrawn"
_OPEN = (WAITING, LEASED)


class StoredLeases:
    """Implements ``model.Leases``. ``now`` is the clock."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database, self._now = database, now

    def defer(self, run: RunId, vantage: str, subjects: Sequence[SubjectId], most: int = MOST_SUBJECTS) -> int:
        with self._database.writing() as connection:
            if connection.execute(select(batch.c.key).where(batch.c.run == run).limit(1)).first() is not None:
                return 0
            rows = [
                {
                    "run": run,
                    "vantage": vantage,
                    "subjects": list(some),
                    "state": WAITING,
                    "worker": "",
                    "attempt": 0,
                    "since": None,
                    "heard": None,
                    "delivered": 0,
                }
                for some in chunks(subjects, most)
            ]
            if rows:
                connection.execute(insert(batch), rows)
            return len(rows)

    def lease(self, vantage: str, worker: str) -> Lease | None:
        check_worker(worker)
        with self._database.writing() as connection:
            row = self._next(connection, vantage, worker)
            if row is None:
                return None
            now = self._now()
            values: dict[str, object] = {"heard": now}
            if row.state == WAITING or row.worker != worker:
                values |= {"state": LEASED, "worker": worker, "attempt": row.attempt + 1, "since": now}
            connection.execute(update(batch).where(batch.c.key == row.key).values(values))
            return _lease(connection.execute(select(batch).where(batch.c.key == row.key)).one())

    def _next(self, connection: Connection, vantage: str, worker: str) -> Row[Any] | None:
        of_vantage = select(batch).where(batch.c.vantage == vantage).order_by(batch.c.key)
        leased = connection.execute(of_vantage.where(batch.c.state == LEASED)).all()
        for row in leased:
            if row.worker == worker:
                return row
        now = self._now()
        if any(abs(now - row.heard) < SILENCE for row in leased):  # a time far ahead comes from a wrong clock
            return None
        return connection.execute(of_vantage.where(batch.c.state.in_(_OPEN)).limit(1)).one_or_none()

    def held(self, key: LeaseKey) -> Lease:
        with self._database.writing() as connection:
            return _lease(_held(connection, key))

    def beat(self, key: LeaseKey, delivered: int = 0) -> int:
        with self._database.writing() as connection:
            row = _held(connection, key)
            whole = int(row.delivered) + delivered
            values = {"heard": self._now(), "delivered": whole}
            connection.execute(update(batch).where(batch.c.key == row.key).values(values))
            return whole

    def end(self, key: LeaseKey) -> None:
        with self._database.writing() as connection:
            row = _held(connection, key)
            values = {"state": ENDED, "heard": self._now()}
            connection.execute(update(batch).where(batch.c.key == row.key).values(values))

    def withdraw(self, run: RunId) -> None:
        with self._database.writing() as connection:
            open_ones = update(batch).where(batch.c.run == run, batch.c.state.in_(_OPEN))
            connection.execute(open_ones.values(state=WITHDRAWN))

    def open_batches(self, run: RunId) -> int:
        query = select(func.count()).select_from(batch).where(batch.c.run == run, batch.c.state.in_(_OPEN))
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def heard(self) -> Mapping[str, datetime]:
        latest = func.max(batch.c.heard).label("heard")
        query = select(batch.c.vantage, latest).where(batch.c.heard.is_not(None)).group_by(batch.c.vantage)
        with self._database.reading() as connection:
            return {row.vantage: row.heard for row in connection.execute(query)}


def _held(connection: Connection, key: LeaseKey) -> Row[Any]:
    """Return the row of a lease, locked against other transactions until the end of this one. Raises LeaseLost."""
    query = select(batch).where(
        batch.c.key == key.batch, batch.c.attempt == key.attempt, batch.c.worker == key.worker, batch.c.state == LEASED
    )
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise LeaseLost(str(key))
    return row


def _lease(row: Row[Any]) -> Lease:
    return Lease(
        key=LeaseKey(batch=BatchId(row.key), attempt=row.attempt, worker=row.worker),
        run=RunId(row.run),
        vantage=row.vantage,
        subjects=tuple(SubjectId(subject) for subject in row.subjects),
        since=row.since,
    )
