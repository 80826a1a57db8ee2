"""What DNSSEC makes of a whole zone: its chain, every answer that was asked for, and every server by itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import dns.exception
import dns.name
import dns.rdatatype

from auditor.context import Context
from auditor.facts.dnssec.answers import Said, all_of
from auditor.facts.dnssec.signatures import Why
from auditor.facts.dnssec.trust import Judged, State, Trust, Validator
from auditor.facts.remembered import remembered
from auditor.trust_anchor import read
from inventory.model import IPAddress, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dnssec import SecondOpinion

_ESSENTIAL = frozenset(dns.rdatatype.from_text(word) for word in ("SOA", "NS", "A", "AAAA", "MX"))
_UNDECIDED = frozenset({Why.TOO_MUCH, Why.EDGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A zone. ``broken`` are the questions to which no server gives an answer that holds; ``stale`` the servers whose
    answers do not hold while others' do; ``judged`` everything that was looked at; ``silent`` the names with questions
    that nobody answered: what they hold is not known. ``has_keys``: whether it is signed
    at all, trusted or not."""

    name: dns.name.Name
    trust: Trust
    validator: Validator
    has_keys: bool
    broken: tuple[Judged, ...] = ()
    stale: tuple[IPAddress, ...] = ()
    why_stale: Why | None = None
    judged: tuple[Judged, ...] = ()
    silent: tuple[str, ...] = ()
    evidence: tuple[EvidenceId, ...] = ()

    def evidence_of(self, *zones: dns.name.Name) -> tuple[EvidenceId, ...]:
        """The evidence that holds answers of these zones, or of all."""
        found = [said.evidence for said in self.validator.answers if not zones or said.zone in zones]
        return tuple(sorted(dict.fromkeys(found)))


@remembered
def examine(name: str, evidence: EvidenceSet, ctx: Context) -> Signed | None:
    """None where nothing was asked, or there is no trust anchor to begin with."""
    answers = tuple(all_of(evidence))
    apex = _name(name)
    if apex is None or not answers or not ctx.reference.trust_anchor:
        return None
    validator = Validator(answers=answers, anchors=read(ctx.reference.trust_anchor), now=ctx.now)
    trust = validator.trust(apex)
    keys = [said for said in validator.of(apex, dns.rdatatype.DNSKEY) if said.found() is not None]
    ids = tuple(sorted({said.evidence for said in answers if said.message is not None}))
    if trust.state is not State.SECURE:
        return Signed(name=apex, trust=trust, validator=validator, has_keys=bool(keys), evidence=ids)
    judged = [_judge(validator, trust, said) for said in answers if said.zone == apex and _counts(said, apex)]
    stale = _stale(judged)
    broken = _broken([one for one in judged if one.said.server not in stale])
    return Signed(
        name=apex,
        trust=trust,
        validator=validator,
        has_keys=True,
        broken=tuple(broken),
        stale=tuple(stale),
        why_stale=min((one.why for one in judged if one.said.server in stale and one.why), default=None),
        judged=tuple(judged),
        silent=_silent(answers, apex),
        evidence=ids,
    )


def _silent(answers: Iterable[Said], apex: dns.name.Name) -> tuple[str, ...]:
    asked = [one for one in answers if one.zone == apex and one.rdtype in _ESSENTIAL]
    heard = {(one.name, one.rdtype) for one in asked if one.message is not None}
    return tuple(sorted({shown(one.name) for one in asked if (one.name, one.rdtype) not in heard}))


def _counts(said: Said, apex: dns.name.Name) -> bool:
    return said.message is not None and not (said.rdtype == dns.rdatatype.DS and said.name != apex)


def _judge(validator: Validator, trust: Trust, said: Said) -> Judged:
    if said.rdtype != dns.rdatatype.DNSKEY:
        return validator.judged(said, trust)
    return Judged(said=said, why=validator.keys(said, trust.ds)[0])


def _stale(judged: Iterable[Judged]) -> list[IPAddress]:
    """Servers that give an answer that does not hold where another server's answer to the same question does."""
    good = {(one.said.name, one.said.rdtype) for one in judged if one.why is None}
    found = {
        one.said.server
        for one in judged
        if one.why is not None and one.why not in _UNDECIDED and (one.said.name, one.said.rdtype) in good
    }
    return sorted((one for one in found if one is not None), key=lambda a: (a.version, int(a)))


def _broken(judged: Sequence[Judged]) -> list[Judged]:
    good = {(one.said.name, one.said.rdtype) for one in judged if one.why is None}
    bad = [one for one in judged if one.why is not None and (one.said.name, one.said.rdtype) not in good]
    return sorted(bad, key=lambda one: (one.why or 0, one.said.text, one.said.evidence))


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions:
    """What validating resolvers said: whether any calls the zone secure, insecure, bogus."""

    secure: bool = False
    insecure: bool = False
    bogus: bool = False
    evidence: tuple[EvidenceId, ...] = ()


def opinions(name: str, evidence: EvidenceSet) -> Opinions:
    """Only resolvers that show that they validate count; SERVFAIL is bogus only if checking is what made it."""
    found = [(envelope.id, step) for envelope, step in evidence.of(SecondOpinion) if step.qname == name]
    found = [(id_, step) for id_, step in found if step.validates and step.failure is None]
    return Opinions(
        secure=any(step.authentic and step.rcode == "NOERROR" for _, step in found),
        insecure=any(not step.authentic and step.rcode == "NOERROR" for _, step in found),
        bogus=any(step.rcode == "SERVFAIL" and step.unchecked == "NOERROR" for _, step in found),
        evidence=tuple(sorted({id_ for id_, _ in found})),
    )


def shown(name: dns.name.Name) -> str:
    """A name as findings write it."""
    return name.to_text(omit_final_dot=len(name) > 1).lower()


def addresses(found: Iterable[IPAddress]) -> tuple[str, ...]:
    return tuple(written(one) for one in found)


def _name(text: str) -> dns.name.Name | None:
    try:
        return dns.name.from_text(text)
    except (dns.exception.DNSException, ValueError):
        return None
