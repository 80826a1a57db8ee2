"""Asks DNS servers single questions over UDP and TCP, each a step of its own.

Servers allow one client few TCP connections at once, counted over all their addresses, and end any other without an
answer, or leave it open without one (YADIFA). So one question about a name is asked over TCP at a time, as far as they
are quick, and a connection that was ended all the same is tried again.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, nullcontext
from typing import Any, Protocol
from weakref import WeakValueDictionary

from inventory.model import Endpoint, IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder, putter
from probes.net.api import DnsQuestion
from probes.net.core import faults
from probes.net.core.gate import deadline_held
from probes.net.core.rules import DNS_PORT
from probes.net.core.tcp import Clamp, Connector
from probes.net.dns.datagrams import Datagrams, DnsReply, at_once
from probes.net.dns.streams import Streams
from probes.net.setting import Setting
from probes.observations.dns import DnsExchange
from probes.wire.dns.messages import DnsWireError

_TURN = 0.25
"""Seconds after which others need not wait for a question any longer: dead servers would delay all others."""
_PAUSES = (0.5, 2.0)
"""Seconds before a question is asked again: meanwhile other connections to the server have ended."""
_MAY_BE_ENDED = frozenset({"AXFR", "IXFR"})
"""Query types that servers may refuse by closing the connection."""


_put_response, _put_failure, _put_answered_from = (
    putter(DnsExchange, name) for name in ("response", "failure", "answered_from")
)


class StepRecorder(Protocol):
    """Records one observation, see ``Net.step``."""

    def __call__(
        self,
        rec: Recorder,
        address: IPAddress,
        blank: DnsExchange,
        run: Callable[[], Awaitable[DnsExchange]],
        *,
        implied: bool,
        transport: str,
    ) -> Coroutine[Any, Any, DnsExchange]: ...


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

    def ask(
        self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str, because: str | None = None
    ) -> Coroutine[Any, Any, DnsExchange]:
        """Ask one server one question; name servers outside ``allow`` are asked all the same."""
        ask = self._asked_in_turn if transport == "tcp" else self._asked
        return ask(rec, server, question, transport, because)

    async def _asked_in_turn(
        self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str, because: str | None
    ) -> DnsExchange:
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

    def _asked(
        self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str, because: str | None
    ) -> Coroutine[Any, Any, DnsExchange]:
        address, port = server.address, server.port or DNS_PORT
        exchange = DnsExchange(
            server=address,
            port=port,
            transport=transport,
            qname=question.name,
            qtype=question.rtype,
            recursion_desired=question.recursion_desired,
            dnssec_ok=question.dnssec_ok,
            edns_size=question.edns_size,
            because=because,
        )

        async def ask() -> DnsExchange:
            response, failure, answered_from = await self._reply(address, port, question, transport)
            _put_response(exchange, response)
            _put_failure(exchange, failure)
            _put_answered_from(exchange, answered_from)
            return exchange

        implied = port == DNS_PORT or (address, server.port) in self._resolvers
        return self._step(rec, address, exchange, ask, implied=implied, transport=f"{transport}/{port}")

    def _reply(self, address: IPAddress, port: int, question: DnsQuestion, transport: str) -> Awaitable[DnsReply]:
        try:
            wire = question.wire()
        except DnsWireError as problem:  # an NS or MX target that cannot be asked for
            failure = Failure(kind=FailureKind.NAME_ERROR, detail=faults.bounded(str(problem)))
            return at_once(DnsReply(failure=failure))
        engine = self._streams if transport == "tcp" else self._datagrams
        return engine.ask(address, port, wire)
