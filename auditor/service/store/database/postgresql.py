"""Runs PostgreSQL behind SQLAlchemy and psycopg: one database, many readers, writers that take turns where they must.

The store's code in ``writing`` assumes one writer at a time: it reads, decides and writes. An advisory lock of the
transaction ensures that here. Evidence, most of the data written, is appended without the lock. Readers see one moment
(REPEATABLE READ), as SQLite's do. A writer reads the state committed when it got the lock.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import URL, Connection, Engine, create_engine, event

from auditor.service.store.database import migrate
from auditor.service.store.database.commit_counter import CHANNEL, CommitCounter
from auditor.service.store.database.database_files import path_of
from auditor.service.store.records import StoreError, StoreFailed
from auditor.service.store.sql.explaining import explaining
from auditor.service.store.sql.store import SqlStore
from auditor.service.store.sql.transactions import Transactions

PATIENCE = 30.0
"""Seconds to wait for other writers. Each of our own transactions takes milliseconds."""
OLDEST = 15
"""The oldest major version of PostgreSQL that is tested."""
_LOCK = int.from_bytes(b"auditor")  # advisory locks are known by a number
_SERVICE = int.from_bytes(b"auds")  # locks with two numbers are separate from those with one
_CONNECT = 10  # seconds
_ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}
"""Connection options by which a server that vanished is noticed within a minute."""
_SETTINGS = {
    "TimeZone": "UTC",
    "synchronous_commit": "on",
    "lock_timeout": "{patience}",
    "idle_in_transaction_session_timeout": "300000",  # a program that hangs must not hold the lock for ever
}

_EXPLAINED = (
    ("55P03", "{store} is held by another program for more than {patience} seconds; end that program"),
    ("53100", "there is no space left to write {store}; make room, then try again"),
    ("25006", "{store} can only be read; name the server that takes writes with --store"),
    ("42501", "{store}: the database user lacks a right ({said}); make it the owner of the database"),
    ("28", "{store} refused the login ({said}); check the user and the password"),
    ("3D000", "there is no such database: {store}; make it with createdb, encoding UTF8"),
    ("3F000", "{store}: a restore was cut off; restore the copy again, what stood there is kept"),
    ("53300", "{store} has no connection left ({said}); raise max_connections, or end other programs"),
    ("57P", "the connection to {store} was lost ({said}); check that PostgreSQL runs"),
    ("08", "the connection to {store} was lost ({said}); check that PostgreSQL runs"),
    ("unreachable", "{store} cannot be reached ({said}); check that PostgreSQL runs, and the host and port in --store"),
    ("", "{store}: {said}"),
)
"""Messages by the beginning of SQLSTATE, or of a word of ours."""
_OF_LOGIN = (  # errors while connecting have no code
    ("password authentication failed", "28"),
    ("no pg_hba.conf entry", "28"),
    ("fe_sendauth", "28"),
    ("Peer authentication failed", "28"),
    ("does not exist", "3D000"),
    ("too many clients", "53300"),
    ("connection slots", "53300"),
)
_REFUSED = re.compile(r"FATAL: +(?P<said>.*)")


class PostgresqlDatabase(Transactions):
    """Provides the two engines of one database. Errors of the database are raised as StoreError."""

    def __init__(self, url: URL, *, patience: float = PATIENCE) -> None:
        super().__init__(_engine(url, patience), _reading(_engine(url, patience)))
        self.name, self.path = shown(url), path_of(url)
        self._patience = patience
        self._url = url
        self._connect: Callable[[], psycopg.Connection[Any]] = lambda: _raw(url, patience)
        self._commits = CommitCounter(self._connect)
        self._claim: psycopg.Connection[Any] | None = None

    @property
    def url(self) -> str | None:
        """The URL of the store; None if the environment gives libpq more settings, such as a password."""
        told = any(name.startswith("PG") for name in os.environ)
        return None if told else self._url.render_as_string(hide_password=False)

    @contextmanager
    def appending(self) -> Iterator[Connection]:
        """Begin a write transaction that waits for no other one, or join the one that this thread is in."""
        current = self._current()
        if current is not None:
            yield current
            return
        with self._begun(told=False) as connection:
            yield connection

    def prepare(self, *, create: bool) -> None:
        """Create or migrate the schema. Two programs may do this at once: the second finds it done."""
        with self.reading() as connection:
            _check(connection, self.name)
            if migrate.is_current(connection, name=self.name):
                return
            if not create and migrate.revision(connection) is None:
                raise StoreError("there is no store {store}; `auditor audit` makes one", store=self.name)
        with self.writing() as connection:
            migrate.upgrade(connection, name=self.name)

    def stamp(self) -> int:
        """Return a number that changes with every commit that is ``told``.

        Commits of this program change it at once, those of others as soon as the server announces them (NOTIFY), a
        moment later. A lost connection counts as a change.
        """
        with self._explained():
            return self._commits.stamp()

    def commits(self) -> int:
        """Return a number that changes with every commit."""
        with self._explained():
            return self._commits.all()

    def claim(self) -> bool:
        """True if this is the only service of the store on any machine.

        The server releases a claim when the connection that made it ends.
        """
        with self._explained():
            if self._claim is None or self._claim.closed:
                self._claim = self._connect()
            row = self._claim.execute("SELECT pg_try_advisory_lock(%s, 1)", (_SERVICE,)).fetchone()
        return row is not None and bool(row[0])

    def release(self) -> None:
        if self._claim is not None:
            self._claim.close()
            self._claim = None

    def secure(self) -> None:
        """Do nothing: PostgreSQL has every commit on the disk before it confirms it."""

    def close(self) -> None:
        self.release()
        self._commits.close()
        self._reader.dispose()
        self._writer.dispose()

    def _be_the_only_writer(self, connection: Connection) -> None:
        if getattr(self._mine, "locked", None) is not connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            self._mine.locked = connection

    def _before_commit(self, connection: Connection, *, told: bool) -> None:
        self._mine.locked = None
        announced = connection.exec_driver_sql(
            "SELECT pg_notify(%s, %s) WHERE pg_current_xact_id_if_assigned() IS NOT NULL",
            (CHANNEL, self._commits.announced(told=told)),
        )
        self._mine.wrote = announced.first() is not None

    def _committed(self, *, told: bool) -> None:
        if self._mine.wrote:
            self._commits.count(told=told)

    def _explained(self) -> AbstractContextManager[None]:
        return explaining(psycopg.Error, lambda error: explained(error, self.name, self._patience))


def explained(error: BaseException | None, name: str, patience: float = PATIENCE) -> StoreFailed:
    """Return an error that explains an error of the server or of the connection, and the remedy."""
    fault = error if isinstance(error, psycopg.Error) else psycopg.Error(str(error))
    said = fault.diag.message_primary or _first_line(str(fault))
    code = fault.sqlstate or next((code for part, code in _OF_LOGIN if part in said), "")
    if not code and isinstance(fault, psycopg.OperationalError):
        code = "unreachable"
    template = next(text for start, text in _EXPLAINED if code.startswith(start))
    return StoreFailed(template, store=name, said=said, patience=round(patience))


def _first_line(text: str) -> str:
    refused = _REFUSED.search(text)
    return refused["said"] if refused else text.strip().splitlines()[0] if text.strip() else ""


def shown(url: URL) -> str:
    """Return the name of a database for messages: never a user, a password or an option."""
    host = f"[{url.host}]" if url.host and ":" in url.host else url.host or ""
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{host}{port}/{url.database or ''}"


def open_postgresql(url: URL, *, create: bool = True, patience: float = PATIENCE) -> SqlStore:
    """Return the store in this database, migrated; missing tables are created unless ``create`` is false."""
    database = PostgresqlDatabase(url, patience=patience)
    try:
        database.prepare(create=create)
    except BaseException:
        database.close()
        raise
    return SqlStore(database)


def _check(connection: Connection, name: str) -> None:
    version, encoding = connection.exec_driver_sql(
        "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')"
    ).one()
    if version < OLDEST * 10_000:
        raise StoreError(
            "{store} is PostgreSQL {found}; this version needs {oldest} or newer",
            store=name,
            found=version // 10_000,
            oldest=OLDEST,
        )
    if encoding != "UTF8":
        raise StoreError(
            "{store} is encoded in {found}; make another database, with encoding UTF8", store=name, found=encoding
        )


def connect_args(url: URL, patience: float = PATIENCE) -> Mapping[str, Any]:
    """Return the settings of every connection, added to those of the URL."""
    settings = {name: value.format(patience=round(patience * 1_000)) for name, value in _SETTINGS.items()}
    options = " ".join([f"-c {name}={value}" for name, value in settings.items()])
    own = url.query.get("options", "")
    return {
        "application_name": "auditor",
        "connect_timeout": _CONNECT,
        **_ALIVE,
        **url.query,
        "options": f"{own} {options}".strip(),
    }


def _engine(url: URL, patience: float) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg", query={}),
        connect_args=dict(connect_args(url, patience)),
        pool_pre_ping=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: "psycopg.Connection[Any]", record: object) -> None:
        connection.adapters.register_dumper(str, _Text)

    return engine


def _reading(engine: Engine) -> Engine:
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _raw(url: URL, patience: float) -> "psycopg.Connection[Any]":
    where = {"host": url.host, "port": url.port, "user": url.username, "password": url.password, "dbname": url.database}
    given = {name: value for name, value in where.items() if value is not None}
    return psycopg.connect(make_conninfo("", **given, **connect_args(url, patience)), autocommit=True)


class _Text(StrDumperUnknown):
    """Replaces NUL in foreign text, which PostgreSQL refuses. Findings and the audit log never contain it."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\x00", "\ufffd") if "\x00" in obj else obj)
