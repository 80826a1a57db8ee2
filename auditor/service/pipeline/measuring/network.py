"""Opens the kernel's network for a plan, with the plan's scope, limits and patience."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

from auditor.service.pipeline.plan.plan import Plan
from inventory.model import Endpoint, IPAddress, Network, written
from inventory.scope import Scope, ScopeDecision
from probes.framework.evidence import Failure
from probes.framework.limits import Limits
from probes.framework.reach import REACH
from probes.framework.vantage import ECHO_PORT
from probes.net.api import Net
from probes.net.core import own_addresses as own
from probes.net.core.rules import CRAFTED, FORGED, SWEEP, THROUGHPUT
from probes.net.core.source import source_toward
from probes.net.dns.hints import RootHints
from probes.net.dns.source import Source
from probes.net.exposure import accepting
from probes.net.kernel import KernelNet
from probes.net.raw.program import CraftedScope
from probes.net.setting import Setting
from probes.wire.exposure import teredo

Way = tuple[IPAddress, str]
"""An address, and the transport for which it is open."""
_FRESH = 10.0
"""Seconds for which the list of the machine's own addresses is used: temporary ones come and go within a run."""
_REMEMBERED = 10_000
"""Maximum number of addresses for which the decision is kept."""


class _ImpliedScope:
    """Extends the plan's scope by the addresses that the configuration names for one purpose each (INTERFACE, Scope).

    ``ways`` are open to all work, ``controls`` only to the self-test. An address that is denied stays denied. One of
    our own addresses is dialled only for the target that it is, even if ``allow`` lists it: a redirect must not lead to
    a service that listens here.
    """

    def __init__(
        self,
        scope: Scope,
        ways: frozenset[Way],
        controls: frozenset[Way] = frozenset(),
        *,
        own: Callable[[], frozenset[IPAddress]] = frozenset,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._scope = scope
        self._decided: dict[IPAddress, ScopeDecision] = {}
        self._ways = ways
        self._controls = controls
        self._planned = scope.own
        self._own = own
        self._clock = clock
        self._read = clock()

    def permits(self, address: IPAddress, transport: str = "") -> ScopeDecision:
        self._refresh()
        decision, reach = self._decide(address), REACH.get()
        if decision is ScopeDecision.DENIED:
            return decision
        way = (address, transport)
        if way in self._ways or (reach.for_itself and way in self._controls):
            return ScopeDecision.ALLOWED
        elsewhere = address in self._scope.own and address not in reach.at | reach.own
        return ScopeDecision.SPECIAL if decision and elsewhere and transport not in _DNS else decision

    def _decide(self, address: IPAddress) -> ScopeDecision:
        """Return the decision of the scope for an address, from a cache: an address is dialled a hundred times."""
        decision = self._decided.get(address)
        if decision is None:
            if len(self._decided) >= _REMEMBERED:
                self._decided.clear()
            decision = self._decided[address] = self._scope.permits(address)
        return decision

    def _refresh(self) -> None:
        if self._clock() - self._read >= _FRESH:
            self._read = self._clock()
            own = self._planned | self._own()
            if own != self._scope.own:
                self._scope = replace(self._scope, own=own)
                self._decided.clear()


_DNS = ("udp/53", "tcp/53")


def _on(endpoints: Iterable[Endpoint], port: int, *transports: str) -> Iterator[Way]:
    """Yield each endpoint for each transport at its own port, or at ``port`` if it has none."""
    for endpoint in endpoints:
        yield from ((endpoint.address, f"{transport}/{endpoint.port or port}") for transport in transports)


def _ways(plan: Plan) -> frozenset[Way]:
    """Return the ways open to all work: resolvers, root servers, anchors, throughput controls, mesh, receivers."""
    resolvers = (*plan.resolvers, *plan.inside, *(Endpoint(address=address) for address in plan.hints.addresses))
    downloads = () if plan.downloads is None else plan.downloads.controls
    mesh = [
        Endpoint(address=address, port=service.port)
        for peer in plan.mesh
        for address in peer.addresses
        for service in peer.services
    ]
    return frozenset(
        (
            *_on(resolvers, 53, "udp", "tcp"),
            *((internet_anchor.address, "icmp") for internet_anchor in plan.vantage.internet_anchors),
            *_on(plan.vantage.internet_anchors, 443, "tcp"),
            *((anchor.address, f"tcp/{accepting.UNUSED_PORT}") for anchor in plan.vantage.internet_anchors),
            *((download.address, THROUGHPUT) for download in downloads),
            *((address, way) for peer in plan.mesh for address in peer.addresses for way in ("icmp", "trace")),
            *_on(mesh, 443, "udp", "tcp"),
            *((receiver.address, FORGED) for task in plan.lans.values() for receiver in task.receivers),
        )
    )


def _controls(plan: Plan) -> frozenset[Way]:
    """Return the ways open to the self-test; a control without a port answers on every transport."""
    test = plan.selftest
    whole = [control.address for control in test.controls if control.port is None]
    return frozenset(
        (
            *((address, transport) for address, transport, _ in test.anchors()),
            *((address, transport) for address in whole for transport in (SWEEP, CRAFTED, f"udp/{teredo.PORT}")),
            *((address, f"tcp/{port}") for address in whole for port in (ECHO_PORT, 443)),
            *_on(test.clocks, 123, "udp"),
        )
    )


@asynccontextmanager
async def open_kernel(plan: Plan) -> AsyncIterator[Net]:
    """Open the real network. Without the privilege for ICMP the echo steps record this; everything else works."""
    servers = () if plan.downloads is None else plan.downloads.controls
    mesh = tuple(address for peer in plan.mesh for address in peer.addresses)
    receivers = tuple(receiver.address for task in plan.lans.values() for receiver in task.receivers)
    named = (control.address for control in (*plan.selftest.controls, *plan.vantage.internet_anchors, *servers))
    implied = frozenset((*named, *mesh, *receivers))
    only_inside = set(plan.vantage.networks) == {Network.TSLCD.value}
    allow = tuple(str(prefix) for prefix in plan.scope.allow) if plan.scope.allow is not None else None
    closed = (*map(str, plan.scope.deny), *(written(address).partition("%")[0] for address in plan.scope.own))
    listened = tuple(sorted({task.interface for task in plan.lans.values()}))
    crafted = CraftedScope(deny=closed, interfaces=listened, receivers=tuple(sorted(map(written, receivers))))
    if allow is not None:
        crafted = replace(crafted, allow=(*allow, *map(written, implied)))
    setting = Setting(
        crafted=crafted,
        scope=_ImpliedScope(plan.scope, _ways(plan), _controls(plan), own=own.own_addresses),
        limits=Limits(plan.pace, clock=time.monotonic, sleep=asyncio.sleep),
        timing=plan.profile,
        names=Source(hints=plan.hints, resolvers=plan.resolvers, iterative=not only_inside),
        inside=Source(hints=plan.hints, resolvers=plan.inside, iterative=False) if plan.inside else None,
        snmp=plan.snmp,
        origins=plan.origins,
        contact=plan.contact,
        helo=plan.vantage.helo,
        relay_test=plan.vantage.relay_test,
        downloads=plan.downloads,
    )
    async with KernelNet(setting) as net:
        yield net


def own_addresses(hints: RootHints) -> frozenset[IPAddress]:
    """Return every address of this machine, and its source addresses toward the root servers.

    They must not be audited by accident.
    """
    firsts = {address.version: address for address in reversed(hints.addresses)}.values()
    found = (source_toward(address) for address in firsts)
    return own.own_addresses() | {address for address in found if not isinstance(address, Failure)}
