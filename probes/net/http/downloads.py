"""Tests throughput by one download at a time, within the hours, seconds and bytes that an operator has set.

Plain HTTP on a socket of its own, so that the work of a library is not measured. The body is thrown away.
"""

import asyncio
import re
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from inventory.model import Endpoint, IPAddress
from probes.framework.budget import Ledger, PeerBounds, counted_apart
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import HttpRequest, Net
from probes.net.core import faults
from probes.net.core.gate import QueueGate
from probes.net.core.rules import THROUGHPUT, port_of, refusal
from probes.net.core.tcp import Connector, mss_of
from probes.net.http import fetcher
from probes.net.http.allowance import Allowance
from probes.observations.throughput import ThroughputTest, rate

PATH = "/throughput"
"""The path of the object that ``auditor respond`` serves, by ``?bytes=N``."""
_HEAD = 16_384
"""Bytes of a head at most."""
_BESIDE = 500_000
"""Bytes that may come beside the body of a test: its head, and the rest of the piece that held its last byte."""
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)")


class Downloads:
    """Downloads objects for throughput tests; without an allowance no test is sent."""

    def __init__(
        self,
        connector: Connector,
        allowance: Allowance | None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        refused: Callable[[IPAddress], Failure | None] = lambda address: None,
    ) -> None:
        """Set up the tests. ``refused``: why a control may not be asked; a test's own address was admitted before."""
        self._connector = connector
        self._allowance = allowance
        self._now = now
        self._may_not = refused
        self._gate = QueueGate(1)
        self._left = 0 if allowance is None else allowance.whole
        self._shown: dict[int, tuple[IPAddress, float | None]] = {}

    async def get(self, blank: ThroughputTest) -> ThroughputTest:
        """Return ``blank`` with the test's result; raise network errors that occur before the head of an answer."""
        allowed = self._allowance
        if allowed is None:
            return _refused(blank, "no hours for tests of throughput are configured")
        async with self._gate.slot():
            blank = replace(blank, wanted=min(blank.wanted, allowed.most))
            if not allowed.is_open(self._now()):
                return _refused(blank, "outside the hours for tests of throughput")
            control, shown = await self._control(blank.address.version, allowed)
            if blank.wanted > self._left:
                return _refused(blank, "the volume of this run's tests of throughput is used up")
            done = await self._taken(replace(blank, control=control, control_rate=shown), allowed.seconds)
            self._left -= done.received
            return done

    async def _control(self, version: int, allowed: Allowance) -> tuple[IPAddress | None, float | None]:
        """Return the control of a family and its rate, tested once in a run."""
        server = next((control for control in allowed.controls if control.address.version == version), None)
        if server is None or self._may_not(server.address) is not None:
            return None, None
        if version not in self._shown:
            asked = ThroughputTest(
                address=server.address, port=server.port or 80, url=url_of(server), wanted=allowed.most
            )
            try:
                done = await self._taken(asked, allowed.seconds)
            except (faults.Fault, OSError, TimeoutError):
                done = asked
            self._left -= done.received
            self._shown[version] = (server.address, rate(done.received, done.seconds) if done.status == 200 else None)
        return self._shown[version]

    async def _taken(self, blank: ThroughputTest, seconds: float) -> ThroughputTest:
        asked = fetcher.parsed(blank.url)
        if asked is None or asked.scheme != "http":
            return replace(blank, failure=Failure(kind=FailureKind.PROTOCOL, detail="a URL that cannot be asked for"))
        target = asked.raw_path_qs
        if asked.raw_path == PATH and not asked.raw_query_string:
            target = f"{PATH}?bytes={blank.wanted}"
        with counted_apart(Ledger(PeerBounds(received=blank.wanted + _BESIDE, window=0))):
            sock = await self._connector.connect(blank.address, blank.port)
        with sock:
            head = (
                f"GET {target} HTTP/1.1\r\nHost: {fetcher.authority(asked)}\r\nConnection: close\r\nAccept: */*\r\n\r\n"
            )
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(seconds):
                await loop.sock_sendall(sock, head.encode("ascii"))
                status, came = await _head(sock)
            blank = replace(blank, mss=mss_of(sock))
            if status != 200:
                return replace(blank, status=status)
            began = time.perf_counter()
            received = await _drained(sock, came, blank.wanted, seconds)
        return replace(blank, status=status, received=received, seconds=round(time.perf_counter() - began, 6))


def url_of(server: Endpoint) -> str:
    """Return the URL of a responder's throughput object."""
    host = f"[{server.address}]" if server.address.version == 6 else str(server.address)
    return f"http://{host}:{server.port or 80}{PATH}"


async def _head(sock: socket.socket) -> tuple[int, int]:
    """Return the status, and the number of bytes of the body that came with the head."""
    loop, read = asyncio.get_running_loop(), b""
    while b"\r\n\r\n" not in read:
        more = await loop.sock_recv(sock, 4_096)
        read += more
        if not more or len(read) > _HEAD:
            raise faults.fault(FailureKind.PROTOCOL, "no head of an HTTP answer")
    match = _STATUS.match(read)
    if match is None:
        raise faults.fault(FailureKind.PROTOCOL, "no HTTP answer")
    return int(match[1]), len(read) - read.index(b"\r\n\r\n") - 4


async def _drained(sock: socket.socket, received: int, wanted: int, seconds: float) -> int:
    """Return the number of bytes before the end, the bound or the time limit; a broken connection ends it too."""
    loop, buffer = asyncio.get_running_loop(), bytearray(262_144)
    try:
        async with asyncio.timeout(seconds):
            while received < wanted:
                more = await loop.sock_recv_into(sock, buffer)
                if not more:
                    break
                received += more
    except (TimeoutError, OSError):
        pass
    return received


def _refused(blank: ThroughputTest, why: str) -> ThroughputTest:
    return replace(blank, failure=Failure(kind=FailureKind.OUT_OF_SCOPE, detail=why))


def _downloads(net: Net) -> Downloads:
    refused = partial(refusal, net.setting.scope, transport=THROUGHPUT)
    return Downloads(net.connector, net.setting.downloads, refused=refused)


async def download(net: Net, rec: Recorder, request: HttpRequest, wanted: int) -> ThroughputTest:
    """Download at most ``wanted`` bytes from a server, if the configuration allows such tests now. Intrusive."""
    blank = ThroughputTest(
        address=request.endpoint.address, port=port_of(request.endpoint), url=request.url, wanted=wanted
    )
    return await net.step(rec, blank.address, blank, lambda: net.shared(_downloads).get(blank))
