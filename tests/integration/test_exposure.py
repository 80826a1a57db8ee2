"""Tests sweeps, SSH, FTP and SMB on real sockets: the recorded facts, also of peers that misbehave."""

import asyncio
import shutil
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from probes.datagrams import ask_service
from probes.framework.evidence import FailureKind
from probes.framework.profile import QUICK
from probes.framework.recorder import Recorder
from probes.ftp import greet_ftp
from probes.net.dns.hints import parse_hints
from probes.net.dns.source import Source
from probes.net.exposure import sweep
from probes.net.exposure.ssh import exchange_keys
from probes.net.exposure.sweep import sweep_ports
from probes.net.kernel import KernelNet
from probes.net.setting import Setting
from probes.smb import negotiate_smb
from probes.wire.exposure import ssh
from tests.integration.test_net import EVERYTHING, HERE4, HERE6, Unlimited
from tests.support import private_net
from tests.support.scripted import Talk, stream

pytestmark = pytest.mark.needs_root

SETUP = f"ip addr add {HERE4}/32 dev lo\nip addr add {HERE6}/128 dev lo nodad\n"
SILENT = "nft add table inet t\nnft add chain inet t i '{ type filter hook input priority 0; }'\n"
TIMING = replace(QUICK, tcp_connect=1.5, tls=2.0, dns_udp=1.5)
SIX = ip_address(HERE6)


def inside(main: Callable[[KernelNet, Recorder], Awaitable[None]], more: str = "") -> None:
    async def opened() -> None:
        setting = Setting(
            scope=EVERYTHING,
            limits=Unlimited(),
            timing=TIMING,
            names=Source(hints=parse_hints(". NS a\na A 192.0.2.1")),
            strict=True,
        )
        async with KernelNet(setting) as net:
            await main(net, Recorder(asyncio.get_running_loop().time))

    private_net.run(SETUP + more, opened)


@pytest.mark.parametrize("here", [HERE4, HERE6])
def test_a_sweep_keeps_open_closed_and_silent_apart(here: str) -> None:
    heard: list[bytes] = []

    async def greets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        heard.append(await reader.read())

    async def is_mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readline())
        writer.write(b"-NOAUTH Authentication required.\r\n")
        await reader.read()

    async def leaves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.close()

    async def main(net: KernelNet, rec: Recorder) -> None:
        async with (
            stream(here, 21, greets),
            stream(here, 6379, answers),
            stream(here, 512, is_mute),
            stream(here, 23, leaves),
            stream(here, 5900, resets),
            stream(here, 3389, resets),
        ):
            swept = await sweep_ports(net, rec, ip_address(here), (21, 22, 23, 445, 512, 3389, 5900, 6379))
        assert rec.steps == (swept,)
        found = {one.port: (one.failure, one.greeting, one.reply, one.ended) for one in swept.replies}
        assert found == {
            21: (None, b"220 hello\r\n", b"", False),
            22: (FailureKind.REFUSED, b"", b"", False),
            23: (None, b"", b"", True),
            445: (FailureKind.TIMEOUT, b"", b"", False),
            512: (None, b"", b"", False),
            3389: (FailureKind.RESET, b"", b"", False),
            5900: (FailureKind.RESET, b"", b"", False),
            6379: (None, b"", b"-NOAUTH Authentication required.\r\n", False),
        }
        assert sorted(heard) == [b"", b"", b"PING\r\n"]

    inside(main, SILENT + "nft add rule inet t i tcp dport 445 drop\n")


def test_a_greeting_without_end_is_cut() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    async def main(net: KernelNet, rec: Recorder) -> None:
        async with stream(HERE6, 21, endless):
            [reply] = (await sweep_ports(net, rec, SIX, (21,))).replies
            said = await greet_ftp(net, rec, SIX, 21)
        assert len(reply.greeting) <= 256
        assert said.failure is not None

    inside(main)


def test_greeting_that_trickles_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte before each pause ends would keep the connection open for two minutes: the greeting has a deadline too."""
    monkeypatch.setattr(sweep, "LONGEST", 1.0)

    async def trickles(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.1)

    async def main(net: KernelNet, rec: Recorder) -> None:
        async with stream(HERE6, 21, trickles):
            started = asyncio.get_running_loop().time()
            [reply] = (await sweep_ports(net, rec, SIX, (21,))).replies
            seconds = asyncio.get_running_loop().time() - started
        assert 0 < len(reply.greeting) < 20
        assert seconds < 60.0

    inside(main)


def _says(data: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await reader.read()

    return talk


@pytest.mark.parametrize(
    ("talk", "kind", "banner"),
    [
        (_says(b""), FailureKind.TIMEOUT, ""),
        (_says(b"x" * 100_000), FailureKind.PROTOCOL, ""),
        (_says(b"welcome\r\n" * 1_000), FailureKind.PROTOCOL, ""),
        (_says(b"HTTP/1.1 400 Bad\r\n\r\n"), FailureKind.TIMEOUT, ""),
        (_says(b"SSH-2.0-\x1b[31mx\r\n"), FailureKind.TIMEOUT, "SSH-2.0- [31mx"),
        (_says(b"SSH-2.0-x\r\n\xff\xff\xff\xff"), FailureKind.PROTOCOL, "SSH-2.0-x"),
        (_says(b"SSH-2.0-x\r\n" + ssh.packet(b"\x02" + bytes(4)) * 100), FailureKind.PROTOCOL, "SSH-2.0-x"),
        (_says(b"SSH-2.0-x\r\n" + ssh.packet(bytes([ssh.KEXINIT]) + bytes(20))), FailureKind.PROTOCOL, "SSH-2.0-x"),
        (_says(b"SSH-1.5-x\r\n"), None, "SSH-1.5-x"),
    ],
)
def test_ssh_servers_that_misbehave(talk: Talk, kind: FailureKind | None, banner: str) -> None:
    async def main(net: KernelNet, rec: Recorder) -> None:
        async with stream(HERE6, 22, talk):
            said = await exchange_keys(net, rec, SIX, 22)
        assert (None if said.failure is None else said.failure.kind, said.banner) == (kind, banner)

    inside(main)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (struct.pack("!I", 0xFFFFFF) + bytes(100), FailureKind.PROTOCOL),
        (struct.pack("!I", 40) + bytes(40), FailureKind.PROTOCOL),
        (b"\0\0", FailureKind.TIMEOUT),
    ],
)
def test_smb_servers_that_misbehave(reply: bytes, kind: FailureKind) -> None:
    async def main(net: KernelNet, rec: Recorder) -> None:
        async with stream(HERE6, 445, _says(reply)):
            said = await negotiate_smb(net, rec, SIX, 445, version=1)
        assert (said.accepted, said.failure and said.failure.kind) == (None, kind)

    inside(main)


def test_ftp_replies_in_several_lines() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220-welcome\r\n220 ready\r\n")
        assert await reader.readline() == b"AUTH TLS\r\n"
        writer.write(b"234 go ahead\r\n")
        assert await reader.read() == b""

    async def main(net: KernelNet, rec: Recorder) -> None:
        async with stream(HERE6, 21, talk):
            said = await greet_ftp(net, rec, SIX, 21)
        assert (said.greeting, said.auth_tls, said.failure) == ("220 ready", 234, None)

    inside(main)


@pytest.mark.parametrize("here", [HERE4, HERE6])
def test_a_tftp_server_answers_from_a_port_of_its_own(here: str, tmp_path: Path) -> None:
    """dnsmasq answers from another port that it has no such file; a closed port is recorded as refused."""
    words = ("--port=0", "--bind-interfaces", "--enable-tftp", f"--tftp-root={tmp_path}", "--user=root", "--pid-file")
    command = (shutil.which("dnsmasq", path="/usr/sbin:/usr/bin") or "dnsmasq", "--keep-in-foreground", *words)

    async def main(net: KernelNet, rec: Recorder) -> None:
        shut = await ask_service(net, rec, ip_address(here), service="tftp")
        process = await asyncio.create_subprocess_exec(*command, f"--listen-address={here}", "--conf-file=/dev/null")
        try:
            while (said := await ask_service(net, rec, ip_address(here), service="tftp")).failure is not None:
                assert process.returncode is None
                await asyncio.sleep(0.05)
        finally:
            process.terminate()
            await process.wait()
        assert shut.failure is not None
        assert shut.failure.kind is FailureKind.REFUSED
        assert (said.reply or b"")[:4] == b"\x00\x05\x00\x01"  # ERROR, file not found
        assert said.received == len(said.reply or b"")

    inside(main)


def test_another_address_answers_no_tftp_question() -> None:
    class Elsewhere(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
                sock.bind(("::1", 0))
                sock.sendto(b"\x00\x05\x00\x01no\x00", addr[:2])

    async def main(net: KernelNet, rec: Recorder) -> None:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Elsewhere, (HERE6, 69))
        said = await ask_service(net, rec, SIX, service="tftp")
        transport.close()
        assert (said.received, said.failure and said.failure.kind) == (0, FailureKind.TIMEOUT)

    inside(main)


def test_a_datagram_and_all_that_comes_back() -> None:
    class Loud(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            for _ in range(1_000):
                self.transport.sendto(b"y" * 1_000, addr)  # type: ignore[attr-defined]  # a datagram transport

    async def main(net: KernelNet, rec: Recorder) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(Loud, (HERE6, 123))
        loud = await ask_service(net, rec, SIX, service="ntp-monlist")
        quiet = await ask_service(net, rec, SIX, service="ssdp")
        transport.close()
        assert (loud.sent, loud.failure, len(loud.reply or b"")) == (8, None, 256)
        assert 10_000 < loud.received <= 200_000
        assert quiet.failure is not None
        assert (quiet.failure.kind, quiet.received, quiet.reply) == (FailureKind.REFUSED, 0, None)

    inside(main)
