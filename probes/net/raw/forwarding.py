"""Tests whether packets are wrongly forwarded: by a host with a routing header, or out of a tunnel."""

from dataclasses import replace

from inventory.model import IPAddress
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.net.core.rules import CRAFTED
from probes.net.exposure import packets
from probes.net.raw import requests
from probes.observations.path import SourceRoute, TunnelEntry
from probes.wire.exposure import teredo


async def send_source_route(net: Net, rec: Recorder, address: IPAddress) -> SourceRoute:
    """Send one packet with a type 0 routing header that leads back to us. Intrusive."""
    blank, wait = SourceRoute(address=address), net.setting.timing.echo_wait

    async def ask() -> SourceRoute:
        got = await requests.passed_on(net.crafted, address, "routing-header-0", wait)
        return replace(blank, answer=got.answer, source=got.source, type=got.type, code=got.code)

    return await net.step(rec, address, blank, ask, transport=CRAFTED)


async def send_tunnelled(net: Net, rec: Recorder, address: IPAddress, protocol: str) -> TunnelEntry:
    """Send one packet to the end of a tunnel, if there is one; ``protocol`` as in TunnelEntry. Intrusive."""
    blank, timing = TunnelEntry(address=address, protocol=protocol), net.setting.timing

    async def ask() -> TunnelEntry:
        if protocol == teredo.NAME:
            return await _teredo(blank, timing.dns_udp)
        got = await requests.passed_on(net.crafted, address, protocol, timing.echo_wait)
        return replace(blank, answer=got.answer, source=got.source, type=got.type, code=got.code)

    return await net.step(rec, address, blank, ask, transport=CRAFTED)


async def _teredo(blank: TunnelEntry, seconds: float) -> TunnelEntry:
    got = await packets.ask(blank.address, teredo.PORT, teredo.solicitation(), seconds)
    said = got.first is not None and teredo.is_advertisement(got.first)
    return replace(blank, answer="reply" if said else None, failure=got.failure)
