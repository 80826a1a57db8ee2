"""Simulates ``Names`` with tables of records and of the delegations of zones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

import dns.message
import dns.rrset

from probes.framework.recorder import Recorder
from probes.net.dns.state import ancestors
from probes.observations.dns import Delegation, LookupStatus, NameLookup
from probes.observations.dnspath import FamilyCut, Referral
from probes.observations.dnssec import SecondOpinion, ZoneAnswer


@dataclass
class FakeNames:
    """Answers from ``records``, which maps (name, type) to record data.

    ``cuts`` maps names to their delegations; ``aliases`` maps names to the targets of their aliases, in order.
    """

    records: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    cuts: Mapping[str, Delegation] = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unanswered: frozenset[tuple[str, str]] = frozenset()

    async def lookup(self, rec: Recorder, name: str, rtype: str, *, role: str) -> NameLookup:
        chain = self.aliases.get(name, ())
        found = self.records.get(((name, *chain)[-1], rtype), ())
        status = LookupStatus.ANSWER if found else LookupStatus.NO_DATA
        status = LookupStatus.NO_ANSWER if (name, rtype) in self.unanswered else status
        look = NameLookup(name=name, rtype=rtype, role=role, status=status, records=found, chain=chain)
        return rec.record(look, t0=rec.now())

    async def lookup_many(self, rec: Recorder, wanted: Sequence[tuple[str, str, str]]) -> tuple[NameLookup, ...]:
        return tuple([await self.lookup(rec, name, rtype, role=role) for name, rtype, role in wanted])

    async def delegation(self, rec: Recorder, name: str) -> Delegation:
        return rec.record(self.cuts[name], t0=rec.now())

    async def signed_path(self, rec: Recorder, name: str, *, start: str = ".") -> str:
        return next((zone for zone in ancestors(name) if zone in self.cuts), ".")

    async def signed(self, rec: Recorder, zone: str, name: str, rtype: str) -> ZoneAnswer:
        wire = answered(name, rtype, self.records.get((name, rtype), ()))
        return rec.record(ZoneAnswer(zone=zone, qname=name, qtype=rtype, response=wire), t0=rec.now())

    async def one_family(self, rec: Recorder, name: str, family: int) -> None:
        rec.record(FamilyCut(family=family, zone=name), t0=rec.now())

    async def referrals(self, rec: Recorder, name: str) -> None:
        rec.record(Referral(zone=name, parent=".", server=ip_address("192.0.2.1")), t0=rec.now())

    async def second_opinion(self, rec: Recorder, name: str, rtype: str) -> None:
        rec.record(SecondOpinion(server=ip_address("192.0.2.53"), qname=name, qtype=rtype), t0=rec.now())


def answered(name: str, rtype: str, records: Sequence[str]) -> bytes:
    """Return the answer that holds ``records``: names without their last dot, or data in the generic form."""
    message = dns.message.make_response(dns.message.make_query(name, rtype, id=0))
    if records:
        texts = [record if record.startswith("\\#") else f"{record}." for record in records]
        message.answer.append(dns.rrset.from_text_list(f"{name}.", 60, "IN", rtype, texts))
    return message.to_wire()
