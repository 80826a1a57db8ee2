"""Copies a SQLite store while others use it, and restores a copy without losing the store in its place.

A copy is one file: runs, evidence, findings, samples, accounts, schedules, accepted defects. Its reader sees the names
of accounts and the (salted) hashes of their passwords, so only its owner may read it. Secrets of second factors are in
it encrypted, and the keys (``auditor.service.accounts.keys``) are not.
"""

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from auditor.service.store.api import DatabaseStore
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.files import make_new_file
from auditor.service.store.lines import refused
from auditor.service.store.records import StoreError, StoreFailed

_PAGES = 2_000
"""Pages (of 4 KiB) that are copied before writers get their turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """Describes a copy that was read back whole.

    ``size`` in octets; ``kept``: the path of the store that a restore replaced.
    """

    path: Path
    size: int
    runs: int
    kept: Path | None = None


def back_up(store: Path, target: Path) -> Copied:
    """Copy the store into a new file, complete and of one moment, even while others write.

    Raises StoreError; a copy that failed leaves no file. Nothing that exists is overwritten.
    """
    if not store.is_file():
        raise StoreError("there is no store {store}; `auditor audit` makes one", store=str(store))
    with unfinished(target) as part:
        _copy(store, part)
        runs = _runs(part)
    return Copied(path=target, runs=runs, size=target.stat().st_size)


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """Yield an empty file under another name, and rename it to the target when the copy is complete.

    A program that is killed thus leaves nothing that looks like a copy. Raises StoreError if the target exists already,
    or no file can be created.
    """
    _must_be_new(target)
    part = target.with_name(f"{target.name[:100]}.{secrets.token_hex(4)}.part")
    _make_empty(part, target)
    try:
        yield part
        _must_be_new(target)
        os.rename(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _settle(target.parent)


def _must_be_new(path: Path) -> None:
    if path.exists():
        raise StoreError("{path} exists already; a copy never replaces a file", path=str(path))


def restore(
    copy: Path, store: Path, now: datetime, *, noted: Callable[[DatabaseStore], None] = lambda _: None
) -> Copied:
    """Put a copy in the place of the store, and keep the old store next to it, named after ``now``.

    ``noted`` records that in the restored store before it is put in place. Raises StoreError: the copy is damaged, of
    another program or of a newer version; the store is in use.
    """
    if not copy.is_file():
        raise StoreError("there is no file {path}", path=str(copy))
    if store.is_symlink():  # the link itself stays
        store = store.resolve()
    fresh = store.with_name(f"{store.name}.restoring")
    fresh.unlink(missing_ok=True)  # of a restore that was interrupted
    _make_empty(fresh, store, for_owner_of=store)
    try:
        _copy(copy, fresh)
        _runs(fresh)
        if store.exists():
            _must_be_unused(store)  # first, so that ``noted`` does not record a refused restore
        runs = _runs(fresh, noted)
        kept = _put_aside(store, now) if store.exists() else None
        os.replace(fresh, store)
        _settle(store.parent)
    finally:
        fresh.unlink(missing_ok=True)
    return Copied(path=store, size=store.stat().st_size, runs=runs, kept=kept)


def _copy(source: Path, target: Path) -> None:
    """Copy by the database's own online backup, check the result, and sync it to the disk."""
    descriptor = os.open(target, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        with _explained(source, target), closing(_reader(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new, pages=_PAGES)
            new.execute("PRAGMA journal_mode=DELETE")  # a single file, without a log beside it
            if not new.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise StoreError("{path} is not a copy of a store", path=str(source))
            (said,) = new.execute("PRAGMA quick_check(1)").fetchone()
            if said != "ok":
                raise _damaged(source)
        os.fsync(descriptor)
    except BaseException:
        target.unlink(missing_ok=True)
        target.with_name(f"{target.name}-journal").unlink(missing_ok=True)  # left over from a full disk
        raise
    finally:
        os.close(descriptor)
    _settle(target.parent)


def _make_empty(path: Path, meant: Path, *, for_owner_of: Path | None = None) -> None:
    """Create a new file; ``meant`` is the name that the operator gave, for the message of an error. Raises StoreError.

    ``for_owner_of``: the owner of that store gets the new file too, also when root restores it.
    """
    try:
        make_new_file(path, for_owner_of=for_owner_of)
    except OSError as error:
        raise refused(meant, error) from error


def _runs(path: Path, noted: Callable[[DatabaseStore], None] = lambda _: None) -> int:
    """Count the runs of a copy; opening it checks that it is ours, and migrates an older schema."""
    with open_sqlite(path, create=False) as store:
        count = len(store.runs())
        noted(store)
    with _explained(path), closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return count


def _put_aside(store: Path, now: datetime) -> Path:
    _must_be_unused(store)
    kept = store.with_name(f"{store.name}.before-{now:%Y%m%dT%H%M%SZ}")
    _must_be_new(kept)
    for part in ("-wal", "-shm"):  # left by a damaged store, they belong to it
        if (rest := store.with_name(store.name + part)).exists():
            os.rename(rest, kept.with_name(kept.name + part))
    try:
        os.link(store, kept)  # a store exists at every moment; a missing one would be created empty
    except OSError:  # a file system without hard links
        os.rename(store, kept)
    return kept


def _must_be_unused(store: Path) -> None:
    """Raise StoreError if the store is in use.

    SQLite leaves the mode of the write-ahead log only if no other connection has the store open, which is how this is
    known.
    """
    try:
        with closing(sqlite3.connect(store, timeout=1.0)) as connection:
            (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.OperationalError as error:
        raise _in_use(store) from error
    except sqlite3.DatabaseError:
        mode = "delete"  # damaged, which may be the reason for the restore
    if mode != "delete":
        raise _in_use(store)


def _in_use(store: Path) -> StoreError:
    return StoreError("{store} is in use; end the service and every audit first", store=str(store))


def _reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30.0)


@contextmanager
def _explained(path: Path, written: Path | None = None) -> Iterator[None]:
    """Turn SQLite's errors into StoreError. ``written``: the file to name if the disk is full, by default ``path``."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error):
            raise StoreError("{path} is not a copy of a store", path=str(path)) from error
        if "malformed" in str(error):
            raise _damaged(path) from error
        if "disk is full" in str(error):
            raise StoreFailed("{file}: no space left", file=str(written or path)) from error
        raise StoreError("{store}: {said}", store=str(path), said=str(error)) from error


def _damaged(path: Path) -> StoreError:
    return StoreError(
        "{store} is damaged; restore it from a backup, or name another place with --store", store=str(path)
    )


def _settle(folder: Path) -> None:
    """Sync the folder, so that its entries survive a loss of power too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
