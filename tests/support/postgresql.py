"""Runs one PostgreSQL server for a session of tests: Debian's, as an unprivileged user, on a socket in its own folder.

It ends with the process that started it, however that ends. Each test gets a database of its own, copied from one that
has the tables already. The folder lies in memory where there is room: three hundred files a database are most of what
it costs, and a server that never waits for its disk (`_FAST`) promises no more of one.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from signal import SIGQUIT

import psycopg
import pytest

from auditor.service.store.url import open_store
from tests.support import in_memory

USER = "auditor"
_TEMPLATE = "with_tables"
_NUMBERS = count(1)
_ROOM = 2 << 30
"""Octets of free memory needed: twice the largest log of a server; a container's few megabytes do not suffice."""
_INITDB = ("-A", "trust", "-U", USER, "--no-sync", "-E", "UTF8", "--no-instructions")
_FAST = ("fsync=off", "full_page_writes=off", "max_connections=200", "listen_addresses=", "shared_buffers=32MB")


def programs() -> Path:
    """Return the folder with initdb and postgres, of the newest version."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    found = [folder for folder in folders if (folder / "initdb").exists()]
    if found:
        return found[-1]
    named = shutil.which("initdb")
    if named is None:
        pytest.fail("PostgreSQL is not installed: apt-get install postgresql")
    return Path(named).parent


@dataclass(slots=True)
class Server:
    """Controls a running server."""

    folder: Path
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start the program over the data in the folder, and wait until it answers."""
        user, environment = _unprivileged(), {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        settings = [word for one in (*_FAST, f"unix_socket_directories={self.folder}") for word in ("-c", one)]
        serve = [f"{programs()}/postgres", "-D", str(self.folder / "data"), *settings]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", *_drop(user), "--pdeathsig", "QUIT", *serve],
                env=environment,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        _wait(self._process, self.folder)

    def stop(self) -> None:
        """Kill the server at once, as a power failure would; committed transactions are in its log."""
        if self._process is not None:
            self._process.send_signal(SIGQUIT)
            self._process.wait(60)
            self._process = None

    def url(self, database: str, **options: str) -> str:
        query = "&".join(f"{name}={value}" for name, value in {"host": str(self.folder), **options}.items())
        return f"postgresql://{USER}@/{database}?{query}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Execute one statement outside a transaction."""
        with psycopg.connect(host=str(self.folder), user=USER, dbname=database, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return [] if cursor.description is None else cursor.fetchall()

    @contextmanager
    def database(self, *, empty: bool = False) -> Iterator[str]:
        """Yield the URL of a new database, with the tables unless it is to be ``empty``; remove it afterwards."""
        name = f"t{next(_NUMBERS)}"
        template = "template0" if empty else self._with_tables()
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")  # half of what its log takes
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _with_tables(self) -> str:
        if not self.execute(f"SELECT 1 FROM pg_database WHERE datname = '{_TEMPLATE}'"):
            self.execute(f"CREATE DATABASE {_TEMPLATE}")
            open_store(self.url(_TEMPLATE)).close()
        return _TEMPLATE


@contextmanager
def running() -> Iterator[Server]:
    """Make a server, start it and stop it."""
    folder = Path(tempfile.mkdtemp(prefix="auditor-pg-", dir=in_memory.place(_ROOM)))
    bin_folder, user = programs(), _unprivileged()
    folder.chmod(0o755)  # programs of other users shall reach the socket
    if user:
        shutil.chown(folder, user)
    data, environment = folder / "data", {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    make = [f"{bin_folder}/initdb", "-D", str(data), *_INITDB]
    subprocess.run(["setpriv", *_drop(user), *make], check=True, env=environment, cwd=folder, stdout=subprocess.DEVNULL)
    server = Server(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def _drop(user: str) -> list[str]:
    return ["--reuid", user, "--regid", user, "--clear-groups"] if user else []


def _unprivileged() -> str:
    """Return the user that owns the server if the tests run as root; initdb refuses root."""
    if os.geteuid():
        return ""
    return next(name for name in ("postgres", "nobody") if name in {user.pw_name for user in pwd.getpwall()})


def _wait(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    for _ in range(300):
        try:
            psycopg.connect(host=str(folder), user=USER, dbname="postgres").close()
        except psycopg.OperationalError:
            if process.poll() is not None:
                pytest.fail(f"PostgreSQL ended: {(folder / 'log').read_text()}")
        else:
            return
        _pause(process)
    pytest.fail("PostgreSQL does not answer")


def _pause(process: "subprocess.Popen[bytes]") -> None:
    """Wait a moment, less if the process ends."""
    try:
        process.wait(0.1)
    except subprocess.TimeoutExpired:
        return
