"""Large transfers: one GET whose body is timed, counted and thrown away.

A session of its own beside the fetcher's: nothing is compressed, a silence ends it and not the time for all of it, and
when the connection stood is noted, so that a handshake is not counted as transfer.
"""

import asyncio
import time
from dataclasses import dataclass, replace
from types import SimpleNamespace

import aiohttp

from inventory.model import Endpoint
from probes.framework.budget import Apart, account_of, counted_apart, over_budget
from probes.framework.evidence import Failure, FailureKind
from probes.net import faults, http
from probes.net.places import as_our_kernel_says
from probes.net.tls import permissive_context
from probes.net.turns import Turns
from probes.observations.path import BulkTransfer
from probes.wire.http1 import FIELD_LIMIT, FIELDS_LIMIT

ENOUGH = 256_000
"""Bytes of a body after which it is not read further."""
LONGEST = 60.0
"""Seconds for one transfer, however steadily it trickles."""
PATIENCE, LEAST = 10.0, 2_000
"""Of a server that has sent less than so many bytes after so many seconds nothing large arrives in the rest of them: it
dribbles to keep us, or what it sends is lost. A body that ends before is whole however small it is."""
SILENCE = 3.0
"""Seconds without a word that count as a stall (CHECKS, ipv6.path.large-transfer)."""
AT_ONCE = 20


@dataclass(slots=True)
class _Clock:
    """When the connection stood, and when the server was last heard after that."""

    stood: float | None = None
    heard: float = 0.0
    stall: float = 0.0

    def hear(self) -> None:
        now = time.perf_counter()
        self.stall = max(self.stall, now - self.heard)
        self.heard = now

    async def tell(self, silent: asyncio.Event) -> None:
        """Sets ``silent`` once the server has said nothing for so long since the connection stood."""
        left = SILENCE
        while left > 0:
            await asyncio.sleep(left)
            left = SILENCE if self.stood is None else self.heard + SILENCE - time.perf_counter()
        silent.set()


class Transfers:
    """The session is opened with the first transfer, inside the loop, and closed by its owner."""

    def __init__(self, *, connect_seconds: float, quiet: float, contact: str = "") -> None:
        self._turns = Turns(AT_ONCE)
        self._timeout = aiohttp.ClientTimeout(total=LONGEST, sock_connect=connect_seconds, sock_read=quiet)
        self._agent = http.user_agent(contact)
        self._session: aiohttp.ClientSession | None = None

    async def get(self, endpoint: Endpoint, blank: BulkTransfer, silent: asyncio.Event | None = None) -> BulkTransfer:
        """``blank`` with what came of asking its URL of ``endpoint``; what the network does is data in it."""
        asked = http.parsed(blank.url)
        if asked is None:
            detail = "a URL that cannot be asked for"
            return replace(blank, failure=Failure(kind=FailureKind.PROTOCOL, detail=detail))
        if excess := account_of(endpoint.address).excess:
            return replace(blank, failure=over_budget(excess))
        async with self._turns.mine():
            clock, target = _Clock(), str(asked.with_host(str(endpoint.address)).with_port(blank.port))
            async with asyncio.TaskGroup() as group:
                watch = None if silent is None else group.create_task(clock.tell(silent))
                with counted_apart(Apart.TRANSFERS):
                    done = await self._get(target, blank, clock)
                if watch is not None:
                    watch.cancel()
        if clock.stood is None:
            return replace(done, failure=as_our_kernel_says(done.failure, endpoint.address))
        seconds, stall = clock.heard - clock.stood, clock.stall
        if done.failure is not None:
            stall = max(stall, time.perf_counter() - clock.heard)
        return replace(done, connected=True, seconds=round(seconds, 6), stall=round(stall, 6))

    async def _get(self, target: str, blank: BulkTransfer, clock: _Clock) -> BulkTransfer:
        asked, session = http.parsed(blank.url), self._opened()
        assert asked is not None
        received, status = 0, None
        try:
            async with session.get(
                target,
                headers={"Host": http.authority(asked)},
                allow_redirects=False,
                server_hostname=asked.raw_host if asked.scheme == "https" else None,
                trace_request_ctx=clock,
            ) as response:
                clock.hear()
                status, began = response.status, clock.heard
                try:
                    async for chunk in response.content.iter_any():
                        clock.hear()
                        received += len(chunk)
                        if received >= ENOUGH:
                            break
                        if received < LEAST and clock.heard - began > PATIENCE:
                            detail = f"{received} bytes in {PATIENCE:.0f} s"
                            return replace(
                                blank,
                                status=status,
                                received=received,
                                failure=Failure(kind=FailureKind.TIMEOUT, detail=detail),
                            )
                finally:
                    response.close()
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            failure = faults.from_exception(problem)
            return replace(blank, status=status, received=received, failure=failure)
        return replace(blank, status=status, received=received, whole=True)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            trace = aiohttp.TraceConfig()
            trace.on_connection_create_end.append(_stands)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    force_close=True, limit=0, ssl=permissive_context(("http/1.1",)), happy_eyeballs_delay=None,
                    socket_factory=http.opened,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                headers={"User-Agent": self._agent, "Accept": "*/*", "Accept-Encoding": "identity"},
                auto_decompress=False,
                max_line_size=FIELD_LIMIT,
                max_field_size=FIELD_LIMIT,
                max_headers=FIELDS_LIMIT,
                trust_env=False,
                trace_configs=[trace],
            )  # fmt: skip
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


async def _stands(_: aiohttp.ClientSession, context: SimpleNamespace, _more: object) -> None:
    clock = context.trace_request_ctx
    clock.stood = clock.heard = time.perf_counter()
