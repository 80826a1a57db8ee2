"""Copies a store in PostgreSQL by pg_dump while others use it, and restores a copy without losing the old store.

A copy is one file in PostgreSQL's own format with the same content as one of SQLite (see ``backup``). The connection
settings, with the password, are in a file that only its owner can read while pg_dump or pg_restore runs: never on a
command line, which every user of the machine can see, nor in the environment.
"""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL

from auditor.service.store.api import DatabaseStore
from auditor.service.store.database.backup import Copied, unfinished
from auditor.service.store.database.postgresql import PostgresqlDatabase, open_postgresql, shown
from auditor.service.store.files import temporary_folder, write
from auditor.service.store.records import StoreError
from auditor.service.store.sql.runs import run_rows

_SERVICE = "auditor"
_PASSED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "HOME", "PGPASSFILE")
_SCHEMA = "public"
_SCHEMAS = r"SELECT nspname FROM pg_namespace WHERE nspname ~ '^(public|before_[0-9]{8}t[0-9]{6}z)$' ORDER BY nspname"
"""Lists the schema of the store, and those of stores that were put aside."""
_WAITS = (0.1, 0.3, 0.6, 1.0)  # seconds
_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'auditor' AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """Describes a restored store. ``kept``: the schema with the store that it replaced; None if that was empty."""

    store: str
    runs: int
    kept: str | None


def back_up(url: URL, target: Path) -> Copied:
    """Copy the store into a new file, complete and of one moment, even while others write.

    Raises StoreError; a copy that failed leaves no file. Nothing that exists is overwritten.
    """
    with (
        unfinished(target) as part,
        open_postgresql(url, create=False) as store,
        store.database.reading() as connection,
    ):
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")  # a large copy takes its time
        moment = str(connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one())
        runs = len(run_rows.every(connection))  # of the same moment as the copy
        descriptor = os.open(part, os.O_WRONLY | os.O_NOFOLLOW)  # the folder's owner could put a link there
        try:
            options = ("--format=custom", f"--schema={_SCHEMA}", "--no-owner", "--no-privileges")
            _run(url, ("pg_dump", *options, f"--snapshot={moment}"), descriptor)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        _check(part)
    return Copied(path=target, runs=runs, size=target.stat().st_size)


def restore(
    copy: Path, url: URL, now: datetime, *, noted: Callable[[DatabaseStore], None] = lambda _: None
) -> Restored:
    """Put a copy into the database, and keep the old store in another schema of it, named after ``now``.

    ``noted`` records that in the store as soon as it is restored. Raises StoreError, and then the store is as it was:
    the copy is damaged, of another program or of a newer version; the store is in use.
    """
    if not copy.is_file():
        raise StoreError("there is no file {path}", path=str(copy))
    _check(copy)
    database = PostgresqlDatabase(url)
    try:
        _undo_cut_off(database)
        kept = _put_aside(database, f"before_{now:%Y%m%dT%H%M%SZ}".lower())
        try:
            options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
            _run(url, ("pg_restore", *options, f"--dbname=service={_SERVICE}", str(copy.resolve())))
            with open_postgresql(url, create=False) as store:
                runs = len(store.runs())
                noted(store)
        except BaseException:
            _put_back(database, kept)
            raise
        if not _tables(database, kept):
            _execute(database, f"DROP SCHEMA {kept} CASCADE")
            return Restored(store=shown(url), runs=runs, kept=None)
    finally:
        database.close()
    return Restored(store=shown(url), runs=runs, kept=kept)


def _undo_cut_off(database: PostgresqlDatabase) -> None:
    """Put back the store that a killed restore had put aside; it is then put aside again."""
    with database.writing() as connection:
        names = [str(row[0]) for row in connection.exec_driver_sql(_SCHEMAS)]
        if names and _SCHEMA not in names:
            connection.exec_driver_sql(f"ALTER SCHEMA {names[-1]} RENAME TO {_SCHEMA}")


def _put_aside(database: PostgresqlDatabase, name: str) -> str:
    if not _is_unused(database):
        raise StoreError("{store} is in use; end the service and every audit first", store=database.name)
    with database.writing() as connection:
        connection.exec_driver_sql(f"ALTER SCHEMA {_SCHEMA} RENAME TO {name}")
    return name


def _is_unused(database: PostgresqlDatabase) -> bool:
    """True if no other program of ours is connected; waits a moment for one that has just ended."""
    for wait in _WAITS:
        with database.writing() as connection:
            if connection.exec_driver_sql(_OTHERS).scalar_one() == 0:
                return True
        time.sleep(wait)
    return False


def _put_back(database: PostgresqlDatabase, kept: str) -> None:
    _execute(database, f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE", f"ALTER SCHEMA {kept} RENAME TO {_SCHEMA}")


def _execute(database: PostgresqlDatabase, *statements: str) -> None:
    with database.writing() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _tables(database: PostgresqlDatabase, schema: str) -> int:
    with database.reading() as connection:
        wanted = "SELECT count(*) FROM pg_tables WHERE schemaname = %s"
        return int(connection.exec_driver_sql(wanted, (schema,)).scalar_one())


def _check(copy: Path) -> None:
    """Read a whole copy to check it. Raises StoreError."""
    try:
        _start(("pg_restore", "--file=/dev/null", str(copy.resolve())), {})
    except _Failed as error:
        if "valid archive" in error.said:
            raise StoreError("{path} is not a copy of a store", path=str(copy)) from error
        raise StoreError("{path} is damaged: {said}", path=str(copy), said=error.said) from error


def _run(url: URL, words: Sequence[str], out: int | None = None) -> None:
    """Run a program of PostgreSQL on the database. Raises StoreError."""
    with _way(url) as way:
        try:
            _start(words, way, out)
        except _Failed as error:
            raise StoreError("{program} failed: {said}", program=words[0], said=error.said) from error


class _Failed(Exception):
    """Raised if a program ended with an error; holds the first line of its error output."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


def _start(words: Sequence[str], way: Mapping[str, str], out: int | None = None) -> None:
    environment = {name: os.environ[name] for name in _PASSED if name in os.environ} | dict(way)
    try:
        done = subprocess.run(
            words,
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if out is None else out,
            stderr=subprocess.PIPE,
            check=False,
        )
    except FileNotFoundError as error:
        raise StoreError(
            "{program} is not installed; install PostgreSQL's client programs (postgresql-client)", program=words[0]
        ) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _Failed(said[0] if said else str(done.returncode))


@contextmanager
def _way(url: URL) -> Iterator[Mapping[str, str]]:
    """Yield the environment that names a temporary connection service file with all settings of the URL."""
    where = {"host": url.host, "port": url.port, "user": url.username, "password": url.password, "dbname": url.database}
    given = {name: str(value) for name, value in {**where, **url.query}.items() if value is not None}
    if any("\n" in value for value in given.values()):
        raise StoreError("a line break in the address of {store}", store=shown(url))
    lines = [f"[{_SERVICE}]", *(f"{name}={value}" for name, value in given.items())]
    with temporary_folder("auditor-") as folder:
        file = folder / "service"
        write(file, "".join(f"{line}\n" for line in lines).encode())
        yield {"PGSERVICEFILE": str(file), "PGSERVICE": _SERVICE}
