"""Flaws touched at servers that are scripts at the other end of a socket pair: sound ones, flawed ones, odd ones."""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

import pytest

from inventory.model import IPAddress
from probes.net.core.gate import Place
from probes.net.core.tcp import Connector
from probes.net.tls import weaknesses
from probes.net.tls.client_hello import HelloTarget
from probes.net.tls.starttls import https
from probes.net.tls.weaknesses import EARLY_CCS, HEARTBLEED, Weaknesses
from probes.wire.tls.hello import message, records
from probes.wire.tls.numbers import ALERT, HEARTBEAT, TLS12

TARGET = HelloTarget(ip_address("2001:db8::1"), 443, https)
HEARTBEATS = bytes.fromhex("000f000101")
UNEXPECTED, BAD_MAC, REFUSED = b"\x02\x0a", b"\x02\x14", b"\x02\x28"
Serve = Callable[[bytes], bytes | None]


def flight(extensions: bytes = HEARTBEATS) -> bytes:
    listed = struct.pack("!H", len(extensions)) + extensions
    return records(message(2, b"\x03\x03" + bytes(33) + b"\x00\x2f\x00" + listed) + message(14, b""), version=TLS12)


class Pairs(Connector):
    """Connects to ``serve``, which answers each piece it gets; None ends the connection."""

    def __init__(self, group: asyncio.TaskGroup, serve: Serve) -> None:
        super().__init__(1.0)
        self._group = group
        self._serve = serve

    async def connect(self, address: IPAddress, port: int, place: Place | None = None) -> socket.socket:
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setblocking(False)
        self._group.create_task(self._talk(theirs))
        return ours

    async def _talk(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with sock, suppress(ConnectionError):  # who asked may have heard enough
            while heard := await loop.sock_recv(sock, 16_384):
                answer = self._serve(heard)
                if answer is None:
                    return
                await loop.sock_sendall(sock, answer)


async def tried(weakness: str, serve: Serve) -> bool | None:
    async with asyncio.TaskGroup() as group:
        return await Weaknesses(Pairs(group, serve), 2.0).tried(TARGET, "www.example.vn", weakness)


def behind_a_flight(react: Serve, extensions: bytes = HEARTBEATS) -> Serve:
    def serve(heard: bytes) -> bytes | None:
        return flight(extensions) if heard[:1] == b"\x16" and heard[5:6] == b"\x01" else react(heard)

    return serve


@pytest.fixture(autouse=True)
def _no_long_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weaknesses, "_SILENCE", 0.05)


def echoes(heard: bytes) -> bytes:
    """Answer as the flawed library does: return the sent bytes and more; the request must be exactly as expected."""
    kind, _, size = struct.unpack("!BHH", heard[:5])
    claimed = int.from_bytes(heard[6:8])
    assert (kind, size, claimed) == (HEARTBEAT, 19, 16)
    return records(b"\x02" + heard[6:] + bytes(16), kind=HEARTBEAT, version=TLS12)


@pytest.mark.parametrize(
    ("serve", "result"),
    [
        (behind_a_flight(echoes), True),
        (behind_a_flight(lambda heard: b""), False),
        (behind_a_flight(lambda heard: records(UNEXPECTED, kind=ALERT)), False),
        (behind_a_flight(lambda heard: None), False),
        (behind_a_flight(lambda heard: records(b"\x02\x00\x10" + bytes(16), kind=HEARTBEAT)), None),
        (behind_a_flight(echoes, b""), False),  # no heartbeats negotiated: not touched
        (lambda heard: records(REFUSED, kind=ALERT), False),
        (lambda heard: b"HTTP/1.1 400 Bad Request", None),
        (lambda heard: None, False),
    ],
)
async def test_heartbleed(serve: Serve, result: bool | None) -> None:
    assert await tried(HEARTBLEED, serve) is result


def takes_it(heard: bytes) -> bytes:
    return b"" if heard[:1] == b"\x14" else records(BAD_MAC, kind=ALERT)


@pytest.mark.parametrize(
    ("serve", "result"),
    [
        (behind_a_flight(takes_it), True),
        (behind_a_flight(lambda heard: records(UNEXPECTED, kind=ALERT)), False),
        (behind_a_flight(lambda heard: records(BAD_MAC, kind=ALERT)), False),  # refused at once, by another alert
        (behind_a_flight(lambda heard: None), False),
        (behind_a_flight(lambda heard: b""), None),
        (behind_a_flight(lambda heard: records(b"x", kind=HEARTBEAT)), None),
        (lambda heard: records(REFUSED, kind=ALERT), False),
    ],
)
async def test_an_early_change_of_ciphers(serve: Serve, result: bool | None) -> None:
    assert await tried(EARLY_CCS, serve) is result
