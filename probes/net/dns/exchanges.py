"""Asks DNS servers single questions over UDP and TCP, each a step of its own.

Servers allow one client few TCP connections at once, counted over all their addresses, and end every other without an
answer, or leave it lying (YADIFA). So one question about a name is asked over TCP at a time, as far as they are quick,
and what was ended all the same is asked again.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from typing import Protocol
from weakref import WeakValueDictionary

from inventory.model import Endpoint, IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion
from probes.net.core import faults
from probes.net.core.gate import deadline_held
from probes.net.core.rules import DNS_PORT
from probes.net.core.tcp import Clamp, Connector
from probes.net.dns.datagrams import Datagrams, DnsReply
from probes.net.dns.streams import Streams
from probes.net.setting import Setting
from probes.observations.dns import DnsExchange
from probes.wire.dns import DnsWireError

_TURN = 0.25
"""Seconds after which others need not wait for a question any longer: dead servers would hold up every other."""
_PAUSES = (0.5, 2.0)
"""Seconds before a question is asked again: in the meantime the connections of others beside it have ended."""
_MAY_BE_ENDED = frozenset({"AXFR", "IXFR"})
"""What servers refuse by ending the connection."""


class StepRecorder(Protocol):
    """Records one observation, see ``Net.step``."""

    async def __call__(
        self,
        rec: Recorder,
        address: IPAddress,
        blank: DnsExchange,
        run: Callable[[], Awaitable[DnsExchange]],
        *,
        implied: bool,
        transport: str,
    ) -> DnsExchange: ...


class Exchanges:
    """Holds the shared sockets of all questions; closed with ``close``."""

    def __init__(self, setting: Setting, clamp: Clamp, step: StepRecorder) -> None:
        timing, chance = setting.timing, random.SystemRandom()
        self._step = step
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._datagrams = Datagrams(timing.dns_udp, chance=chance)
        self._connector = Connector(timing.dns_connect, clamp)
        self._streams = Streams(self._connector, timing.dns_answer, chance=chance)
        sources = (setting.names,) if setting.inside is None else (setting.names, setting.inside)
        self._resolvers = frozenset((server.address, server.port) for source in sources for server in source.resolvers)

    def close(self) -> None:
        self._datagrams.close()
        self._connector.close()

    async def ask(
        self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str, because: str | None = None
    ) -> DnsExchange:
        """Ask one server one question; name servers that are no address of ``allow`` are asked all the same."""
        if transport != "tcp":
            return await self._asked(rec, server, question, transport, because)
        async with self._turn(question.name):
            exchange = await self._asked(rec, server, question, transport, because)
        for pause in _PAUSES:
            if not exchange.hung_up or question.rtype in _MAY_BE_ENDED:
                break
            await asyncio.sleep(pause)
            async with self._turn(question.name):
                exchange = await self._asked(rec, server, question, transport, because)
        return exchange

    @asynccontextmanager
    async def _turn(self, name: str) -> AsyncIterator[None]:
        turn = self._turns.setdefault(name.lower(), asyncio.Semaphore(1))
        with deadline_held() if turn.locked() else nullcontext():
            await turn.acquire()
        is_over = False

        def end() -> None:
            nonlocal is_over
            if not is_over:
                is_over = True
                turn.release()

        latest = asyncio.get_running_loop().call_later(_TURN, end)
        try:
            yield
        finally:
            latest.cancel()
            end()

    async def _asked(
        self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str, because: str | None
    ) -> DnsExchange:
        port = server.port or DNS_PORT
        asked = partial(
            DnsExchange,
            server=server.address,
            port=port,
            transport=transport,
            qname=question.name,
            qtype=question.rtype,
            recursion_desired=question.recursion_desired,
            dnssec_ok=question.dnssec_ok,
            edns_size=question.edns_size,
            because=because,
        )

        async def exchange() -> DnsExchange:
            reply = await self._reply(server.address, port, question, transport)
            return asked(response=reply.wire, failure=reply.failure, answered_from=reply.answered_from)

        implied = port == DNS_PORT or (server.address, server.port) in self._resolvers
        return await self._step(
            rec, server.address, asked(), exchange, implied=implied, transport=f"{transport}/{port}"
        )

    async def _reply(self, address: IPAddress, port: int, question: DnsQuestion, transport: str) -> DnsReply:
        try:
            wire = question.wire()
        except DnsWireError as problem:  # an NS or MX target that cannot be asked for
            return DnsReply(failure=Failure(kind=FailureKind.NAME_ERROR, detail=faults.bounded(str(problem))))
        engine = self._streams if transport == "tcp" else self._datagrams
        return await engine.ask(address, port, wire)
