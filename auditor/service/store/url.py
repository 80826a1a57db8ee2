"""Opens the store that ``--store`` names. SQLAlchemy is loaded only when a URL has turned out to be good."""

import difflib
from collections.abc import Sequence
from pathlib import Path

from auditor.service.store.api import Store
from auditor.service.store.records import StoreError

_SQLITE = "sqlite"
_LATER = ("postgresql", "postgres")
_EXAMPLE = "sqlite:///auditor.db"


def open_store(url: str, *, create: bool = True) -> Store:
    """The store at ``url``, made where there is none unless ``create`` is false. Raises StoreError."""
    path = file_of(url)
    from auditor.service.store.sqlite import open_sqlite

    return open_sqlite(path, create=create)


def file_of(url: str) -> Path:
    """The file of a store, whether or not it exists. Raises StoreError.

    ``sqlite:///auditor.db`` is a file in the current directory, ``sqlite:////var/lib/auditor/auditor.db`` one anywhere.
    Nothing of a URL but its scheme is repeated in a message: a database's URL may hold a password.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise StoreError("a store is named by a URL, such as {example}", example=_EXAMPLE)
    if scheme.partition("+")[0] in _LATER:
        raise StoreError(
            "{scheme}:// stores are not in this version yet; use {example}", scheme=scheme, example=_EXAMPLE
        )
    if scheme != _SQLITE:
        raise _unknown(scheme)
    path = rest.removeprefix("/")
    if path == rest or path in ("", ":memory:"):
        raise StoreError(
            "sqlite:// is followed by a slash and the path of a file: {example}, or sqlite:////var/lib/auditor.db",
            example=_EXAMPLE,
        )
    return Path(path)


def parts_of(url: str) -> Sequence[Path]:
    """The files of a store that are there: the database, its log and index, and the lock of the service."""
    file = file_of(url)
    return [
        part for end in ("", "-wal", "-shm", "-journal", ".lock") if (part := file.with_name(file.name + end)).exists()
    ]


def _unknown(scheme: str) -> StoreError:
    near = difflib.get_close_matches(scheme.lower(), (_SQLITE, *_LATER), n=1, cutoff=0.5)
    if near:
        return StoreError("there is no store '{scheme}://'; did you mean '{near}://'?", scheme=scheme, near=near[0])
    return StoreError("there is no store '{scheme}://'; use {example}", scheme=scheme, example=_EXAMPLE)
