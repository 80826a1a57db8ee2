"""Reads and writes rows of the audit log, each function within a transaction.

Writers add lines one after the other: on SQLite there is one writer at a time.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select

from auditor.framework.findings import without_nul
from auditor.service.store.chain import AuditLogChain, LastLine, LogLine
from auditor.service.store.database.account_schema import deed

Added = Sequence[tuple[LogLine, str]]
_PENDING = "audit log"  # key of a connection's lines that are not committed yet
_AT_ONCE = 1_000
_COLUMNS = (deed.c.key, deed.c.time, deed.c.who, deed.c.address, deed.c.what, deed.c.about, deed.c.hash)
LOG = "auditor.audit"
"""The name of the logger that lines are also written to."""
_log = logging.getLogger(LOG)


def add(connection: Connection, values: Mapping[str, Any]) -> None:
    """Add a line with the other columns in ``values``. Once committed, it goes into the program's log too."""
    before = head(connection)
    values = {name: without_nul(value) if isinstance(value, str) else value for name, value in values.items()}
    line = LogLine(number=before.number + 1, **values)
    hashed = line.hash_after(before.hash)
    connection.execute(insert(deed).values(key=line.number, hash=hashed, **values))
    connection.info.setdefault(_PENDING, []).append((line, hashed))


def head(connection: Connection) -> LastLine:
    row = connection.execute(select(deed.c.key, deed.c.hash).order_by(deed.c.key.desc()).limit(1)).one_or_none()
    return LastLine() if row is None else LastLine(number=row.key, hash=row.hash)


def latest(connection: Connection, most: int) -> Sequence[Row[Any]]:
    """Return the latest lines, newest first, at most ``most``."""
    return _rows(connection, select(*_COLUMNS).order_by(deed.c.key.desc()).limit(most))


def of_kind(connection: Connection, what: str) -> Sequence[Row[Any]]:
    """Return every line of one action, oldest first."""
    return _rows(connection, select(*_COLUMNS).where(deed.c.what == what).order_by(deed.c.key))


def hash_of(connection: Connection, number: int) -> str | None:
    """Return the hash of a line; None if there is no such line."""
    return connection.execute(select(deed.c.hash).where(deed.c.key == number)).scalar_one_or_none()


def check(connection: Connection) -> AuditLogChain:
    """Check the chain of the whole log, reading some lines at a time."""
    last, count = LastLine(), 0
    while True:
        after = select(*_COLUMNS).where(deed.c.key > last.number).order_by(deed.c.key)
        rows = _rows(connection, after.limit(_AT_ONCE))
        for row in rows:
            count += 1
            if not _follows(row, last):
                return AuditLogChain(head=head(connection), lines=count, broken=row.key)
            last = LastLine(number=row.key, hash=row.hash)
        if len(rows) < _AT_ONCE:
            return AuditLogChain(head=last, lines=count)


def _rows(connection: Connection, wanted: Select[Any]) -> Sequence[Row[Any]]:
    return connection.execute(wanted).all()


def _follows(row: Row[Any], before: LastLine) -> bool:
    line = LogLine(number=row.key, time=row.time, who=row.who, address=row.address, what=row.what, about=row.about)
    return bool(row.hash == line.hash_after(before.hash))


def taken(connection: Connection) -> Added:
    """Return and forget the lines this connection added since the last call; announced only once committed."""
    pairs: Added = connection.info.pop(_PENDING, ())
    return pairs


def announce(added: Added) -> None:
    """Write lines into the program's log, a JSON object each, so that a copy of that log has the hashes too."""
    for line, hashed in added:
        said = {
            "number": line.number,
            "time": line.time.isoformat(),
            "who": line.who,
            "address": line.address,
            "what": line.what,
            "about": line.about,
            "hash": hashed,
        }
        _log.info("%s", json.dumps(said))
