"""Stores the shared content of findings, each statement once for all findings of all runs with it.

A week later ninety-nine findings of a hundred have the same content as before, and only the evidence is new. Statements
are found by a digest, since no index of PostgreSQL takes a text of any length. They stay, as findings do.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

from sqlalchemy import Connection, select

from auditor.service.store.chunks import chunks
from auditor.service.store.database import schema
from auditor.service.store.sql.by_place import by_place
from auditor.service.store.sql.keys import BOUND, among, inserting, these

Statement = tuple[str, int, str, str, str, str, str | None, str | None, str, str | None, str]
"""The values of ``COLUMNS`` as they are stored."""

_TABLE = schema.statement
COLUMNS = tuple(column.name for column in _TABLE.columns if column.name not in ("key", "digest"))
_KEYS = select(_TABLE.c.digest, _TABLE.c.key).where(among(_TABLE.c.digest))
_ADDING: dict[str, str] = {}  # by name of the dialect
_DIGEST_SIZE = 20
_dump = json.JSONEncoder(separators=(",", ":")).encode


def digest(statement: Statement) -> bytes:
    """Return the digest of a statement; parts of it are written by audited servers, so it must resist forgery."""
    return blake2b(_dump(statement).encode(), digest_size=_DIGEST_SIZE).digest()


def keys(connection: Connection, statements: Iterable[Statement]) -> Mapping[Statement, int]:
    """Return the keys of statements; missing ones are added."""
    digests = {digest(statement): statement for statement in dict.fromkeys(statements)}
    found = _known(connection, list(digests))
    missing = sorted(digests.keys() - found.keys())  # sorted, so that two programs adding the same ones do not deadlock
    if missing:
        connection.exec_driver_sql(_adding(connection), [(one, *digests[one]) for one in missing])
        found |= _known(connection, missing)
    return {statement: found[one] for one, statement in digests.items()}


def _adding(connection: Connection) -> str:
    name = connection.dialect.name
    if name not in _ADDING:
        _ADDING[name] = by_place(connection, inserting(connection, _TABLE), _TABLE)
    return _ADDING[name]


def _known(connection: Connection, digests: Sequence[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for some in chunks(digests, BOUND):
        found.update((bytes(one), int(key)) for one, key in connection.execute(_KEYS, these(some)))
    return found
