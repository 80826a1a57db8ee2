"""Runs a centre and its workers as real processes on loopback, with TLS in front of the centre that can be cut.

``auditor serve`` stands behind a proxy that ends TLS, as everywhere; here that is a part of the test, which can
be taken away and given back.
"""

import asyncio
import contextlib
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from auditor.service.accounts.accounts import Accounts
from auditor.service.accounts.model import TokenScope
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.store.api import DatabaseStore
from auditor.service.store.url import open_store

SOURCE = Path(__file__).resolve().parents[2]
PROGRAM = (sys.executable, "-m", "auditor.service.cli.main")
NAME = "localhost"
COLUMNS = "name,kind,ipv4,ipv6,services,agency_code,agency_name"
SETTINGS = """
lang = "en"
timeout = 1
only = ["security.tls.versions"]
[vantage]
name = "{name}"
networks = ["{network}"]
control = [{control}]
[scope]
allow = ["127.0.0.0/8", "::1/128"]
"""


class Process(Protocol):
    """Describes a started process, like ``subprocess.Popen``."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...
    def kill(self) -> None: ...


Begin = Callable[[Sequence[str], Mapping[str, str], Path, tuple[int, int, int]], Process]
"""Starts the program with words, an environment, a folder, and its standard input, output and error."""


def _started_anew(
    words: Sequence[str], env: Mapping[str, str], folder: Path, streams: tuple[int, int, int]
) -> "subprocess.Popen[bytes]":
    given, told, complained = streams
    return subprocess.Popen([*PROGRAM, *words], env=env, cwd=folder, stdin=given, stdout=told, stderr=complained)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def certificate(folder: Path) -> tuple[Path, Path]:
    """Return a self-signed certificate for ``localhost``, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "centre.pem", folder / "centre.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


class Front:
    """Serves TLS in front of a port of this machine, in its own thread. ``open`` False: connections break at once."""

    def __init__(self, folder: Path, behind: int) -> None:
        self.ca, key = certificate(folder)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.ca, key)
        self._behind, self.port, self.open = behind, free_port(), True
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        self.open = False
        self._loop.call_soon_threadsafe(self._abort)

    def _abort(self) -> None:
        for writer in set(self._writers):
            writer.transport.abort()

    @contextmanager
    def serving(self) -> Iterator["Front"]:
        thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve()))
        thread.start()
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._stop.set)
            thread.join()
            self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._pass_on, NAME, self.port, ssl=self._context)
        await self._stop.wait()
        server.close()
        for writer in set(self._writers):
            writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.open:
            writer.transport.abort()
            return
        self._writers.add(writer)
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._behind)
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(reader, back))
                group.create_task(_pump(there, writer))
        except OSError:
            writer.transport.abort()  # nobody is behind it
        finally:
            self._writers.discard(writer)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await source.read(65_536):
            sink.write(piece)
            await sink.drain()
    with contextlib.suppress(OSError):
        sink.close()


@dataclass
class Centre:
    """Runs one ``auditor serve`` with its store, and workers of its ``vantages``, which map a name to its network."""

    folder: Path
    rows: Sequence[str]
    url: str = ""
    """The store of the centre; unset, a file in its folder."""
    control: Sequence[str] = ("127.0.0.1", "::1")
    settings: str = SETTINGS
    columns: str = COLUMNS
    vantages: Mapping[str, str] = field(default_factory=lambda: {"hub": "tslcd", "province": "internet"})
    measures: bool = True
    """Whether the centre is a vantage too; its configuration names none if not."""
    begin: Begin = _started_anew
    front: Front = field(init=False)
    processes: list[Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.port = free_port()
        self.front = Front(self.folder, self.port)
        self.here("centre").mkdir()
        lines = "".join(f"{line}\n" for line in (self.columns, *self.rows))
        (self.here("centre") / "inventory.csv").write_text(lines)
        remote = "".join(f'[vantages.{name}]\nnetworks = ["{network}"]\n' for name, network in self.vantages.items())
        self.url = self.url or f"sqlite:///{self.here('centre') / 'auditor.db'}"
        self.configure("centre", "internet", remote, f'store = "{self.url}"\n')
        if not self.measures:
            path = self.here("centre") / "auditor.toml"
            path.write_text(re.sub(r"^\[vantage\]\n([^\[].*\n)*", "", path.read_text(), flags=re.M))

    def here(self, name: str) -> Path:
        return self.folder / name

    def configure(self, name: str, network: str, more: str = "", first: str = "") -> None:
        path = self.here(name) / "auditor.toml"
        control = ", ".join(f'"{address}"' for address in self.control)
        path.write_text(first + self.settings.format(name=name, network=network, control=control) + more)
        path.chmod(0o600)

    @contextmanager
    def store(self) -> Iterator[DatabaseStore]:
        with open_store(self.url) as store:
            yield store

    def log(self, name: str) -> str:
        return (self.here(name) / "log").read_text("utf-8", "replace") if (self.here(name) / "log").exists() else ""

    def start(self, name: str, *words: str) -> Process:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("AUDITOR_")}
        environment |= {"PYTHONPATH": str(SOURCE), "XDG_CONFIG_HOME": str(self.folder)}
        with (self.here(name) / "log").open("ab") as log, open(os.devnull, "rb") as nothing:
            streams = (nothing.fileno(), log.fileno(), log.fileno())
            made = self.begin(words, environment, self.here(name), streams)
        self.processes.append(made)
        return made

    def serve(self) -> Process:
        with self.store() as store:
            accounts = Accounts(store.database)
            if not accounts.is_set_up():
                accounts.set_up("admin", "một mật khẩu đủ dài", "vi", "::1")
        before = self.log("centre").count("pages:")
        made = self.start("centre", "serve", "inventory.csv", "--listen", f"127.0.0.1:{self.port}", "--https")
        self.until(lambda: self.log("centre").count("pages:") > before)
        return made

    def worker(self, vantage: str, network: str, folder: str = "", ca: Path | None = None) -> Process:
        """Start a worker with a token of its vantage; one in a ``folder`` that was used before goes on there.

        ``ca`` is the certificate that it trusts, by default the centre's own.
        """
        name = folder or vantage
        if not self.here(name).exists():
            self.here(name).mkdir()
            self.configure(name, network)
            path = self.here(name) / "auditor.toml"
            path.write_text(path.read_text().replace(f'name = "{name}"', f'name = "{vantage}"'))
            with self.store() as store:
                accounts = Accounts(store.database)
                admin = accounts.all()[0]
                token = accounts.issue(admin, "::1", name, [TokenScope.WORKER], timedelta(days=1), vantage=vantage)
            (self.here(name) / "token").write_text(token)
            (self.here(name) / "token").chmod(0o600)
        url = f"https://{NAME}:{self.front.port}"
        return self.start(
            name, "worker", "--centre", url, "--token", "file:token", "--centre-ca", str(ca or self.front.ca)
        )

    def jobs(self, store: DatabaseStore) -> JobQueue:
        return JobQueue(store.database)

    def until(self, reached: Callable[[], object], seconds: float = 600) -> None:
        end = time.monotonic() + seconds
        while not reached():
            logs = "\n".join(f"--- {path.parent.name}\n{path.read_text()}" for path in self.folder.glob("*/log"))
            assert time.monotonic() < end, logs[-8_000:]
            time.sleep(0.1)

    def end(self, process: Process) -> int:
        process.send_signal(signal.SIGTERM)
        return process.wait(300)

    def end_all(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(300)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
