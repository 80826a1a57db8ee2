"""Opens the store that ``--store`` names. SQLAlchemy is loaded only for a valid URL."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.service.store.api import DatabaseStore
from auditor.service.store.database.database_files import path_of
from auditor.service.store.records import StoreError

if TYPE_CHECKING:
    from sqlalchemy import URL

_SQLITE = "sqlite"
_POSTGRESQL = ("postgresql", "postgres", "postgresql+psycopg")
_EXAMPLE = "sqlite:///auditor.db"
_DATABASE = "postgresql:///auditor"


def open_store(url: str, *, create: bool = True) -> DatabaseStore:
    """Return the store at ``url``; a missing one is created unless ``create`` is false. Raises StoreError."""
    if is_file(url):
        path = file_of(url)
        from auditor.service.store.database.sqlite import open_sqlite

        return open_sqlite(path, create=create)
    address = database_of(url)
    from auditor.service.store.database.postgresql import open_postgresql

    return open_postgresql(address, create=create)


def is_file(url: str) -> bool:
    """True if a store is a file; otherwise it is in a database server. Raises StoreError."""
    scheme, separator, _ = url.partition("://")
    if not separator:
        raise StoreError("a store is named by a URL, such as {example}", example=_EXAMPLE)
    if scheme not in (_SQLITE, *_POSTGRESQL):
        raise _unknown(scheme)
    return scheme == _SQLITE


def database_of(url: str) -> "URL":
    """Return the parsed URL of a database in a server. Raises StoreError; no message repeats its password."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        address = None
    if address is None or not address.database or any(not isinstance(value, str) for value in address.query.values()):
        raise StoreError("a database is named as in {example} or postgresql://USER@HOST/NAME", example=_DATABASE)
    return address


def file_of(url: str) -> Path:
    """Return the file of a store, whether or not it exists. Raises StoreError.

    ``sqlite:///auditor.db`` is a file in the current directory, ``sqlite:////var/lib/auditor/auditor.db`` one anywhere.
    Nothing of a URL but its scheme is repeated in a message: a database's URL may hold a password.
    """
    if not is_file(url):
        raise StoreError("this store is a database server, not a file; name a file as in {example}", example=_EXAMPLE)
    rest = url.partition("://")[2]
    path = rest.removeprefix("/")
    if path == rest or path in ("", ":memory:"):
        raise StoreError(
            "sqlite:// is followed by a slash and the path of a file: {example}, or sqlite:////var/lib/auditor.db",
            example=_EXAMPLE,
        )
    return Path(path)


def beside(url: str) -> Path:
    """Return the path beside which the store's own files are kept (keys, lock, first code). Raises StoreError."""
    return file_of(url) if is_file(url) else path_of(database_of(url))


def parts_of(url: str) -> Sequence[Path]:
    """Return the existing files of a store: the database, its log and index, and the lock of the service."""
    if not is_file(url):
        return ()
    file = file_of(url)
    return [
        part for end in ("", "-wal", "-shm", "-journal", ".lock") if (part := file.with_name(file.name + end)).exists()
    ]


def _unknown(scheme: str) -> StoreError:
    near = difflib.get_close_matches(scheme.lower(), (_SQLITE, *_POSTGRESQL), n=1, cutoff=0.5)
    if near:
        return StoreError("there is no store '{scheme}://'; did you mean '{near}://'?", scheme=scheme, near=near[0])
    return StoreError("there is no store '{scheme}://'; use {example}", scheme=scheme, example=_EXAMPLE)
