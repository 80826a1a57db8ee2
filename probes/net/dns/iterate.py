"""Follows referrals from the root down to the zone that holds a name (RFC 1034 §5.3.3)."""

import random
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from ipaddress import ip_address

from inventory.model import IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.net.dns.classify import AnswerKind, ReadAnswer, is_below
from probes.net.dns.hints import RootHints
from probes.net.dns.servers import QuestionSender, Servers
from probes.net.dns.state import Cut, Flights, Memory, Walk, ancestors, cut_of, next_zone

_KEPT = 600.0
_KEPT_EMPTY = 30.0
_BLOCKED_FOR = 60.0
_SAID = frozenset({FailureKind.NAME_ERROR, FailureKind.PROTOCOL})  # an answer came: the cause may be this question
_CUTS = 20
_TOO_DEEP = Failure(kind=FailureKind.PROTOCOL, detail=f"more than {_CUTS} delegations on the way")


@dataclass(frozen=True, slots=True, kw_only=True)
class DescentStep:
    """Holds the last zone cut of a descent and its answer. ``referred``: this walk itself was led to that zone."""

    cut: Cut
    answer: ReadAnswer | Failure
    referred: bool


class Blocked(Exception):
    """Signals that the root servers cannot be asked from here."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


class Descent:
    """Asks a question of the zone that can answer it. Remembers delegations, and server addresses, to get there."""

    def __init__(
        self, ask: QuestionSender, hints: RootHints, *, port: int, chance: random.Random, clock: Callable[[], float]
    ) -> None:
        self._servers = Servers(ask, self.addresses_of, clock=clock, chance=chance, port=port)
        self._flights = Flights()
        self._cuts: Memory[Cut] = Memory(clock)
        self._addresses: Memory[tuple[IPAddress, ...]] = Memory(clock)
        self._delegating: Memory[bool] = Memory(clock)
        self._blocked: Memory[Failure] = Memory(clock)
        pairs = tuple((name, address) for name, addresses in hints.servers for address in addresses)
        self._root = Cut(zone=".", parent=".", servers=tuple(name for name, _ in hints.servers), addresses=pairs)

    @property
    def root(self) -> Cut:
        """The root zone, where each descent starts."""
        return self._root

    async def ask(self, walk: Walk, qname: str, rtype: str, *, fresh: bool = False) -> DescentStep:
        """Descend to an answer. ``fresh``: the delegation of ``qname`` itself is asked for, never taken from the cache.

        Raises Blocked if the descent begins at the root and no root server gives a useful answer.
        """
        cut, referred = self._nearest(walk, qname, fresh=fresh), False
        for _ in range(_CUTS):
            key = (walk.families, cut.zone, next_zone(qname, cut.zone))
            shared = self._delegates(cut.zone)
            if shared and await self._flights.wait(key, walk.level):
                nearer = self._nearest(walk, qname, fresh=fresh)
                if is_below(nearer.zone, cut.zone):
                    cut, referred = nearer, False
                    continue
            with self._flights.leading(key, walk.level) if shared else nullcontext():
                answer = await self._ask(walk, cut, qname, rtype)
                if isinstance(answer, Failure) or answer.kind is not AnswerKind.REFERRAL:
                    return DescentStep(cut=cut, answer=answer, referred=referred)
                self._delegating.put(cut.zone, True, _KEPT)
                cut, referred = cut_of(answer, cut.zone), True
                self._cuts.put((walk.families, cut.zone), cut, _KEPT)
        return DescentStep(cut=cut, answer=_TOO_DEEP, referred=referred)

    async def _ask(self, walk: Walk, cut: Cut, qname: str, rtype: str) -> ReadAnswer | Failure:
        if cut is not self._root:
            return await self._servers.ask(walk, cut, qname, rtype)
        failure = self._blocked.get(walk.families)
        if failure is None:
            answer = await self._servers.ask(walk, cut, qname, rtype)
            if isinstance(answer, ReadAnswer):
                return answer
            failure = answer
            if failure.kind not in _SAID:
                self._blocked.put(walk.families, failure, _BLOCKED_FOR)
        raise Blocked(failure)

    async def ask_zone(self, walk: Walk, cut: Cut, qname: str, rtype: str) -> ReadAnswer | Failure:
        """Ask the servers of only one zone. Raises Blocked for the root."""
        return await self._ask(walk, cut, qname, rtype)

    def _nearest(self, walk: Walk, qname: str, *, fresh: bool) -> Cut:
        for zone in ancestors(qname):
            known = None if fresh and zone == qname else self._cuts.get((walk.families, zone))
            if known is not None:
                return known
        return self._root

    def _delegates(self, zone: str) -> bool:
        """True if many lookups pass through a zone, so that they should share the way.
        That is the root, a TLD, or a zone that was seen to delegate. Elsewhere waiting for another question would
        only run the two one after the other."""
        return zone == "." or "." not in zone or self._delegating.get(zone) is not None

    async def addresses_of(self, walk: Walk, name: str, zone: str) -> tuple[IPAddress, ...]:
        """Return the addresses of a name server without glue; none for an alias (RFC 2181 §10.3 forbids one in NS)."""
        key = (walk.families, name)
        known = self._addresses.get(key)
        if known is None and await self._flights.wait(key, walk.level + 1):
            known = self._addresses.get(key)
        if known is not None:
            return known
        inner = walk.for_server(name, zone)
        if inner is None:
            return ()
        with self._flights.leading(key, walk.level + 1):
            addresses: list[IPAddress] = []
            for rtype in [rtype for family, rtype in ((6, "AAAA"), (4, "A")) if family in walk.families]:
                answer = (await self.ask(inner, name, rtype)).answer
                if isinstance(answer, ReadAnswer) and answer.kind is AnswerKind.ANSWER and not answer.chain:
                    addresses += map(ip_address, answer.records)
            self._addresses.put(key, tuple(addresses), _KEPT if addresses else _KEPT_EMPTY)
        return tuple(addresses)
