"""Collects keys and signatures zone by zone from the root to the zone that holds a name (RFC 4035 §3.1).

Every question has DO set and is recorded as one ``ZoneAnswer``; validating is the business of their readers. Zones of
registries are asked once for a run and recorded with every subject that they lead to: thousands of subjects must not
ask the root servers for the same keys. An agency's own zone is asked for its subject.
"""

from collections.abc import Callable

from probes.framework.evidence import Failure
from probes.framework.expand import is_registry_zone
from probes.framework.recorder import Recorder
from probes.net.dns.classify import AnswerKind, ReadAnswer
from probes.net.dns.iterate import Blocked, Descent
from probes.net.dns.state import EXHAUSTED, Budget, Cut, Exhausted, Flights, Memory, Walk, cut_of, next_zone
from probes.observations.dns import DnsExchange
from probes.observations.dnssec import ZoneAnswer

_KEPT = 300.0
_LABELS = 24  # names asked for on one descent; the deepest zones of an administration have six labels
_EXCHANGES = 24  # for one question, name server addresses included
_SHARED = "asked for another subject of this run"

Answered = tuple[ReadAnswer | Failure, ZoneAnswer]


class DnssecChain:
    """Caches zone cuts that lead to zones, and the answers of registries, and nothing else."""

    def __init__(self, descent: Descent, clock: Callable[[], float]) -> None:
        self._descent = descent
        self._clock = clock
        self._cuts: Memory[Cut] = Memory(clock, size=2_000)
        self._shared: Memory[Answered] = Memory(clock, size=500)
        self._flights = Flights()

    async def follow(self, rec: Recorder, name: str, start: str = ".") -> str:
        """Return the zone that holds ``name``, as far as servers answer; record keys, NS and DS of each cut."""
        cut = self._cuts.get(start) or self._descent.root
        child = next_zone(name, cut.zone)
        if cut is self._descent.root:
            await self._ask(rec, cut, ".", "DNSKEY")
        for _ in range(_LABELS):
            if name == cut.zone:
                break
            found = below(cut, child, await self._ask(rec, cut, child, "NS"))
            if found is None:
                break
            if found is cut:  # no cut at this label: try the next one down
                if child == name:
                    break
                child = ".".join(name.split(".")[-child.count(".") - 2 :])
                continue
            await self._ask(rec, cut, found.zone, "DS")
            cut, child = found, next_zone(name, found.zone)
            self._cuts.put(cut.zone, cut, _KEPT)
            await self._ask(rec, cut, cut.zone, "DNSKEY")
        return cut.zone

    async def ask(self, rec: Recorder, zone: str, qname: str, rtype: str) -> ZoneAnswer:
        """Send one question to the servers of a zone that ``follow`` has led to."""
        return (await self._answer(rec, self._cuts.get(zone) or self._descent.root, qname, rtype))[1]

    async def _ask(self, rec: Recorder, cut: Cut, qname: str, rtype: str) -> ReadAnswer | Failure:
        return (await self._answer(rec, cut, qname, rtype))[0]

    async def _answer(self, rec: Recorder, cut: Cut, qname: str, rtype: str) -> Answered:
        key = (cut.zone, qname, rtype)
        if not is_registry_zone(qname):
            return await self._fresh(rec, cut, qname, rtype)
        known = self._shared.get(key)
        if known is None and await self._flights.wait(key, 0):
            known = self._shared.get(key)
        if known is None:
            with self._flights.leading(key, 0):
                fresh = await self._fresh(rec, cut, qname, rtype)
                if isinstance(fresh[0], ReadAnswer):
                    self._shared.put(key, fresh, _KEPT)
                return fresh
        reading, answer = known
        rec.record(
            ZoneAnswer(
                zone=answer.zone,
                qname=qname,
                qtype=rtype,
                server=answer.server,
                transport=answer.transport,
                response=answer.response,
                because=_SHARED,
            ),
            t0=rec.now(),
        )
        return reading, answer

    async def _fresh(self, rec: Recorder, cut: Cut, qname: str, rtype: str) -> Answered:
        t0, beside = rec.now(), Recorder(self._clock)
        reading = await self._put(Walk(rec=beside, dnssec_ok=True, budget=Budget(_EXCHANGES)), cut, qname, rtype)
        failure = reading if isinstance(reading, Failure) else None
        answer = ZoneAnswer(zone=cut.zone, qname=qname, qtype=rtype, failure=failure)
        for step in reversed(beside.steps):
            if isinstance(step, DnsExchange) and (step.qname, step.qtype) == (qname, rtype) and step.response:
                answer = ZoneAnswer(
                    zone=cut.zone,
                    qname=qname,
                    qtype=rtype,
                    server=step.server,
                    transport=step.transport,
                    response=step.response,
                    failure=failure,
                )
                break
        return reading, rec.record(answer, t0=t0)

    async def _put(self, walk: Walk, cut: Cut, qname: str, rtype: str) -> ReadAnswer | Failure:
        try:
            return await self._descent.ask_zone(walk, cut, qname, rtype)
        except Blocked as blocked:
            return blocked.failure
        except Exhausted:
            return EXHAUSTED


def below(cut: Cut, child: str, reading: ReadAnswer | Failure) -> Cut | None:
    """Return the cut at ``child``; ``cut`` itself if there is none, None if no further zone can be found."""
    if isinstance(reading, Failure) or reading.chain:
        return None
    match reading.kind:
        case AnswerKind.REFERRAL:
            return cut_of(reading, cut.zone)
        case AnswerKind.ANSWER:  # the same servers hold both zones
            return Cut(zone=child, parent=cut.zone, servers=reading.records, addresses=cut.addresses)
        case AnswerKind.NO_DATA:
            return cut
        case _:
            return None
