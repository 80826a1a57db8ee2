"""Follows delegations from the root to a zone over one address family, with servers and addresses of that family only.

If a server of the zone above holds a zone too, it answers for it without a referral. The servers that it names are then
asked, and if their addresses cannot be found, the servers above that hold the zone.
"""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address

from inventory.model import IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.framework.expand import is_registry_zone
from probes.framework.recorder import Recorder
from probes.net.dns.classify import AnswerKind, ReadAnswer, is_within
from probes.net.dns.dnssec_chain import below
from probes.net.dns.iterate import Blocked, Descent
from probes.net.dns.servers import most_telling
from probes.net.dns.state import EXHAUSTED, Budget, Cut, Exhausted, Memory, Walk, next_zone
from probes.observations.dnspath import FamilyCut, ServerReply, Unanswered

SERVERS = 16
_KEPT = 300.0
_LABELS = 24
_EXCHANGES = 60
_NOBODY = Failure(kind=FailureKind.NAME_ERROR, detail="no name server has an address of this family")


class OneFamily:
    """Caches the zone cuts of registries, which all subjects share; the audited zone itself is asked each time."""

    def __init__(self, descent: Descent, clock: Callable[[], float]) -> None:
        self._descent = descent
        self._clock = clock
        self._cuts: Memory[Cut] = Memory(clock, size=500)

    async def follow(self, rec: Recorder, name: str, family: int) -> None:
        """Record one FamilyCut for each zone on the way; the last is ``name`` or the one at which the way ends."""
        cut, child = self._descent.root, next_zone(name, ".")
        for _ in range(_LABELS):
            t0 = rec.now()
            lower = await self._below(cut, child, family)
            if isinstance(lower, Failure):
                rec.record(FamilyCut(family=family, zone=cut.zone, servers=cut.servers, failure=lower), t0=t0)
                return
            if lower is cut:
                if child == name:
                    return
                child = ".".join(name.split(".")[-child.count(".") - 2 :])
                continue
            cut, child = lower, next_zone(name, lower.zone)
            step = FamilyCut(family=family, zone=cut.zone, servers=cut.servers)
            if cut.zone == name:
                step = await self._servers(step, cut)
            rec.record(step, t0=t0)
            if cut.zone == name or step.failure is not None:
                return

    async def _below(self, cut: Cut, child: str, family: int) -> Cut | Failure:
        known = self._cuts.get((family, child)) if is_registry_zone(child) else None
        if known is not None:
            return known
        reading = await self._ask(cut, child, "NS", family)
        if isinstance(reading, Failure):
            return reading
        lower = below(cut, child, reading) or cut
        if lower is not cut and is_registry_zone(child):
            self._cuts.put((family, child), lower, _KEPT)
        return lower

    async def _ask(self, cut: Cut, qname: str, rtype: str, family: int) -> ReadAnswer | Failure:
        try:
            return await self._descent.ask_zone(self._walk(family), cut, qname, rtype)
        except Blocked as blocked:
            return blocked.failure
        except Exhausted:
            return EXHAUSTED

    def _walk(self, family: int) -> Walk:
        beside = Recorder(self._clock, limit=0)  # its contents are summed up in the FamilyCut
        return Walk(rec=beside, families=frozenset({family}), budget=Budget(_EXCHANGES))

    async def _servers(self, step: FamilyCut, cut: Cut) -> FamilyCut:
        """Ask each server of the zone that has an address of this family, then all of them for visitors' questions."""
        replies = []
        for name, address in await self._addresses(cut, step.family):
            reading = await self._ask(_only(cut, name, address), cut.zone, "SOA", step.family)
            failure = reading if isinstance(reading, Failure) else None
            replies.append(ServerReply(name=name, address=address, failure=failure))
        failures = [reply.failure for reply in replies if reply.failure is not None]
        if len(failures) == len(replies):
            return replace(step, replies=tuple(replies), failure=most_telling(failures) if failures else _NOBODY)
        good = [(reply.name, reply.address) for reply in replies if reply.failure is None]
        unanswered = await self._questions(replace(cut, addresses=tuple(good)), step.family)
        return replace(step, replies=tuple(replies), unanswered=tuple(unanswered))

    async def _addresses(self, cut: Cut, family: int) -> list[tuple[str, IPAddress]]:
        pairs = [pair for pair in cut.addresses if pair[1].version == family]
        if any(name not in cut.servers for name, _ in pairs):  # those of the zone above
            pairs = await self._inside(cut, family) or pairs
        for name in cut.without_address(frozenset({family}))[:SERVERS]:
            try:
                pairs += [
                    (name, address) for address in await self._descent.addresses_of(self._walk(family), name, cut.zone)
                ]
            except (Blocked, Exhausted):
                continue
        return list(dict.fromkeys(pairs))[:SERVERS]

    async def _inside(self, cut: Cut, family: int) -> list[tuple[str, IPAddress]]:
        """Return the addresses that the zone itself gives for its name servers below it."""
        pairs: list[tuple[str, IPAddress]] = []
        for name in [server for server in cut.servers if is_within(server, cut.zone)][:SERVERS]:
            reading = await self._ask(cut, name, "AAAA" if family == 6 else "A", family)
            if isinstance(reading, ReadAnswer) and reading.kind is AnswerKind.ANSWER and not reading.chain:
                pairs += [(name, ip_address(text)) for text in reading.records]
        return pairs

    async def _questions(self, cut: Cut, family: int) -> list[Unanswered]:
        wanted = [(cut.zone, "NS"), (cut.zone, "MX"), (f"www.{cut.zone}", "A"), (f"www.{cut.zone}", "AAAA")]
        outcomes = [(f"{name} {rtype}", await self._ask(cut, name, rtype, family)) for name, rtype in wanted]
        return [
            Unanswered(question=text, failure=outcome) for text, outcome in outcomes if isinstance(outcome, Failure)
        ]


def _only(cut: Cut, name: str, address: IPAddress) -> Cut:
    """Return the zone with one address of one server."""
    return replace(cut, servers=(name,), addresses=((name, address),))
