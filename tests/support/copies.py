"""Fills the empty stores of many tests with the same things: by the program once in each process, then by a copy.

Whoever replaces parts of the program for a test does so after the store is filled, or has them in others' copies.
"""

import sqlite3
import tempfile
from collections.abc import Callable, Hashable
from contextlib import closing
from pathlib import Path

from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.store import SqlStore

_MARK = "alembic_version"
"""The table that also an empty store has a row in."""
_made: dict[Hashable, sqlite3.Connection] = {}


def fill(store: SqlStore, key: Hashable, by: Callable[[SqlStore], None]) -> None:
    """Apply ``by`` to a store; an empty SQLite file gets a copy of the result of the first call with this key."""
    kind, _, path = (store.url or "").partition(":///")
    if kind == "sqlite":
        with closing(sqlite3.connect(path)) as file:
            if _is_empty(file):
                if key not in _made:
                    _made[key] = _filled(by)
                _made[key].backup(file)
                return
    by(store)


def _filled(by: Callable[[SqlStore], None]) -> sqlite3.Connection:
    """Return a whole database, in memory."""
    copy = sqlite3.connect(":memory:", check_same_thread=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "auditor.db")
        with open_sqlite(path) as store:
            by(store)
        with closing(sqlite3.connect(path)) as file:
            file.backup(copy)
    return copy


def _is_empty(file: sqlite3.Connection) -> bool:
    tables = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return not any(
        file.execute(f'SELECT EXISTS (SELECT 1 FROM "{one}")').fetchone()[0] for one in tables if one != _MARK
    )
