"""Validates a whole zone: its chain, every answer of its data, and every server by itself."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import dns.exception
import dns.name
import dns.rdatatype

from auditor.facts.cached import remembered
from auditor.facts.dns.dnssec.answers import TimedAnswer, all_of
from auditor.facts.dns.dnssec.signatures import Why
from auditor.facts.dns.dnssec.trust import JudgedAnswer, TrustState, Validator, ZoneTrust
from auditor.framework.context import Context
from auditor.framework.trust_anchor import read
from inventory.model import IPAddress, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dnssec import SecondOpinion

_ESSENTIAL = frozenset(dns.rdatatype.from_text(word) for word in ("SOA", "NS", "A", "AAAA", "MX"))
_PATH = frozenset({dns.rdatatype.NS, dns.rdatatype.DS})
_FOR_THE_PARENT = frozenset({dns.rdatatype.CDS, dns.rdatatype.CDNSKEY})
_UNDECIDED = frozenset({Why.TOO_MUCH, Why.EDGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedZone:
    """Holds the validation result of a zone.

    ``broken``: the questions without a valid answer from any server; ``stale``: the servers with invalid answers where
    others' are valid; ``judged``: all validated answers; ``silent``: names with questions that were not answered, or
    not for this zone as far as was seen. ``has_keys``: whether it is signed at all, trusted or not; ``showed_keys``:
    whether a server answered about its keys.
    """

    name: dns.name.Name
    trust: ZoneTrust
    validator: Validator
    has_keys: bool
    showed_keys: bool = True
    broken: tuple[JudgedAnswer, ...] = ()
    stale: tuple[IPAddress, ...] = ()
    judged: tuple[JudgedAnswer, ...] = ()
    silent: tuple[str, ...] = ()
    evidence: tuple[EvidenceId, ...] = ()

    def evidence_of(self, *zones: dns.name.Name) -> tuple[EvidenceId, ...]:
        """Return the evidence with answers of these zones; of all zones if none is given."""
        evidence_ids = [answer.evidence for answer in self.validator.answers if not zones or answer.zone in zones]
        return tuple(sorted(dict.fromkeys(evidence_ids)))


@remembered
def examine(name: str, evidence: EvidenceSet, ctx: Context) -> SignedZone | None:
    """Return the validation result of a zone; None if nothing was asked, or there is no trust anchor."""
    answers = all_of(evidence)
    apex = _name(name)
    if apex is None or not answers or not ctx.reference.trust_anchor:
        return None
    validator = Validator(answers=answers, anchors=read(ctx.reference.trust_anchor))
    trust = validator.trust(apex)
    shown_keys = [answer for answer in validator.of(apex, dns.rdatatype.DNSKEY) if answer.message is not None]
    has_keys = any(answer.found() is not None for answer in shown_keys)
    ids = tuple(sorted({answer.evidence for answer in answers if answer.message is not None}))
    if trust.state is not TrustState.SECURE:
        return SignedZone(
            name=apex, trust=trust, validator=validator, has_keys=has_keys, showed_keys=bool(shown_keys), evidence=ids
        )
    holding = OwnData(apex=apex, answers=answers)
    judged = [
        _judge(validator, trust, answer) for answer in answers if holding.asks_for_data(answer) and answer.message
    ]
    judged = [
        judged_answer for judged_answer in judged if judged_answer.why is None or holding.is_own(judged_answer.said)
    ]
    stale = _stale(judged)
    broken = _broken([judged_answer for judged_answer in judged if judged_answer.said.server not in stale])
    return SignedZone(
        name=apex,
        trust=trust,
        validator=validator,
        has_keys=True,
        broken=tuple(broken),
        stale=tuple(stale),
        judged=tuple(judged),
        silent=_silent(holding, judged),
        evidence=ids,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnData:
    """Tells which answers contain a zone's own data.

    A server may serve a child zone too, and answer for it with authority: such data is not the zone's.
    """

    apex: dns.name.Name
    answers: Sequence[TimedAnswer]

    def asks_for_data(self, answer: TimedAnswer) -> bool:
        """True if an answer is to a question about data of the zone.

        The other questions find the way to zones below it, or ask for records meant only for the parent
        (``security.dns.cds``).
        """
        path = answer.name != self.apex and answer.rdtype in _PATH
        return answer.zone == self.apex and not path and answer.rdtype not in _FOR_THE_PARENT

    def is_own(self, said: TimedAnswer) -> bool:
        """True if an answer is of the zone itself: it says so, or no delegation was found on the way to its name."""
        if said.name == self.apex:
            return True
        way = [answer for answer in self.answers if self._is_on_the_way(answer, said.name)]
        if any(answer.found() is not None for answer in way):
            return False
        return any(answer.message is not None for answer in way) or self.apex in _speakers(said)

    def _is_on_the_way(self, answer: TimedAnswer, name: dns.name.Name) -> bool:
        of_zone = (answer.zone, answer.rdtype) == (self.apex, dns.rdatatype.NS)
        return of_zone and answer.name != self.apex and name.is_subdomain(answer.name)


def _speakers(answer: TimedAnswer) -> Iterator[dns.name.Name]:
    """Yield the zones that an answer comes from: by its signatures, or by the SOA of a denial."""
    yield from (signature.signer for rrset in answer.answer for signature in answer.signatures(rrset))
    yield from (rrset.name for rrset in answer.authority if rrset.rdtype == dns.rdatatype.SOA)


def _silent(holding: OwnData, judged: Iterable[JudgedAnswer]) -> tuple[str, ...]:
    asked = [answer for answer in holding.answers if holding.asks_for_data(answer) and answer.rdtype in _ESSENTIAL]
    heard = {(judged_answer.said.name, judged_answer.said.rdtype) for judged_answer in judged}
    return tuple(sorted({shown(answer.name) for answer in asked if (answer.name, answer.rdtype) not in heard}))


def _judge(validator: Validator, trust: ZoneTrust, answer: TimedAnswer) -> JudgedAnswer:
    if answer.rdtype != dns.rdatatype.DNSKEY:
        return validator.judged(answer, trust)
    return JudgedAnswer(said=answer, why=validator.keys(answer, trust.ds)[0])


def _stale(judged: Iterable[JudgedAnswer]) -> list[IPAddress]:
    """Return servers with only invalid answers to a question that has a valid answer elsewhere."""
    judged = tuple(judged)
    good = {
        (judged_answer.said.name, judged_answer.said.rdtype) for judged_answer in judged if judged_answer.why is None
    }
    healed = {
        (judged_answer.said.server, judged_answer.said.name, judged_answer.said.rdtype)
        for judged_answer in judged
        if judged_answer.why is None
    }
    found = {
        judged_answer.said.server
        for judged_answer in judged
        if judged_answer.why not in (None, *_UNDECIDED)
        and (judged_answer.said.name, judged_answer.said.rdtype) in good
        and (judged_answer.said.server, judged_answer.said.name, judged_answer.said.rdtype) not in healed
    }
    return sorted((address for address in found if address is not None), key=lambda a: (a.version, int(a)))


def _broken(judged: Sequence[JudgedAnswer]) -> list[JudgedAnswer]:
    good = {
        (judged_answer.said.name, judged_answer.said.rdtype) for judged_answer in judged if judged_answer.why is None
    }
    bad = [
        judged_answer
        for judged_answer in judged
        if judged_answer.why is not None and (judged_answer.said.name, judged_answer.said.rdtype) not in good
    ]
    return sorted(
        bad, key=lambda judged_answer: (judged_answer.why or 0, judged_answer.said.text, judged_answer.said.evidence)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions:
    """Holds the results of validating resolvers: whether any calls the zone secure, insecure, bogus."""

    secure: bool = False
    insecure: bool = False
    bogus: bool = False
    evidence: tuple[EvidenceId, ...] = ()


def opinions(name: str, evidence: EvidenceSet) -> Opinions:
    """Return the results of validating resolvers for a name.

    Only resolvers that show that they validate count. SERVFAIL means bogus only if the answer without checking is good.
    """
    pairs = [(envelope.id, step) for envelope, step in evidence.of(SecondOpinion) if step.qname == name]
    pairs = [(id_, step) for id_, step in pairs if step.validates and step.failure is None]
    return Opinions(
        secure=any(step.authentic and step.rcode == "NOERROR" for _, step in pairs),
        insecure=any(not step.authentic and step.rcode == "NOERROR" for _, step in pairs),
        bogus=any(step.rcode == "SERVFAIL" and step.unchecked == "NOERROR" for _, step in pairs),
        evidence=tuple(sorted({id_ for id_, _ in pairs})),
    )


def shown(name: dns.name.Name) -> str:
    """Return a name as findings write it."""
    return name.to_text(omit_final_dot=len(name) > 1).lower()


def addresses(found: Iterable[IPAddress]) -> tuple[str, ...]:
    return tuple(written(address) for address in found)


def _name(text: str) -> dns.name.Name | None:
    try:
        return dns.name.from_text(text)
    except (dns.exception.DNSException, ValueError):
        return None
