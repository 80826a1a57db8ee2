"""Follows the chain of trust from the anchor down: which zones are secure, unsigned or broken.

RFC 4035 §5. A chain that ends in a proof that the parent has no DS is insecure; one that only lacks signatures is
bogus, because an attacker who strips signatures would produce the same.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

import dns.name
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS
from dns.rdtypes.ANY.NSEC import NSEC
from dns.rdtypes.ANY.NSEC3 import NSEC3
from dns.rdtypes.ANY.SOA import SOA

from auditor.facts.dns.dnssec.answers import TimedAnswer
from auditor.facts.dns.dnssec.denial import RECORDS, Denials, Proof
from auditor.facts.dns.dnssec.signatures import Signer, TooManyVerifications, Why, Work, of_anchor, usable
from inventory.model import IPAddress

_DEPTH = 24
_HALF = 2**31
"""Half of the range in which serials wrap around."""


class TrustState(Enum):
    SECURE = "secure"
    INSECURE = "insecure"  # proven to be unsigned from this zone on
    BOGUS = "bogus"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneTrust:
    """Holds the trust state of one zone.

    ``at``: the zone with the data that decided it; ``unsupported``: it is signed, but only with unsupported algorithms
    or digests.
    """

    state: TrustState
    at: dns.name.Name
    why: Why | None = None
    unsupported: bool = False
    keys: tuple[DNSKEY, ...] = ()
    ds: tuple[DS, ...] = ()
    path: tuple[dns.name.Name, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAnswer:
    """Holds the validation result of one answer.

    ``why`` is None if it is valid. ``insecure``: it also proves nothing, because of opt-out or too many iterations, so
    that resolvers accept it unvalidated.
    """

    said: TimedAnswer
    why: Why | None
    insecure: bool = False


@dataclass(slots=True)
class Validator:
    """Validates the answers of one subject, each at the time of its arrival."""

    answers: Sequence[TimedAnswer]
    anchors: Sequence[DS]
    work: Work = field(default_factory=Work)
    _known: dict[dns.name.Name, ZoneTrust] = field(default_factory=dict)

    def trust(self, zone: dns.name.Name) -> ZoneTrust:
        """Return the trust state of a zone by its chain; UNKNOWN if it was not asked for."""
        if zone not in self._known:
            try:
                self._known[zone] = self._trust(zone)
            except TooManyVerifications:
                self._known[zone] = ZoneTrust(state=TrustState.UNKNOWN, at=zone, why=Why.TOO_MUCH)
        return self._known[zone]

    def of(self, zone: dns.name.Name, rdtype: int, name: dns.name.Name | None = None) -> list[TimedAnswer]:
        """Return the answers of a zone to one question."""
        wanted = zone if name is None else name
        return [
            answer for answer in self.answers if (answer.zone, answer.name, answer.rdtype) == (zone, wanted, rdtype)
        ]

    def judged(self, answer: TimedAnswer, trust: ZoneTrust) -> JudgedAnswer:
        """Return whether one answer of a secure zone is valid."""
        signer = Signer(zone=answer.zone, keys=trust.keys, at=answer.at, work=self.work)
        try:
            return _judged(answer, signer)
        except TooManyVerifications:
            return JudgedAnswer(said=answer, why=Why.TOO_MUCH)

    def _trust(self, zone: dns.name.Name) -> ZoneTrust:
        if zone == dns.name.root:
            return self._with_keys(zone, self.anchors, ())
        above = next((answer.zone for answer in self.answers if _is_cut(answer, zone)), None)
        if above is None or len(zone) > _DEPTH:
            return ZoneTrust(state=TrustState.UNKNOWN, at=zone, why=Why.NO_ANSWER)
        parent = self.trust(above)
        if parent.state is not TrustState.SECURE:
            return ZoneTrust(state=parent.state, at=parent.at, why=parent.why, path=(*parent.path, zone))
        results = [self.judged(answer, parent) for answer in self.of(above, dns.rdatatype.DS, zone) if answer.message]
        if not results:
            return ZoneTrust(state=TrustState.UNKNOWN, at=above, why=Why.NO_ANSWER, path=parent.path)
        best = min(results, key=lambda result: result.why or 0)
        if best.why is not None:
            state = TrustState.UNKNOWN if best.why in (Why.TOO_MUCH, Why.EDGE) else TrustState.BOGUS
            return ZoneTrust(state=state, at=above, why=best.why, path=parent.path)
        rrset = best.said.found()
        records = () if rrset is None else tuple(record for record in rrset if isinstance(record, DS))
        if not usable(records):
            return ZoneTrust(state=TrustState.INSECURE, at=zone, unsupported=bool(records), path=(*parent.path, zone))
        return self._with_keys(zone, records, parent.path)

    def _with_keys(self, zone: dns.name.Name, anchors: Sequence[DS], path: tuple[dns.name.Name, ...]) -> ZoneTrust:
        """Return the zone's trust state, with the keys that any of its servers shows signed by a trusted key."""
        reasons: list[Why] = []
        for answer in self._newest_first(zone):
            if answer.message is not None:
                why, keys = self.keys(answer, anchors)
                if why is None:
                    return ZoneTrust(
                        state=TrustState.SECURE, at=zone, keys=keys, ds=tuple(usable(anchors)), path=(*path, zone)
                    )
                reasons.append(why)
        why = min(reasons, default=Why.NO_ANSWER)
        state = TrustState.UNKNOWN if why in (Why.NO_ANSWER, Why.TOO_MUCH, Why.EDGE) else TrustState.BOGUS
        return ZoneTrust(state=state, at=zone, why=why, ds=tuple(usable(anchors)), path=(*path, zone))

    def behind(self, zone: dns.name.Name) -> frozenset[IPAddress]:
        """Return the servers with an older copy than the newest of the same primary (RFC 1982)."""
        heads = self._heads(zone)
        newest = max(heads.values(), key=_ahead_of(heads), default=None)
        same = {server: head for server, head in heads.items() if newest is not None and head.mname == newest.mname}
        return frozenset(server for server, head in same.items() if newest is not None and head.serial != newest.serial)

    def _newest_first(self, zone: dns.name.Name) -> list[TimedAnswer]:
        """Return the answers with a zone's keys, those of servers with the newest serial first.

        A server that stopped copying the zone may show keys that are no longer in use, with signatures that are still
        valid.
        """
        heads = self._heads(zone)
        ahead = {server: _ahead_of(heads)(head) for server, head in heads.items()}
        answers = self.of(zone, dns.rdatatype.DNSKEY)
        return sorted(answers, key=lambda answer: -ahead.get(answer.server, 0) if answer.server else 0)

    def _heads(self, zone: dns.name.Name) -> dict[IPAddress, SOA]:
        """Return the SOA record that each server gave last."""
        heads: dict[IPAddress, SOA] = {}
        for answer in sorted(self.of(zone, dns.rdatatype.SOA), key=lambda answer: (answer.at, answer.evidence)):
            for record in answer.found() or ():
                if isinstance(record, SOA) and answer.server is not None:
                    heads[answer.server] = record
        return heads

    def keys(self, answer: TimedAnswer, anchors: Iterable[DS]) -> tuple[Why | None, tuple[DNSKEY, ...]]:
        """Return the keys of one answer if they are valid, else the fault; raise TooManyVerifications."""
        rrset = answer.found()
        keys = () if rrset is None else tuple(record for record in rrset if isinstance(record, DNSKEY))
        if rrset is None or not keys:
            return Why.NO_KEYS, ()
        entry = of_anchor(answer.name, keys, anchors)
        if not entry:
            return Why.DS_MISMATCH, ()
        signer = Signer(zone=answer.name, keys=entry, at=answer.at, work=self.work)
        why = signer.check(rrset, answer.signatures(rrset)).why
        if why is Why.UNKNOWN_KEY:  # the DS may name a published key that does not sign the DNSKEY set
            every = replace(signer, keys=keys)
            why = Why.DS_MISMATCH if every.check(rrset, answer.signatures(rrset)).why is None else why
        return why, keys if why is None else ()


def _ahead_of(heads: Mapping[IPAddress, SOA]) -> Callable[[SOA], int]:
    """Return a key function for the order of serials in their circle, with those of these servers in the middle."""
    base = next((int(head.serial) for head in heads.values()), 0)
    return lambda head: (int(head.serial) - base + _HALF) % (2 * _HALF)


def _is_cut(answer: TimedAnswer, zone: dns.name.Name) -> bool:
    """True if an answer is the parent's about the DS of ``zone``."""
    return (
        answer.rdtype == dns.rdatatype.DS
        and answer.name == zone
        and answer.zone != zone
        and zone.is_subdomain(answer.zone)
    )


def _judged(answer: TimedAnswer, signer: Signer) -> JudgedAnswer:
    """Return the result for the records of the name asked for, or for the proof that there are none.

    The target of an alias is judged separately: the server may add data of other zones that it serves.
    """
    moved = [rrset for rrset in answer.answer if rrset.rdtype == dns.rdatatype.DNAME and _is_above(rrset.name, answer)]
    sets = moved or [rrset for rrset in answer.answer if rrset.name == answer.name]
    for rrset in sets:  # a CNAME made from a DNAME needs no signature (RFC 6672 §5.3.1)
        check = signer.check(rrset, answer.signatures(rrset))
        if check.why is not None:
            return JudgedAnswer(said=answer, why=check.why)
        if check.labels < len(rrset.name) - 1 - rrset.name.is_wild():
            proof = _denials(answer, signer).no_closer(rrset.name, check.labels)
            if proof is Proof.MISSING:
                return JudgedAnswer(said=answer, why=Why.BAD_DENIAL)
    return JudgedAnswer(said=answer, why=None) if sets else _denied(answer, signer)


def _is_above(owner: dns.name.Name, answer: TimedAnswer) -> bool:
    """True if a name is above the one asked for, and in the zone."""
    return owner != answer.name and answer.name.is_subdomain(owner) and owner.is_subdomain(answer.zone)


def _denied(answer: TimedAnswer, signer: Signer) -> JudgedAnswer:
    message = answer.message
    denials = _denials(answer, signer)
    missing = message is not None and message.rcode() == dns.rcode.NXDOMAIN
    proof = denials.no_name(answer.name) if missing else denials.no_data(answer.name, answer.rdtype)
    if proof is not Proof.MISSING:
        return JudgedAnswer(said=answer, why=None, insecure=proof is not Proof.PROVEN)
    flawed = [
        check for rrset in _proofs(answer) if (check := signer.check(rrset, answer.signatures(rrset)).why) is not None
    ]
    return JudgedAnswer(said=answer, why=min(flawed, default=Why.BAD_DENIAL))


def _denials(answer: TimedAnswer, signer: Signer) -> Denials:
    held = [rrset for rrset in _proofs(answer) if signer.check(rrset, answer.signatures(rrset)).why is None]
    return Denials(
        zone=answer.zone,
        nsec=tuple((rrset.name, record) for rrset in held for record in rrset if isinstance(record, NSEC)),
        nsec3=tuple((rrset.name, record) for rrset in held for record in rrset if isinstance(record, NSEC3)),
    )


def _proofs(answer: TimedAnswer) -> list[dns.rrset.RRset]:
    kinds = (dns.rdatatype.NSEC, dns.rdatatype.NSEC3)
    return [rrset for rrset in answer.authority if rrset.rdtype in kinds and rrset.name.is_subdomain(answer.zone)][
        :RECORDS
    ]
