"""Makes large transfers: one GET, the body of which is timed, counted and thrown away.

HTTP is read as the fetcher reads it. Apart from that, compression is off, a transfer is ended by silence and otherwise
only after LONGEST, and the moment when the connection stood is noted, so that a handshake is not counted as transfer.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from yarl import URL

from inventory.model import Endpoint
from probes.framework.budget import SeparateAccount, account_of, counted_apart, over_budget
from probes.framework.evidence import CLOSED_MUTE, Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import HttpRequest, Net
from probes.net.core import faults
from probes.net.core.gate import QueueGate
from probes.net.core.rules import port_of
from probes.net.core.tcp import Connector
from probes.net.core.thread_time import thread_time
from probes.net.http import fetcher
from probes.net.http.over_tls import BROKEN_OFF, Carrier, Clear, Http2Error, HungUpError, Sealed
from probes.net.tls.handshake import Handshaker
from probes.observations.path import BulkTransfer
from probes.wire.web.http1 import ResponseHead

ENOUGH = 256_000
"""Bytes of a body after which it is not read further."""
LONGEST = 60.0
"""Seconds for one transfer, however slowly it arrives."""
PATIENCE, LEAST = 10.0, 2_000
"""The seconds after which a server must have sent at least so many bytes.

One that has sent less sends no large body in the remaining time: it sends slowly to keep us, or its packets are lost.
A body that ends before is whole however small it is.
"""
SILENCE = 3.0
"""Seconds of silence that count as a stall (CHECKS, ipv6.path.large-transfer)."""
AT_ONCE = 20
_TAIL = 64
"""Bytes of the end of a body that are kept."""


class OpenedResponse(Protocol):
    """Gives an answer after its head; ``part`` returns more of its body, and no bytes at the end."""

    head: ResponseHead

    async def part(self) -> bytes: ...


@dataclass(slots=True)
class _Count:
    """Counts the body received so far."""

    status: int | None = None
    received: int = 0
    tail: bytes = b""

    def add(self, chunk: bytes) -> None:
        self.received += len(chunk)
        self.tail = (self.tail + chunk)[-_TAIL:]


@dataclass(slots=True)
class _Clock:
    """Measures the times of a transfer, in seconds.

    It notes when the connection was established, when data of the server last came or its kernel last answered, the
    longest stall, and how long this thread worked, or waited for a processor, in between.
    """

    stood: float | None = None
    heard: float = 0.0
    stall: float = 0.0
    busy: float = 0.0
    _since: float = 0.0

    def take(self) -> None:
        """Note that there is a connection, on which TLS may still have to be agreed on."""
        self.heard = time.perf_counter()

    def stand(self) -> None:
        self.stood = self.heard = time.perf_counter()
        self._since = thread_time()

    def hear(self) -> None:
        now = time.perf_counter()
        self.busy = thread_time() - self._since
        self.stall = max(self.stall, now - self.heard)
        self.heard = now

    async def tell(self, silent: asyncio.Event) -> None:
        """Set ``silent`` once the server has been silent for ``SILENCE``, or has let a handshake wait as long."""
        left = SILENCE
        while left > 0:
            await asyncio.sleep(left)
            left = self.heard + SILENCE - time.perf_counter() if self.heard else SILENCE
        silent.set()


class Transfers:
    """Runs transfers; opened inside the loop, closed by its owner. ``quiet``: seconds of silence that end one."""

    def __init__(self, connector: Connector, *, quiet: float, contact: str = "") -> None:
        self._gate = QueueGate(AT_ONCE)
        self._connector = connector
        self._handshaker = Handshaker(self._connector, quiet)
        self._quiet = quiet
        self._fields = {"User-Agent": fetcher.user_agent(contact), "Accept": "*/*", "Accept-Encoding": "identity"}

    async def get(self, endpoint: Endpoint, blank: BulkTransfer, silent: asyncio.Event | None = None) -> BulkTransfer:
        """Return ``blank`` with the result of its URL at ``endpoint``; network errors become data in it."""
        asked = fetcher.parsed(blank.url)
        if asked is None:
            detail = "a URL that cannot be asked for"
            return replace(blank, failure=Failure(kind=FailureKind.PROTOCOL, detail=detail))
        if excess := account_of(endpoint.address).excess:
            return replace(blank, failure=over_budget(excess))
        async with self._gate.slot():
            clock = _Clock()
            async with asyncio.TaskGroup() as group:
                watch = None if silent is None else group.create_task(clock.tell(silent))
                with counted_apart(SeparateAccount.TRANSFERS):
                    done = await self._get(endpoint, asked, blank, clock)
                if watch is not None:
                    watch.cancel()
        if clock.stood is None:
            return replace(done, failure=faults.attribute_unreachable(done.failure, endpoint.address))
        seconds, stall = clock.heard - clock.stood, clock.stall
        if done.failure is not None:
            stall = max(stall, time.perf_counter() - clock.heard)
        seconds, stall, busy = (round(each, 6) for each in (seconds, stall, clock.busy))
        return replace(done, connected=True, seconds=seconds, stall=stall, busy=busy)

    async def _get(self, endpoint: Endpoint, asked: URL, blank: BulkTransfer, clock: _Clock) -> BulkTransfer:
        count, failure = _Count(), None
        try:
            async with asyncio.timeout(LONGEST), self._answer(endpoint, asked, blank.port, clock) as answer:
                clock.hear()
                count.status = answer.head.status
                failure = await self._read(answer, count, clock)
        except HungUpError:
            failure = Failure(kind=FailureKind.PROTOCOL, detail=CLOSED_MUTE)
        except (faults.Fault, OSError) as problem:
            failure = faults.from_exception(problem)
            if failure.detail == BROKEN_OFF and fetcher.ends_a_page(count.tail):
                failure = None
        return replace(blank, status=count.status, received=count.received, whole=failure is None, failure=failure)

    async def _read(self, answer: OpenedResponse, count: _Count, clock: _Clock) -> Failure | None:
        """Read until the end or until ``ENOUGH``; return a failure if the server is too slow for a large body."""
        began = clock.heard
        while chunk := await self._soon(answer.part):
            clock.hear()
            count.add(chunk)
            if count.received >= ENOUGH:
                return None
            if count.received < LEAST and clock.heard - began > PATIENCE:
                return Failure(kind=FailureKind.TIMEOUT, detail=f"{count.received} bytes in {PATIENCE:.0f} s")
        return None

    async def _soon(self, part: Callable[[], Awaitable[bytes]]) -> bytes:
        async with asyncio.timeout(self._quiet):
            return await part()

    @asynccontextmanager
    async def _answer(self, endpoint: Endpoint, asked: URL, port: int, clock: _Clock) -> AsyncIterator[OpenedResponse]:
        """Yield the answer to one GET; its connection is closed at the end, even if data is left."""
        carrier, alpn = await self._connected(endpoint, asked, port, clock)
        try:
            try:
                answer = await self._asked(carrier, alpn, asked, clock)
            except Http2Error:
                if asked.scheme == "http":  # there is no TLS in which it could be agreed on
                    raise
                carrier.close()
                session = await self._handshaker.open(endpoint.address, port, asked.raw_host, also_h2=True)
                carrier = Sealed(session)
                answer = await self._asked(carrier, session.agreed.alpn, asked, clock)
            yield answer
        finally:
            carrier.close()

    async def _connected(self, endpoint: Endpoint, asked: URL, port: int, clock: _Clock) -> tuple[Carrier, str | None]:
        sock = await self._connector.connect(endpoint.address, port)
        clock.take()
        if asked.scheme == "http":
            return Clear(sock), None
        session = await fetcher.open_session(self._handshaker, sock, endpoint, port, asked.raw_host)
        return Sealed(session), session.agreed.alpn

    async def _asked(self, carrier: Carrier, alpn: str | None, asked: URL, clock: _Clock) -> OpenedResponse:
        clock.stand()
        async with asyncio.timeout(self._quiet):
            return await fetcher.asked_over(carrier, alpn, asked, self._fields)


def _transfers(net: Net) -> Transfers:
    return Transfers(net.connector, quiet=net.setting.timing.http, contact=net.setting.contact)


async def transfer(
    net: Net, rec: Recorder, request: HttpRequest, *, silent: asyncio.Event | None = None
) -> BulkTransfer:
    """Get a large object and throw its body away while timing it.

    ``silent`` is set once the server has been silent for as long as counts as a stall, while the transfer goes on.
    """
    blank = BulkTransfer(address=request.endpoint.address, port=port_of(request.endpoint), url=request.url)
    get = net.shared(_transfers).get
    return await net.step(rec, blank.address, blank, lambda: get(request.endpoint, blank, silent))
