"""Holds a defect against nobody where a probe was cut off whose answer may excuse it (``Check.excused_by``)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from auditor.facts.cut_off import cut_off
from auditor.framework.check import Check
from auditor.framework.findings import DEFECTS, Outcome, Reason, Verdict
from auditor.judging.evidence_guard import rests_on
from auditor.judging.gates import UngradedVerdict, code_of
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceSet, FailureKind

_REASONS = {FailureKind.NO_PERMISSION: Reason.PRIV, FailureKind.OUT_OF_SCOPE: Reason.SCOPE}


def unheard(check: Check, said: UngradedVerdict, evidence: EvidenceSet) -> UngradedVerdict | None:
    """The same thing as undecided, with the evidence that was not finished; None where nothing is missing."""
    verdict = said.verdict
    probes = check.excused_by.get(verdict.code)
    if probes is None or said.outcome not in DEFECTS:
        return None
    unfinished = {id_ for address in _places(verdict, evidence) for id_ in cut_off(evidence, probes, address)}
    if not unfinished:
        return None
    missing = [envelope for envelope in evidence if envelope.id in unfinished]
    named = tuple(dict.fromkeys([*verdict.evidence, *(envelope.id for envelope in missing)]))
    reason = _reason(missing)
    undecided = replace(verdict, code=code_of(reason), args={}, evidence=named)
    return UngradedVerdict(verdict=undecided, outcome=Outcome.INCONCLUSIVE, reason=reason)


def _places(verdict: Verdict, evidence: EvidenceSet) -> Iterator[IPAddress | None]:
    """The address that a verdict is about and those that it compares it with; None where it is about all."""
    yield verdict.address
    if verdict.address is not None:
        yield from {one.endpoint.address for one in rests_on(verdict, evidence) if one.endpoint is not None}


def _reason(missing: Iterable[Evidence]) -> Reason:
    """What we may not do is told before what there was no time for: a longer time does not change it."""
    kinds = {step.failure.kind for envelope in missing for step in envelope.steps if step.failure is not None}
    return next((reason for kind, reason in _REASONS.items() if kind in kinds), Reason.CUT)
