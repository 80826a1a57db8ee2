"""Tests that delivery of a mail ends in time, also if the relay never stops sending, and that accepted mail arrived."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from email.message import EmailMessage

import pytest

from auditor.service.notify import mailing
from auditor.service.notify.mailing import deliver
from auditor.service.notify.model import MailRelay, Undelivered

MAIL = EmailMessage()
MAIL["From"], MAIL["To"], MAIL["Subject"] = "auditor@tinh.example", "cntt@so.example", "a"
MAIL.set_content("b")
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Relay = Callable[[Talk], AbstractAsyncContextManager[MailRelay]]


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch) -> Relay:
    """Return a relay over a pair of sockets: no name is looked up, and no network is needed."""

    @asynccontextmanager
    async def made(talk: Talk) -> AsyncIterator[MailRelay]:
        ours, theirs = socket.socketpair()

        def connect(address: object, timeout: float, source: object) -> socket.socket:
            ours.settimeout(timeout)
            return ours

        async def handle() -> None:
            reader, writer = await asyncio.open_connection(sock=theirs)
            with suppress(ConnectionError):
                await talk(reader, writer)
            writer.close()

        monkeypatch.setattr(socket, "create_connection", connect)
        monkeypatch.setattr(socket, "getfqdn", lambda: "auditor.tinh.example")
        handling = asyncio.create_task(handle())
        yield MailRelay(host="relay.tinh.example", port=25, tls="none", sender="auditor@tinh.example")
        await handling

    return made


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not reader.at_eof():
        writer.write(b"2")
        await writer.drain()
        await asyncio.sleep(0.05)


def _takes(quit_reply: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        while line := await reader.readline():
            word = line.split()[0].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
            writer.write(quit_reply if word == b"QUIT" else b"250 ok\r\n")

    return talk


async def test_deliver_ends_a_delivery_that_drips(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "LONGEST", 0.3)
    async with relay(_drip) as host:
        began = time.monotonic()
        with pytest.raises(Undelivered, match="TimeoutError"):
            await deliver(MAIL, host)
        await asyncio.get_running_loop().shutdown_default_executor()
        assert time.monotonic() - began < 5


async def test_deliver_leaves_no_thread_when_cancelled(relay: Relay) -> None:
    async with relay(_drip) as host:
        task = asyncio.create_task(deliver(MAIL, host))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        began = time.monotonic()
        await asyncio.get_running_loop().shutdown_default_executor()
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("reply", [b"421 4.4.2 timeout\r\n", b"502 what\r\n", b""])
async def test_deliver_takes_an_accepted_mail_for_delivered_whatever_follows(
    reply: bytes, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "_QUIT", 0.2)
    async with relay(_takes(reply)) as host:
        await deliver(MAIL, host)


async def test_deliver_waits_longer_for_the_text_to_be_taken_than_for_a_connection(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "_CONNECT", 0.5)

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        while line := await reader.readline():
            if line.split()[0].upper() == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                await asyncio.sleep(1)
            writer.write(b"250 ok\r\n")

    async with relay(slow) as host:
        await deliver(MAIL, host)
