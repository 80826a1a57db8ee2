"""Evaluates a domain's SPF from recorded lookups: for unknown senders, and for one address."""

from dataclasses import dataclass, replace

from auditor.facts.dns.names import Lookup, canonical, lookup
from auditor.facts.dns.replay import Replayed, replay
from auditor.framework.context import Context
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.wire.mail.spf.asker import Asker, of_address, unknown_senders
from probes.wire.mail.spf.record import is_null, is_of_others
from probes.wire.mail.spf.walk import Spf, SpfProblem, evaluate

_UNDECIDED = frozenset({SpfProblem.UNANSWERED, SpfProblem.DEPENDS})
_ROLE = "spf"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpfEvaluation:
    """Holds the SPF result that a receiver gets.

    ``unknown``: an unanswered lookup on which the result may depend.
    """

    spf: Spf
    unknown: Lookup | None = None
    evidence: tuple[EvidenceId, ...] = ()


def of_strangers(evidence: EvidenceSet, ctx: Context, domain: str) -> SpfEvaluation:
    """Return the worse SPF result for unknown senders over IPv4 and IPv6, with the larger number of lookups."""
    receiver_results = [_told(evidence, ctx, asker) for asker in unknown_senders(canonical(domain))]
    worst = min(receiver_results, key=lambda told: _rank(told.spf))
    lookups = max(told.spf.lookups for told in receiver_results)
    spf = replace(worst.spf, lookups=lookups)
    ids = tuple(dict.fromkeys(id_ for told in receiver_results for id_ in told.evidence))
    return SpfEvaluation(spf=spf, unknown=worst.unknown, evidence=ids)


def of_sender(evidence: EvidenceSet, ctx: Context, domain: str, address: IPAddress) -> SpfEvaluation:
    """Return the SPF result for mail of the domain from ``address``, with an unknown local part."""
    return _told(evidence, ctx, of_address(address, canonical(domain)))


def _told(evidence: EvidenceSet, ctx: Context, asker: Asker) -> SpfEvaluation:
    replayed: Replayed[Spf] = replay(evaluate(asker.domain, asker), evidence, ctx, _ROLE)
    return SpfEvaluation(spf=replayed.value, unknown=replayed.unknown, evidence=replayed.evidence)


def _rank(spf: Spf) -> int:
    """Return a rank, worst first: invalid or open, undecided, then by the result for unknown senders."""
    if spf.problem is not None:
        return 1 if spf.problem in _UNDECIDED else 0
    return {"+": 0, "?": 2, "~": 3, "-": 4}[spf.result]


def record(evidence: EvidenceSet, ctx: Context, domain: str) -> Lookup:
    """Return the TXT lookup of a domain, which may contain its SPF record."""
    return lookup(evidence, ctx, canonical(domain), "TXT", _ROLE)


def sends_nothing(evidence: EvidenceSet, ctx: Context, domain: str) -> bool:
    """True if the domain's SPF states that no host sends its mail: ``v=spf1 -all`` and no more."""
    return is_null(lookup(evidence, ctx, canonical(domain), "TXT", _ROLE).records)


def sends_by_others(evidence: EvidenceSet, ctx: Context, domain: str) -> bool:
    """True if the domain's SPF refers to the records of other domains for its senders."""
    return is_of_others(lookup(evidence, ctx, canonical(domain), "TXT", _ROLE).records)
