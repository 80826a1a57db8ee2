"""Gives the new SQLite stores of tests their tables at once: migrating anew is most of what opening one costs.

The tables are those that the migrations make, once in each process. Tests of the migrations themselves go without.
"""

import sqlite3
from collections.abc import Sequence
from functools import cache

import pytest
from sqlalchemy import Connection, create_engine, inspect

from auditor.service.store import migrate

_MOVE = migrate.move


@cache
def _statements() -> Sequence[str]:
    """Return what makes an empty database one of this version."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        _MOVE(connection, migrate.REVISIONS[-1])
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        made = [line for line in raw.iterdump() if line not in ("BEGIN TRANSACTION;", "COMMIT;")]
    engine.dispose()
    return made


def _move(connection: Connection, target: str) -> None:
    is_new = connection.dialect.name == "sqlite" and not inspect(connection).get_table_names()
    if not is_new or target != migrate.REVISIONS[-1]:
        _MOVE(connection, target)
        return
    for statement in _statements():
        connection.exec_driver_sql(statement)


def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make tables of new stores without migrating, for one test."""
    monkeypatch.setattr(migrate, "move", _move)
