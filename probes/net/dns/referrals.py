"""Asks each server of a parent for its referral to a zone, and whether the glue in it answers."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from inventory.model import Endpoint, IPAddress
from probes.framework.expand import is_registry_zone
from probes.framework.recorder import Recorder
from probes.net.api import DnsQuestion
from probes.net.dns.classify import ReadAnswer, is_within
from probes.net.dns.declining import CALM
from probes.net.dns.dnssec_chain import below
from probes.net.dns.iterate import Blocked, Descent
from probes.net.dns.servers import QuestionSender
from probes.net.dns.state import Budget, Cut, Exhausted, Memory, Walk, next_zone
from probes.observations.dns import DnsExchange
from probes.observations.dnspath import Referral
from probes.wire.dns import rdata
from probes.wire.dns.messages import DnsWireError, declines, parse, refuses_edns

SERVERS = 16
GLUE = 16
GLUED = "glue of the parent"
_KEPT = 300.0
_LABELS = 24
_EXCHANGES = 60


class Referrals:
    """Caches the zone cuts of registries that lead to the parent; the parent is asked anew for each subject."""

    def __init__(self, descent: Descent, ask: QuestionSender, port: int, clock: Callable[[], float]) -> None:
        self._descent = descent
        self._ask_one = ask
        self._port = port
        self._clock = clock
        self._cuts: Memory[Cut] = Memory(clock, size=500)

    async def ask(self, rec: Recorder, zone: str) -> None:
        """Record one Referral for each parent server, then the SOA question to each address of the glue."""
        parent = await self._parent(zone)
        if parent is None:
            return
        glue: dict[IPAddress, None] = {}
        for address in await self._addresses(parent):
            glue |= dict.fromkeys(glued(await self._referral(rec, zone, parent.zone, address), zone))
        declining = [address for address in list(glue)[:GLUE] if await self._declines(rec, zone, address)]
        for pause in CALM if declining else ():
            await asyncio.sleep(pause)
            declining = [address for address in declining if await self._declines(rec, zone, address)]

    async def _referral(self, rec: Recorder, zone: str, parent: str, server: IPAddress) -> bytes | None:
        t0 = rec.now()
        question = DnsQuestion(name=zone, rtype="NS", dnssec_ok=True)
        exchange = await self._twice(rec.aside(), server, question, "tcp")
        rec.record(
            Referral(zone=zone, parent=parent, server=server, response=exchange.response, failure=exchange.failure),
            t0=t0,
        )
        return exchange.response

    async def _declines(self, rec: Recorder, zone: str, address: IPAddress) -> bool:
        """Ask an address of the glue for the SOA; ask without EDNS if that is refused or unanswered.

        If only the question without EDNS is answered, repeat the one with it: a line may have lost the first. Return
        True if the question was answered with REFUSED or SERVFAIL.
        """
        question, server = DnsQuestion(name=zone, rtype="SOA"), self._at(address)
        exchange = await self._ask_one(rec, server, question, "udp", GLUED)
        if not exchange.worth_repeating and not refuses_edns(exchange.response):
            return declines(exchange.response)
        plain = await self._ask_one(rec, server, replace(question, edns_size=0), "udp", GLUED)
        if exchange.worth_repeating and plain.response is not None:
            exchange = await self._ask_one(rec, server, question, "udp", GLUED)
        return declines(exchange.response)

    async def _twice(self, rec: Recorder, server: IPAddress, question: DnsQuestion, transport: str) -> DnsExchange:
        """Ask a question, and once more after silence."""
        exchange = await self._ask_one(rec, self._at(server), question, transport)
        if exchange.worth_repeating:
            exchange = await self._ask_one(rec, self._at(server), question, transport)
        return exchange

    def _at(self, address: IPAddress) -> Endpoint:
        return Endpoint(address=address, port=self._port)

    async def _parent(self, zone: str) -> Cut | None:
        cut, child = self._descent.root, next_zone(zone, ".")
        for _ in range(_LABELS):
            lower = await self._below(cut, child)
            if lower is None:
                return None
            if lower is not cut and lower.zone == zone:
                return cut
            if lower is cut and child == zone:
                return None
            longer = ".".join(zone.split(".")[-child.count(".") - 2 :])
            cut, child = (cut, longer) if lower is cut else (lower, next_zone(zone, lower.zone))
        return None

    async def _below(self, cut: Cut, child: str) -> Cut | None:
        known = self._cuts.get(child) if is_registry_zone(child) else None
        if known is not None:
            return known
        try:
            reading = await self._descent.ask_zone(self._walk(), cut, child, "NS")
        except (Blocked, Exhausted):
            return None
        lower = below(cut, child, reading) if isinstance(reading, ReadAnswer) else None
        if lower is not None and lower is not cut and is_registry_zone(child):
            self._cuts.put(child, lower, _KEPT)
        return lower

    async def _addresses(self, parent: Cut) -> list[IPAddress]:
        walk = self._walk()
        addresses = parent.of(walk.families)
        for name in parent.without_address(walk.families)[:SERVERS]:
            try:
                addresses += await self._descent.addresses_of(self._walk(), name, parent.zone)
            except (Blocked, Exhausted):
                continue
        return list(dict.fromkeys(addresses))[:SERVERS]

    def _walk(self) -> Walk:
        return Walk(rec=Recorder(self._clock, limit=0), budget=Budget(_EXCHANGES))


def glued(response: bytes | None, zone: str) -> list[IPAddress]:
    """Return the addresses in a referral's additional section of names inside the zone; others do not lead to them."""
    try:
        message = parse(response or b"")
        glue = [record for record in message.additional() if record.type in (rdata.A, rdata.AAAA)]
        return [rdata.address(message, record) for record in glue if is_within(record.owner.lower(), zone)]
    except DnsWireError:
        return []
