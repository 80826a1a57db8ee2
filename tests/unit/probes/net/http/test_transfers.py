"""Tests when a large transfer is given up, with a simulated session that has its own clock."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address
from types import SimpleNamespace
from typing import Any

import pytest
from yarl import URL

from inventory.model import Endpoint, IPAddress
from probes.framework.evidence import FailureKind
from probes.net.core.faults import fault
from probes.net.core.tcp import Connector
from probes.net.http import fetcher, transfers
from probes.net.http.over_tls import BROKEN_OFF
from probes.net.http.transfers import ENOUGH, LEAST, PATIENCE, SILENCE, Transfers
from probes.observations.path import BulkTransfer
from tests.unit.probes.framework.virtual import monotonic, run

THERE = ip_address("2001:db8::1")
STOOD = 1_000.0
"""The simulated time at which the connection is established."""


class Server:
    """Sends its head at once, then each of ``pieces`` so many seconds after the one before; may break off then."""

    def __init__(self, *pieces: tuple[float, int], breaks: Exception | None = None) -> None:
        self.pieces, self.breaks = pieces, breaks
        self.now, self.sent, self.closed = STOOD, 0, False
        self.head = SimpleNamespace(status=200)
        self._body = self.body()

    @asynccontextmanager
    async def answer(self, endpoint: Endpoint, asked: URL, port: int, clock: Any) -> AsyncIterator["Server"]:
        assert (endpoint.address, asked.raw_host, asked.raw_path_qs, port) == (THERE, "www.tinh.vn", "/ban-do.svg", 443)
        clock.stand()
        try:
            yield self
        finally:
            self.closed = True

    async def part(self) -> bytes:
        return await anext(self._body, b"")

    async def body(self) -> AsyncIterator[bytes]:
        for seconds, size in self.pieces:
            self.now += seconds
            self.sent += size
            yield bytes(size)
        if self.breaks is not None:
            raise self.breaks


async def fetched(server: Server, monkeypatch: pytest.MonkeyPatch) -> BulkTransfer:
    monkeypatch.setattr(transfers, "time", SimpleNamespace(perf_counter=lambda: server.now))
    engine = Transfers(Connector(1.0), quiet=1.0)
    monkeypatch.setattr(engine, "_answer", server.answer)
    blank = BulkTransfer(address=THERE, port=443, url="https://www.tinh.vn/ban-do.svg")
    done = await engine.get(Endpoint(address=THERE, port=443, name="www.tinh.vn"), blank)
    assert server.closed
    return done


async def test_other_work_of_this_machine_is_told_up_to_the_last_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server((1.0, 60_000), (2.0, 60_000))
    monkeypatch.setattr(transfers, "thread_time", lambda: 70.0 + 0.4 * (server.now - STOOD))
    done = await fetched(server, monkeypatch)
    assert done.whole
    assert done.seconds == pytest.approx(3.0)
    assert done.busy == pytest.approx(1.2)


@pytest.mark.parametrize(
    "pieces",
    [[(1.0, 100)] * 60, [(0.0, LEAST - 2), (PATIENCE + 0.1, 1), (1.0, 500_000)], [(PATIENCE + 0.1, 1), (1.0, 500_000)]],
    ids=["dribbles", "one byte short", "stands still first"],
)
async def test_a_server_that_dribbles_is_given_up(
    pieces: Sequence[tuple[float, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(*pieces)
    done = await fetched(server, monkeypatch)
    assert done.failure is not None
    assert (done.failure.kind, done.failure.detail) == (FailureKind.TIMEOUT, f"{done.received} bytes in 10 s")
    assert (done.connected, done.whole, done.status) == (True, False, 200)
    assert done.received == server.sent < LEAST
    assert done.seconds == pytest.approx(server.now - STOOD)
    assert PATIENCE < done.seconds < PATIENCE + 2


@pytest.mark.parametrize(
    "pieces",
    [
        [(0.1, LEAST - 1)],
        [(PATIENCE / 2, 900), (PATIENCE / 2, 900)],
        [(1.0, LEAST // 10)] * 30,
        [(0.0, LEAST), (PATIENCE + 1.0, 1)],
    ],
    ids=["small", "small and slow", "steady", "pauses"],
)
async def test_what_ends_in_time_is_whole(pieces: Sequence[tuple[float, int]], monkeypatch: pytest.MonkeyPatch) -> None:
    done = await fetched(Server(*pieces), monkeypatch)
    assert (done.failure, done.whole, done.received) == (None, True, sum(size for _, size in pieces))
    assert done.seconds == pytest.approx(sum(seconds for seconds, _ in pieces))
    assert done.stall == pytest.approx(max(seconds for seconds, _ in pieces))


async def test_no_more_is_read_than_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(*[(0.01, 64_000)] * 100)
    done = await fetched(server, monkeypatch)
    assert (done.whole, done.failure) == (True, None)
    assert ENOUGH <= done.received == server.sent < ENOUGH + 64_000


async def test_a_silence_that_does_not_end_counts_as_stall(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server((0.5, 30_000), breaks=TimeoutError("quiet"))
    done = await fetched(server, monkeypatch)
    assert done.failure is not None
    assert (done.failure.kind, done.whole, done.received) == (FailureKind.TIMEOUT, False, 30_000)


def test_a_stall_is_told_while_the_transfer_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfers, "time", SimpleNamespace(perf_counter=monotonic))
    monkeypatch.setattr(transfers, "ENOUGH", 10_000_000)
    told = list[bool]()

    async def main() -> BulkTransfer:
        engine, silent = Transfers(Connector(10.0), quiet=10.0), asyncio.Event()

        class Stalls(Server):
            async def body(self) -> AsyncIterator[bytes]:
                for _ in range(5):  # as long as a stall, with a word now and then
                    await asyncio.sleep(0.4 * SILENCE)
                    yield bytes(100_000)
                    told.append(silent.is_set())
                await silent.wait()

        monkeypatch.setattr(engine, "_answer", Stalls().answer)
        blank = BulkTransfer(address=THERE, port=443, url="https://www.tinh.vn/ban-do.svg")
        return await engine.get(Endpoint(address=THERE, port=443, name="www.tinh.vn"), blank, silent)

    assert (run(main()).whole, told) == (True, [False] * 5)


def test_a_handshake_that_is_left_lying_is_told_while_it_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfers, "time", SimpleNamespace(perf_counter=monotonic))

    async def main() -> tuple[float, float]:
        connector = Connector(10.0)
        engine, silent = Transfers(connector, quiet=10.0), asyncio.Event()

        async def connect(address: IPAddress, port: int) -> None:
            await asyncio.sleep(2.0)  # on the way, of which silence says nothing

        async def agree(*what: object) -> None:
            await asyncio.sleep(10.0)
            raise fault(FailureKind.TIMEOUT, "TLS")

        monkeypatch.setattr(connector, "connect", connect)
        monkeypatch.setattr(fetcher, "open_session", agree)
        blank = BulkTransfer(address=THERE, port=443, url="https://www.tinh.vn/ban-do.svg")
        asked = asyncio.ensure_future(engine.get(Endpoint(address=THERE, port=443, name="www.tinh.vn"), blank, silent))
        await silent.wait()
        told, done = monotonic(), await asked
        assert (done.connected, done.whole) == (False, False)
        return told, monotonic()

    assert run(main()) == (2.0 + SILENCE, 12.0)


@pytest.mark.parametrize(("last", "whole"), [(b"<p>xong</p></html>\n", True), (b"<p>xong", False)])
async def test_page_that_ends_before_its_length_is_whole(
    last: bytes, monkeypatch: pytest.MonkeyPatch, *, whole: bool
) -> None:
    class Short(Server):
        async def body(self) -> AsyncIterator[bytes]:
            yield bytes(5_000)
            yield last
            raise fault(FailureKind.PROTOCOL, BROKEN_OFF)

    done = await fetched(Short(), monkeypatch)
    assert (done.whole, done.failure is None, done.received) == (whole, whole, 5_000 + len(last))
