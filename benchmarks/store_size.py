"""Tells how large a SQLite store is, for benchmarks."""

import sqlite3
from contextlib import closing
from pathlib import Path


def in_use(path: Path) -> int:
    """Return the bytes that hold something: what was deleted is free for what comes, and counts nowhere."""
    with closing(sqlite3.connect(path)) as connection:
        pages, free, size = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
    return (pages - free) * size
