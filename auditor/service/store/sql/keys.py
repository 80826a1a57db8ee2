"""Looks up the database keys of ids; an unknown id is a StoreError."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Insert, Table, bindparam, select
from sqlalchemy.dialects import sqlite

from auditor.service.store.chunks import chunks
from auditor.service.store.database import schema
from auditor.service.store.records import JudgementId, unknown
from inventory.model import SubjectId
from probes.framework.evidence import RunId

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

BOUND = 500  # parameters in one statement
_THESE = "these"
FETCHED = 1_000
"""Rows that are fetched at once when many are read: one by one takes twice the time."""


def among(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Test a column against the values that ``these`` gives when the query is executed.

    SQLAlchemy leaves the values of ``column.in_(values)`` in a reference cycle until garbage is collected: where that
    is seldom done, as while a run is judged, the lists of ten thousand queries were held.
    """
    return column.in_(bindparam(_THESE, expanding=True))


def these(values: Collection[object]) -> Mapping[str, object]:
    """Return the parameters of a query with one ``among``."""
    return {_THESE: list(values)}


def inserting(connection: Connection, table: Table) -> Insert:
    """Return an insert that leaves existing rows unchanged."""
    return _insert(connection, table).on_conflict_do_nothing()


def upserting(connection: Connection, table: Table, by: Mapping[str, object], values: Mapping[str, object]) -> Insert:
    """Return an insert that changes an existing row with the key ``by``."""
    added = _insert(connection, table).values({**by, **values})
    return added.on_conflict_do_update(index_elements=list(by), set_=dict(values))


def _insert(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    if connection.dialect.name != "postgresql":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # slow to import, and seldom needed

    return postgresql.insert(table)


def run_key(connection: Connection, run: RunId) -> int:
    table = schema.run
    found = connection.execute(select(table.c.key).where(table.c.id == run)).scalar_one_or_none()
    if found is None:
        raise unknown("run", run, connection.execute(select(table.c.id)).scalars())
    return int(found)


def member_keys(connection: Connection, run: int) -> list[int]:
    """Return the keys of a round's members; a run of one vantage has none."""
    table = schema.member
    return [int(key) for key in connection.execute(select(table.c.run).where(table.c.round == run)).scalars()]


def evidence_keys(connection: Connection, run: RunId) -> list[int]:
    """Return the keys of the runs that hold a run's evidence: itself, and for a round its members."""
    key = run_key(connection, run)
    return [key, *member_keys(connection, key)]


def judgement_key(connection: Connection, judgement: JudgementId) -> tuple[int, int]:
    """Return the keys of a judgement and of its run."""
    table = schema.judgement
    row = connection.execute(select(table.c.key, table.c.run).where(table.c.id == judgement)).one_or_none()
    if row is None:
        raise unknown("judgement", judgement, connection.execute(select(table.c.id)).scalars())
    return int(row.key), int(row.run)


def subject_key(connection: Connection, run: int, subject: SubjectId) -> int:
    return subject_keys(connection, run, [subject])[subject]


def known_keys(connection: Connection, run: int, subjects: Sequence[SubjectId]) -> dict[SubjectId, int]:
    """Return the keys of these subjects; subjects that do not exist are left out."""
    table = schema.subject
    found: dict[SubjectId, int] = {}
    query = select(table.c.id, table.c.key).where(table.c.run == run, among(table.c.id))
    for some in chunks(dict.fromkeys(subjects), BOUND):
        found.update((SubjectId(row.id), int(row.key)) for row in connection.execute(query, these(some)))
    return found


def subject_keys(connection: Connection, run: int, subjects: Sequence[SubjectId]) -> dict[SubjectId, int]:
    """Return the keys of all these subjects. Raises StoreError naming the first that does not exist."""
    table = schema.subject
    keys = known_keys(connection, run, subjects)
    for subject in subjects:
        if subject not in keys:
            ids = connection.execute(select(table.c.id).where(table.c.run == run)).scalars()
            raise unknown("subject", subject, ids)
    return keys
