"""Tests how often real servers let a client renegotiate: openssl s_server as configured, and a silent server."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from inventory.model import Endpoint, IPAddress
from inventory.scope import Scope
from probes.framework.evidence import FailureKind
from probes.framework.profile import QUICK
from probes.framework.recorder import Recorder
from probes.net.dns.hints import parse_hints
from probes.net.dns.source import Source
from probes.net.kernel import KernelNet
from probes.net.setting import Setting
from probes.net.tls import renegotiation
from probes.observations.tls import RENEGOTIATIONS, RenegotiationEnd, TlsRenegotiation
from probes.tls_renegotiation import renegotiate
from tests.support import private_net
from tests.support.scripted import stream

pytestmark = pytest.mark.needs_root
HERE = ip_address("2001:db8::1")
NAME = "www.example.vn"


class Unlimited:
    async def admit(self, address: IPAddress, packets: int = 1) -> None:
        """Admit packets without waiting."""

    def delay(self, address: IPAddress, packets: int = 1) -> float:
        return 0.0


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a file with a key and its certificate."""
    file = tmp_path_factory.mktemp("tls") / "pem"
    made = ["-keyout", str(file), "-out", f"{file}.crt", "-days", "2", "-subj", f"/CN={NAME}"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *made], check=True, capture_output=True)
    file.write_text(file.read_text("ascii") + Path(f"{file}.crt").read_text("ascii"), "ascii")
    return file


@contextmanager
def s_server(key: Path, *options: str) -> Iterator[None]:
    program = shutil.which("openssl") or "openssl"
    words = [program, "s_server", "-accept", f"[{HERE}]:443", "-cert", str(key), "-quiet", *options]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            yield
        finally:
            server.terminate()


async def counted(port: int = 443, protocol: str = "https") -> TlsRenegotiation:
    setting = Setting(
        scope=Scope(allow=(ip_network("::/0"),)),
        limits=Unlimited(),
        timing=replace(QUICK, tls=5.0, tcp_connect=5.0),
        names=Source(hints=parse_hints(". NS a\na A 192.0.2.1")),
        strict=True,
    )
    rec = Recorder(asyncio.get_running_loop().time)
    there = Endpoint(address=HERE, port=port, name=NAME)
    async with KernelNet(setting) as net:
        while (await net.tcp(rec.aside(), there)).failure is not None:  # noqa: ASYNC110 - until it listens
            await asyncio.sleep(0.05)
        found = await renegotiate(net, rec, there, protocol=protocol)
    assert rec.steps == (found,)
    return found


def inside(main: Callable[[], Awaitable[TlsRenegotiation]]) -> TlsRenegotiation:
    return private_net.run(f"ip addr add {HERE}/128 dev lo nodad", main)


@pytest.mark.parametrize(
    ("option", "count", "ended"),
    [
        ("-client_renegotiation", RENEGOTIATIONS, RenegotiationEnd.LIMIT),
        ("-legacy_renegotiation", 0, RenegotiationEnd.REFUSED),  # OpenSSL's default
        ("-no_renegotiation", 0, RenegotiationEnd.REFUSED),
    ],
)
def test_a_server_that_is_told_to(key: Path, option: str, count: int, ended: RenegotiationEnd) -> None:
    async def main() -> TlsRenegotiation:
        with s_server(key, option):
            return await counted()

    found = inside(main)
    assert (found.count, found.ended, found.failure) == (count, ended, None)
    assert found.worth_confirming is (ended is RenegotiationEnd.LIMIT)


def test_a_mail_host_behind_starttls(key: Path) -> None:
    """A front end speaks SMTP in clear text, and then forwards every byte to the TLS server."""

    async def front(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for line in (b"220 mx.example.vn ESMTP\r\n", b"250-mx.example.vn\r\n250 STARTTLS\r\n", b"220 ready\r\n"):
            writer.write(line)
            if line != b"220 ready\r\n":
                await reader.readline()
        behind, before = await asyncio.open_connection(str(HERE), 443)
        async with asyncio.TaskGroup() as group:
            group.create_task(_carry(reader, before))
            group.create_task(_carry(behind, writer))

    async def main() -> TlsRenegotiation:
        async with stream(str(HERE), 25, front):
            with s_server(key, "-client_renegotiation"):
                await counted()  # until it listens
                return await counted(25, "smtp")

    found = inside(main)
    assert (found.count, found.ended, found.failure) == (RENEGOTIATIONS, RenegotiationEnd.LIMIT, None)
    assert (found.protocol, found.port) == ("smtp", 25)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
    writer.close()


def test_a_server_of_the_current_version_alone_has_nothing_to_renegotiate(key: Path) -> None:
    async def main() -> TlsRenegotiation:
        with s_server(key, "-tls1_3"):
            return await counted()

    found = inside(main)
    assert found.failure is not None
    assert (found.failure.kind, found.count, found.ended) == (FailureKind.TLS_ALERT, 0, None)


def test_a_server_that_passes_it_over_in_silence(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renegotiation, "_SILENCE", 0.3)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(key)

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transport = writer.transport
        assert isinstance(transport, asyncio.ReadTransport)
        transport.pause_reading()
        await asyncio.sleep(60)

    async def main() -> TlsRenegotiation:
        async with stream(str(HERE), 443, deaf, tls=context):
            return await counted()

    found = inside(main)
    assert (found.count, found.ended, found.failure) == (0, RenegotiationEnd.UNANSWERED, None)
