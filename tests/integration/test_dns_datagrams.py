import asyncio
import errno
import random
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from ipaddress import IPv6Address

import pytest

from probes.framework.evidence import FailureKind
from probes.net.core.unconnected import opened
from probes.net.dns import datagrams
from probes.net.dns.datagrams import Datagrams, DnsReply
from probes.wire.dns.messages import query

HERE = IPv6Address("::1")
QUESTION, OTHER = query("a.vn", "AAAA"), query("b.vn", "AAAA")


class AlwaysTheSame(random.Random):
    """Gives every question the id 1 at first, then 2."""

    def randbytes(self, n: int) -> bytes:
        return (b"\x01\0\0\0\x02\0\0\0" * n)[:n]


class Busy(socket.socket):
    """Raises the errors in ``refusals`` on sending, one for each call; 0 sends."""

    refusals: Iterator[int] = iter(())

    def sendto(self, data: bytes, address: tuple[object, ...]) -> int:  # type: ignore[override]
        if number := next(self.refusals, 0):
            raise OSError(number, "")
        return super().sendto(data, address)


@contextmanager
def server() -> Iterator[tuple[socket.socket, int]]:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.bind((str(HERE), 0))
        yield sock, sock.getsockname()[1]


@asynccontextmanager
async def asking(seconds: float = 5.0) -> AsyncIterator[Datagrams]:
    engine = Datagrams(seconds, chance=AlwaysTheSame())
    try:
        yield engine
    finally:
        engine.close()


async def heard(sock: socket.socket) -> tuple[bytes, tuple[object, ...]]:
    received = asyncio.get_running_loop().sock_recvfrom(sock, 512)
    data, source = await asyncio.wait_for(received, 5)
    return data, source


def answer_to(question: bytes) -> bytes:
    return question[:2] + b"\x84\0" + question[4:]


async def answered(question: asyncio.Future[DnsReply] | asyncio.Task[DnsReply]) -> bytes | None:
    return (await asyncio.wait_for(question, 5)).wire


async def test_a_question_that_nobody_waits_for_keeps_its_id_until_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(datagrams, "SOCKETS_PER_FAMILY", 1)
    with server() as (sock, port):
        async with asking(0.2) as engine:
            left = asyncio.ensure_future(engine.ask(HERE, port, QUESTION))
            first, source = await heard(sock)
            left.cancel()
            await asyncio.sleep(0)
            other = asyncio.ensure_future(engine.ask(HERE, port, OTHER))
            second, _ = await heard(sock)
            sock.sendto(answer_to(first), source)
            sock.sendto(answer_to(second), source)
            assert await answered(other) == answer_to(second)
            assert (first[:2], second[:2]) == (b"\0\x01", b"\0\x02")
            await asyncio.sleep(0.3)
            third = asyncio.ensure_future(engine.ask(HERE, port, OTHER))
            assert (await heard(sock))[0][:2] == b"\0\x01"
            assert (await third).failure is not None


async def test_what_a_busy_kernel_does_not_take_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Busy, "refusals", iter([errno.ENOBUFS, errno.EAGAIN]))
    monkeypatch.setattr(datagrams, "opened", busily)
    with server() as (sock, port):
        async with asking() as engine:
            question = asyncio.ensure_future(engine.ask(HERE, port, QUESTION))
            data, source = await heard(sock)
            sock.sendto(answer_to(data), source)
            assert await answered(question) == answer_to(data)


@pytest.mark.parametrize(("times", "is_sent"), [(3, True), (4, False)])
async def test_only_an_error_that_stays_is_of_this_question(
    monkeypatch: pytest.MonkeyPatch, times: int, is_sent: bool
) -> None:
    monkeypatch.setattr(Busy, "refusals", iter([errno.EHOSTUNREACH] * times))
    monkeypatch.setattr(datagrams, "opened", busily)
    with server() as (_, port):
        async with asking(0.1) as engine:
            failure = (await engine.ask(HERE, port, QUESTION)).failure
    assert failure is not None
    assert (failure.kind is FailureKind.TIMEOUT) == is_sent


def busily(family: socket.AddressFamily) -> socket.socket:
    plain = opened(family)
    busy = Busy(fileno=plain.detach())
    busy.setblocking(False)
    return busy
