"""Implements ``Net`` on the sockets of this machine: puts the primitives together under common rules.

Scope first, then admission, then the clock: politeness is not measured as delay. Each call records one observation,
also when it fails, when scope forbids it and when it is cancelled. An error that is no network fault is our bug:
recorded as such, and raised as well if ``strict`` is set.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar, cast, runtime_checkable

from inventory.model import Endpoint, IPAddress
from probes.framework.budget import LEDGER, TAB, Ledger, Tab, over_budget
from probes.framework.evidence import Failure, FailureKind, O
from probes.framework.limits import INSIDE
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion, EchoShape, Fetched, HttpRequest, Net, SnmpDevice
from probes.net.core import faults
from probes.net.core.descriptors import allow_many_files
from probes.net.core.loop_lag import LoopLag
from probes.net.core.own_limits import OwnLimits
from probes.net.core.rules import port_of, refusal
from probes.net.core.tcp import Clamp, Connector, rtt_of, source_of
from probes.net.dns.exchanges import Exchanges
from probes.net.dns.iterator import Iterator
from probes.net.http.fetcher import open_fetcher
from probes.net.icmp.series import Echoes
from probes.net.raw.program import Crafted
from probes.net.setting import Setting
from probes.net.snmp.devices import devices
from probes.observations.dns import DnsExchange
from probes.observations.transport import EchoSeries, TcpConnect

T = TypeVar("T")


@runtime_checkable
class _Closing(Protocol):
    async def aclose(self) -> None: ...


class KernelNet:
    """Implements ``Net``. Use as ``async with``; all that it opened is closed at the end.

    ``open_sockets`` before that opens the sockets for echo early.
    """

    def __init__(self, setting: Setting) -> None:
        clamp = Clamp()
        self.setting = setting
        self.connector = Connector(setting.timing.tcp_connect, clamp)
        self.crafted = Crafted(setting.crafted)
        self.loop_lag = LoopLag(setting.timing.shortest_wait)
        self.own_limits = OwnLimits()
        self._exchanges = Exchanges(setting, clamp, self.step)
        self._echoes = Echoes(setting, self.own_limits)
        self._iterator = Iterator(self._exchanges.ask, setting.names)
        inside = setting.inside
        self._inside = self._iterator if inside is None else Iterator(self._exchanges.ask, inside)
        self._shared: dict[Callable[[Net], object], object] = {}
        self._entered = False

    def open_sockets(self) -> None:
        """Open the echo sockets once; through the keeper or systemd if this process lacks the privilege."""
        entry = self.setting.raw_access.enter() if self.setting.raw_access is not None and not self._entered else None
        self._entered = True
        if entry is not None:
            self.crafted.adopt(entry.program)
        self._echoes.open({} if entry is None else entry.icmp)

    async def __aenter__(self) -> Self:
        allow_many_files()
        self.open_sockets()
        self._echoes.start()
        self.loop_lag.start()
        self.own_limits.start()
        self.shared(open_fetcher)  # it takes milliseconds, which must not count as the time of a step
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.loop_lag.stop()
        self._exchanges.close()
        self.connector.close()
        self._echoes.close()
        await self.crafted.close()
        for engine in self._shared.values():
            if isinstance(engine, _Closing):
                await engine.aclose()

    @property
    def names(self) -> Iterator:
        return self._inside if INSIDE.get() else self._iterator

    def shared(self, make: Callable[[Net], T]) -> T:
        if make not in self._shared:
            self._shared[make] = make(self)
        return cast(T, self._shared[make])

    def dns(
        self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str
    ) -> Coroutine[Any, Any, DnsExchange]:
        return self._exchanges.ask(rec, server, question, transport)

    async def tcp(self, rec: Recorder, endpoint: Endpoint) -> TcpConnect:
        port = port_of(endpoint)
        blank = TcpConnect(address=endpoint.address, port=port)

        async def connect() -> TcpConnect:
            with await self.connector.connect(endpoint.address, port) as sock:
                source, rtt = source_of(sock), rtt_of(sock)
            return TcpConnect(address=endpoint.address, port=port, source=source, rtt=rtt)

        return await self.step(rec, endpoint.address, blank, connect, transport=f"tcp/{port}")

    async def echo(self, rec: Recorder, address: IPAddress, shape: EchoShape | None = None) -> EchoSeries:
        return await self._echoes.send(rec, address, shape)

    async def fetch(self, request: HttpRequest) -> Fetched:
        return await self.shared(open_fetcher).fetch(request)

    def snmp(
        self, rec: Recorder, endpoint: Endpoint, profiles: Sequence[str], *, device: str
    ) -> AbstractAsyncContextManager[SnmpDevice | None]:
        return devices(self).open(rec, endpoint, profiles, device)

    async def step(
        self,
        rec: Recorder,
        address: IPAddress,
        blank: O,
        run: Callable[[], Awaitable[O]],
        *,
        implied: bool = False,
        transport: str = "",
        packets: int = 1,
    ) -> O:
        refused = refusal(self.setting.scope, address, implied=implied, transport=transport)
        if refused is not None:
            return rec.record(replace(blank, failure=refused), t0=rec.now())
        if packets:
            await self.setting.limits.admit(address, packets)
        t0, since = rec.now(), asyncio.get_running_loop().time()
        tab = Tab(LEDGER.get() or Ledger())
        token = TAB.set(tab)
        try:
            step = await run()
        except asyncio.CancelledError:
            rec.record(replace(blank, failure=faults.CUT_SHORT), t0=t0)
            raise
        except Exception as problem:
            failure = faults.from_exception(problem)
            if failure.kind is FailureKind.BUG:
                if self.setting.strict:
                    raise
                failure = Failure(kind=FailureKind.BUG, detail=faults.bug_location(problem))
            step = replace(blank, failure=failure)
        finally:
            TAB.reset(token)
        if tab.excess:  # overrides the result: the protocol did not see the data that was refused
            return rec.record(replace(step, failure=over_budget(tab.excess)), t0=t0)
        step = self.own_limits.believed(self.loop_lag.believed(step, since), since, address.version)
        return rec.record_fresh(step, t0=t0) if step is blank else rec.record(step, t0=t0)
