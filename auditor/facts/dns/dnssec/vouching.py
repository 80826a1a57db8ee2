"""Decides whether DNSSEC secures the records of one name and the CNAMEs that lead to them (RFC 7672 §2.1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import dns.exception
import dns.name
import dns.rdata
import dns.rdatatype

from auditor.facts.cached import remembered
from auditor.facts.dns.dnssec.answers import all_of
from auditor.facts.dns.dnssec.signatures import Why
from auditor.facts.dns.dnssec.trust import TrustState, Validator
from auditor.facts.dns.dnssec.zones import opinions
from auditor.facts.not_judged import unasked
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from auditor.framework.trust_anchor import read
from probes.framework.evidence import EvidenceId, EvidenceSet

_OURS = frozenset({Why.TOO_MUCH, Why.EDGE})
_WORST_FIRST = (TrustState.UNKNOWN, TrustState.BOGUS, TrustState.INSECURE, TrustState.SECURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Holds the DNSSEC state of records.

    ``reason`` is set with UNKNOWN and BOGUS; ``records``: the valid ones, if the state is SECURE.
    """

    state: TrustState
    reason: Reason | None = None
    records: tuple[dns.rdata.Rdata, ...] = ()
    evidence: tuple[EvidenceId, ...] = ()


@remembered
def vouched(evidence: EvidenceSet, ctx: Context, names: tuple[str, ...], rtype: str) -> Vouched:
    """Return the DNSSEC state of the records of a name; every CNAME step must be valid.

    ``names``: the name asked for and the targets of its CNAMEs, in order. A validating resolver that disagrees makes
    the state unknown, but never decides it.
    """
    if not ctx.reference.trust_anchor:
        return Vouched(state=TrustState.UNKNOWN, reason=Reason.REF)
    validator = _validator(evidence, ctx)
    steps = [_step(validator, evidence, ctx, name, rtype) for name in names]
    worst = min(steps, key=lambda step: _WORST_FIRST.index(step.state))
    ids = tuple(dict.fromkeys(id_ for step in steps for id_ in step.evidence))
    if _contradicted(worst.state, names[0], evidence):
        return Vouched(state=TrustState.UNKNOWN, reason=Reason.AMB, evidence=ids)
    return Vouched(state=worst.state, reason=worst.reason, records=steps[-1].records, evidence=ids)


@remembered
def _validator(evidence: EvidenceSet, ctx: Context) -> Validator:
    """Return one validator for a subject, so that the work is bounded for all its names together."""
    return Validator(answers=all_of(evidence), anchors=read(ctx.reference.trust_anchor))


def _step(validator: Validator, evidence: EvidenceSet, ctx: Context, text: str, rtype: str) -> Vouched:
    try:
        name = dns.name.from_text(text)
    except (dns.exception.DNSException, ValueError):
        return Vouched(state=TrustState.UNKNOWN, reason=Reason.DNS)
    wanted = int(dns.rdatatype.from_text(rtype))
    answers = [
        answer
        for answer in validator.answers
        if (answer.name, answer.rdtype) == (name, wanted) and answer.message is not None
    ]
    ids = tuple(dict.fromkeys(answer.evidence for answer in answers))
    if not answers:
        return Vouched(state=TrustState.UNKNOWN, reason=unasked(ctx, evidence, text).reason, evidence=ids)
    trust = validator.trust(answers[0].zone)
    whys = [trust.why]
    if trust.state is TrustState.SECURE:
        judged = [validator.judged(answer, trust) for answer in answers]
        whys = [judged_answer.why for judged_answer in judged]
        good = [judged_answer for judged_answer in judged if judged_answer.why is None]
        if good and all(judged_answer.insecure for judged_answer in good):
            return Vouched(state=TrustState.INSECURE, evidence=ids)
        if good:
            return Vouched(
                state=TrustState.SECURE,
                records=_records([judged_answer.said.found() for judged_answer in good]),
                evidence=ids,
            )
    elif trust.state is TrustState.INSECURE:
        return Vouched(state=TrustState.INSECURE, evidence=ids)
    broken = trust.state is not TrustState.UNKNOWN and not _OURS & set(whys)
    reason = Reason.REF if _OURS & set(whys) else Reason.DNS
    return Vouched(state=TrustState.BOGUS if broken else TrustState.UNKNOWN, reason=reason, evidence=ids)


def _records(sets: Sequence[Iterable[dns.rdata.Rdata] | None]) -> tuple[dns.rdata.Rdata, ...]:
    return tuple(dict.fromkeys(record for rdatas in sets for record in rdatas or ()))


def _contradicted(state: TrustState, name: str, evidence: EvidenceSet) -> bool:
    second = opinions(name, evidence)
    if state is TrustState.SECURE:
        return not second.secure and (second.insecure or second.bogus)
    return state is TrustState.INSECURE and not second.insecure and (second.secure or second.bogus)
