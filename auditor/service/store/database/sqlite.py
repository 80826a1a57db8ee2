"""Runs SQLite behind SQLAlchemy: one file, many readers, one writer at a time, from any number of processes.

Two engines over the same file. The driver's own transactions are off: it would start them late, and data read before a
write could be stale by then without an error. Writers say BEGIN IMMEDIATE and wait their turn; readers say BEGIN and
see the last commit, never blocked by a writer nor blocking one (write-ahead log).

``synchronous=NORMAL``: a process that is killed loses nothing it committed; a machine that loses power may lose the
last commits, never a part of one.
"""

import errno
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event

from auditor.service.store.at_hand import may_wait
from auditor.service.store.database import migrate
from auditor.service.store.files import make_file
from auditor.service.store.records import StoreError, StoreFailed
from auditor.service.store.sql.explaining import explaining
from auditor.service.store.sql.store import SqlStore
from auditor.service.store.sql.transactions import Transactions

PATIENCE = 30.0
"""Seconds to wait for other writers. Each of our own transactions takes milliseconds."""

_MOST = 2**31
"""The count of commits in the file's header starts again here."""
_EXPLAINED = (
    ("database is locked", "{store} is held by another program for more than {patience} seconds; end that program"),
    ("not a database", "{store} is not a database; name another place with --store"),
    ("malformed", "{store} is damaged; restore it from a backup, or name another place with --store"),
    ("disk is full", "there is no space left to write {store}; make room, then try again"),
    ("readonly", "{store} cannot be written; check the permissions of the file and of its folder"),
    ("unable to open", "{store} cannot be opened; check the permissions of the file and of its folder"),
)

_EXPLAIN = dict(_EXPLAINED)
_FAILED_IO, _FULL = "disk I/O error", "disk is full"
_LEAST = 65_536
"""Octets that SQLite needs for the index of its log, also to read; without them it reports an I/O error."""
_NOT_MADE = {
    errno.EACCES: _EXPLAIN["unable to open"],
    errno.EPERM: _EXPLAIN["unable to open"],
    errno.EROFS: _EXPLAIN["readonly"],
    errno.ENOSPC: _EXPLAIN["disk is full"],
}


class SqliteDatabase(Transactions):
    """Provides the two engines of one file. Errors of the database are raised as StoreError."""

    def __init__(self, path: Path, *, patience: float = PATIENCE) -> None:
        super().__init__(_engine(path, "BEGIN IMMEDIATE", patience), _engine(path, "BEGIN", patience))
        self.path, self.name = path, str(path)
        self._patience = patience
        self._watch: sqlite3.Connection | None = None
        self._watching = threading.Lock()
        self._seen = (-1, -1)

    def appending(self) -> AbstractContextManager[Connection]:
        """Begin the same as ``writing``, because SQLite has one writer."""
        return self.writing(told=False)

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path.resolve()}"

    def claim(self) -> bool:
        """Return True: programs that may use a file are on one machine, where a lock beside it separates them."""
        return True

    def release(self) -> None:
        """Do nothing: there is no claim."""

    def prepare(self) -> None:
        """Create or migrate the schema. Two programs may do this at once: the second finds it done."""
        with self.reading() as connection:
            if migrate.is_current(connection, name=str(self.path)):
                return
        with self.writing() as connection:
            migrate.upgrade(connection, name=str(self.path))

    def stamp(self) -> int:
        """Return a number that changes with every commit that is ``told``, by any process.

        It is the count of such commits in the header of the file (PRAGMA user_version).
        """
        return self._asked()[1]

    def commits(self) -> int:
        """Return a number that changes with every commit, by any process.

        Read on a connection that never writes (PRAGMA data_version), in microseconds unless another program has locked
        the file.
        """
        return self._asked()[0]

    def _asked(self) -> tuple[int, int]:
        if not self._watching.acquire(blocking=False):
            may_wait()
            self._watching.acquire()
        try:
            self._seen = self._versions()
            return self._seen
        except sqlite3.Error as error:  # not within ``_explained``: every request asks several times
            raise self._explain(error) from error
        finally:
            self._watching.release()

    def _versions(self) -> tuple[int, int]:
        if self._watch is None:
            self._watch = sqlite3.connect(self.path, timeout=0.0, check_same_thread=False)
        try:
            return _versions_of(self._watch, self._seen)
        except sqlite3.OperationalError:
            may_wait()
        self._watch.execute(f"PRAGMA busy_timeout={round(self._patience * 1_000)}")
        try:
            return _versions_of(self._watch, self._seen)
        finally:
            self._watch.execute("PRAGMA busy_timeout=0")

    def secure(self) -> None:
        """Write the log to the disk and into the file, without waiting for readers.

        The pages that cannot be moved into the file yet are on the disk in the log.
        """
        with self._explained(), self._reader.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def close(self) -> None:
        with self._watching:
            if self._watch is not None:
                self._watch.close()
                self._watch, self._seen = None, (-1, -1)
        self._reader.dispose()
        self._writer.dispose()

    def _before_commit(self, connection: Connection, *, told: bool) -> None:
        """Count the commit in the header, unless nothing was written: the scheduler reads often and seldom writes."""
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        written, connection.info["changes"] = connection.info.get("changes"), raw.total_changes
        if told and written != raw.total_changes:
            number = _user_version(raw)
            raw.execute(f"PRAGMA user_version={(number + 1) % _MOST}")

    def _explained(self) -> AbstractContextManager[None]:
        return explaining(sqlite3.Error, self._explain)

    def _explain(self, error: BaseException | None) -> StoreError:
        said = str(error)
        meant = _FULL if _FAILED_IO in said and self._lacks_space() else said
        for part, template in _EXPLAINED:
            if part in meant:
                return StoreFailed(template, store=str(self.path), patience=round(self._patience))
        return StoreFailed("{store}: {said}", store=str(self.path), said=said)

    def _lacks_space(self) -> bool:
        try:
            return shutil.disk_usage(self.path.parent).free < _LEAST
        except OSError:
            return False


def _versions_of(watch: sqlite3.Connection, seen: tuple[int, int]) -> tuple[int, int]:
    """Return the numbers of all commits and of those ``told``; the second changes only with the first."""
    commits = int(watch.execute("PRAGMA data_version").fetchone()[0])
    return seen if commits == seen[0] else (commits, _user_version(watch))


def _user_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def open_sqlite(path: Path, *, create: bool = True, patience: float = PATIENCE) -> SqlStore:
    """Return the store in this file, migrated; a missing one is created unless ``create`` is false."""
    if not path.parent.is_dir():
        raise StoreError(
            "the folder {folder} of the store {store} does not exist; make it, or name another place with --store",
            folder=str(path.parent),
            store=str(path),
        )
    if path.is_dir():
        raise StoreError("the store {store} is a folder; name a file in it", store=str(path))
    if not create and not path.exists():
        raise StoreError("there is no store {store}; `auditor audit` makes one", store=str(path))
    _make(path)
    database = SqliteDatabase(path, patience=patience)
    try:
        database.prepare()
    except BaseException:
        database.close()
        raise
    return SqlStore(database)


def _make(path: Path) -> None:
    """Create an empty file for SQLite: its log and the index of the log get the same permissions."""
    if not path.exists():
        try:
            make_file(path)
        except OSError as error:
            template = _NOT_MADE.get(error.errno or 0, "{store}: {said}")
            raise StoreError(template, store=str(path), said=error.strerror or str(error)) from error


def _engine(path: Path, begin: str, patience: float) -> Engine:
    engine = create_engine(URL.create("sqlite+pysqlite", database=str(path)), connect_args={"timeout": patience})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=NORMAL")
        _patiently(lambda: connection.execute("PRAGMA journal_mode=WAL"), patience)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _patiently(attempt: Callable[[], object], patience: float) -> None:
    """Repeat an attempt until the file is not locked, at most ``patience`` seconds.

    Turning the log on needs the whole file and does not wait for it, so two programs that open it collide here.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            attempt()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
