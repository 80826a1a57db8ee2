"""Implements the calls of ``Net`` that look for wrongly forwarded packets: by a host, out of a tunnel, or on a LAN."""

import asyncio
from dataclasses import replace

from inventory.model import IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.core import faults
from probes.net.core.rules import CRAFTED, Timing
from probes.net.core.steps import Steps
from probes.net.exposure import packets
from probes.net.raw import requests
from probes.net.raw.program import Crafted
from probes.observations.link import LanWatch
from probes.observations.path import SourceRoute, TunnelEntry
from probes.wire import teredo


class Forwarding(Steps):
    """Implements those calls of ``Net`` under the rules of the class that inherits it."""

    def __init__(self, crafted: Crafted, timing: Timing) -> None:
        self._passing = crafted
        self._passing_timing = timing

    async def source_route(self, rec: Recorder, address: IPAddress) -> SourceRoute:
        blank, wait = SourceRoute(address=address), self._passing_timing.echo_wait

        async def ask() -> SourceRoute:
            got = await requests.passed_on(self._passing, address, "routing-header-0", wait)
            return replace(blank, answer=got.answer, source=got.source, type=got.type, code=got.code)

        return await self._step(rec, address, blank, ask, transport=CRAFTED)

    async def tunnel_entry(self, rec: Recorder, address: IPAddress, protocol: str) -> TunnelEntry:
        blank, wait = TunnelEntry(address=address, protocol=protocol), self._passing_timing.echo_wait

        async def ask() -> TunnelEntry:
            if protocol == teredo.NAME:
                return await self._teredo(blank)
            got = await requests.passed_on(self._passing, address, protocol, wait)
            return replace(blank, answer=got.answer, source=got.source, type=got.type, code=got.code)

        return await self._step(rec, address, blank, ask, transport=CRAFTED)

    async def _teredo(self, blank: TunnelEntry) -> TunnelEntry:
        seconds = self._passing_timing.dns_udp
        got = await packets.ask(blank.address, teredo.PORT, teredo.solicitation(), seconds)
        said = got.first is not None and teredo.is_advertisement(got.first)
        return replace(blank, answer="reply" if said else None, failure=got.failure)

    async def lan_watch(self, rec: Recorder, site: str, interface: str, seconds: float) -> LanWatch:
        """What may be listened to is the configuration's word (``lan.SITE``), which the program is told first."""
        blank, t0 = LanWatch(site=site, interface=interface, seconds=seconds), rec.now()
        try:
            return rec.record(await requests.watch(self._passing, blank), t0=t0)
        except faults.Fault as problem:
            return rec.record(replace(blank, failure=faults.from_exception(problem)), t0=t0)
        except asyncio.CancelledError:
            cut = Failure(kind=FailureKind.CUT_SHORT, detail="cancelled")
            rec.record(replace(blank, failure=cut), t0=t0)
            raise
