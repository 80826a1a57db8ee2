"""Tells how large a SQLite store is, for benchmarks."""

import sqlite3
from contextlib import closing
from pathlib import Path


def in_use(path: Path) -> int:
    """Return the bytes in use: pages of deleted rows are free for later rows and do not count."""
    with closing(sqlite3.connect(path)) as connection:
        pages, free, size = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
    return (pages - free) * size
