"""Builds the text of an insert for the driver, for many small rows: SQLAlchemy only builds it, once."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Dialect, Insert, Table, bindparam
from sqlalchemy.dialects import sqlite


def _postgresql() -> Dialect:
    from sqlalchemy.dialects.postgresql import psycopg  # slow to import, and seldom needed

    return psycopg.dialect(paramstyle="format")  # type: ignore[no-untyped-call]


_DIALECTS: Mapping[str, Callable[[], Dialect]] = {
    "sqlite": lambda: sqlite.dialect(paramstyle="qmark"),
    "postgresql": _postgresql,
}


def by_place(connection: Connection, added: Insert, table: Table) -> str:
    """Return the statement with a placeholder for each column but the key, in their order; JSON is given as text."""
    values: dict[str, object] = {
        column.name: bindparam(column.name) for column in table.columns if column.name != "key"
    }
    return str(added.values(values).compile(dialect=_DIALECTS[connection.dialect.name]()))
