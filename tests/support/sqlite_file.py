"""Opens a SQLite file beside the store that it belongs to."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def connected(path: Path | str, *, timeout: float = 5.0) -> Iterator[sqlite3.Connection]:
    """Yield a connection that commits at the end, as ``sqlite3``'s own does, and is closed then, unlike that one."""
    with closing(sqlite3.connect(path, timeout=timeout)) as connection, connection:
        yield connection
