"""Opens the kernel's network for a plan, with the plan's scope, limits and patience."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from auditor.pipeline.planning import Plan
from inventory.model import IPAddress, Network, written
from inventory.scope import Scope, ScopeDecision
from probes.framework.evidence import Failure
from probes.framework.limits import Limits
from probes.net.api import Net
from probes.net.crafted import CraftedScope
from probes.net.hints import RootHints
from probes.net.iterator import Source
from probes.net.kernel import KernelNet, Setting
from probes.net.source import source_toward


class _ImpliedScope:
    """The plan's scope, with the vantage's own control endpoints beside it (INTERFACE, Scope), with the servers that
    show what its line carries, and with the other measuring points of its mesh."""

    def __init__(self, scope: Scope, control: frozenset[IPAddress]) -> None:
        self._scope = scope
        self._control = control

    def permits(self, address: IPAddress) -> ScopeDecision:
        return ScopeDecision.ALLOWED if address in self._control else self._scope.permits(address)


@asynccontextmanager
async def open_kernel(made: Plan) -> AsyncIterator[Net]:
    """The real network. Without privilege for ICMP the echo steps record that, everything else works."""
    servers = () if made.downloads is None else made.downloads.controls
    mesh = tuple(address for peer in made.mesh for address in peer.addresses)
    receivers = tuple(one.address for task in made.lans.values() for one in task.receivers)
    named = (one.address for one in (*made.selftest.controls, *made.anchors, *servers))
    implied = frozenset((*named, *mesh, *receivers))
    only_inside = set(made.networks) == {Network.TSLCD.value}
    allow = tuple(str(prefix) for prefix in made.scope.allow) if made.scope.allow is not None else None
    closed = (*map(str, made.scope.deny), *(written(address).partition("%")[0] for address in made.scope.own))
    listened = tuple(sorted({task.interface for task in made.lans.values()}))
    crafted = CraftedScope(deny=closed, interfaces=listened, receivers=tuple(sorted(map(written, receivers))))
    if allow is not None:
        crafted = replace(crafted, allow=(*allow, *map(written, implied)))
    setting = Setting(
        crafted=crafted,
        scope=_ImpliedScope(made.scope, implied),
        limits=Limits(made.pace, clock=time.monotonic, sleep=asyncio.sleep),
        timing=made.profile,
        names=Source(hints=made.hints, resolvers=made.resolvers, iterative=not only_inside),
        inside=Source(hints=made.hints, resolvers=made.inside, iterative=False) if made.inside else None,
        snmp=made.snmp,
        origins=made.origins,
        contact=made.contact,
        helo=made.helo,
        strangers=made.strangers,
        downloads=made.downloads,
    )
    async with KernelNet(setting) as net:
        yield net


def own_addresses(hints: RootHints) -> tuple[IPAddress, ...]:
    """Our own addresses toward the root servers; they are not to be audited by accident."""
    firsts = {address.version: address for address in reversed(hints.addresses)}.values()
    found = (source_toward(address) for address in firsts)
    return tuple(address for address in found if not isinstance(address, Failure))
