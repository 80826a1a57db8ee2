"""Makes a defect INCONCLUSIVE where a probe missed an answer that may excuse it (see ``Check``).

The probe was cut off, or the vantage could not measure when it asked.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from auditor.facts.cut_off import cut_off
from auditor.framework.check import Check
from auditor.framework.findings import DEFECTS, Outcome, Reason, Verdict
from auditor.judging.evidence_guard import rests_on
from auditor.judging.gaps import reason_of_family, with_gaps
from auditor.judging.gates import UngradedVerdict, code_of
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceSet, FailureKind

_REASONS = {
    FailureKind.NO_PERMISSION: Reason.PRIV,
    FailureKind.FILTERED_HERE: Reason.EGR,
    FailureKind.OUT_OF_SCOPE: Reason.SCOPE,
}


def unheard(
    check: Check, said: UngradedVerdict, evidence: EvidenceSet, aside: Sequence[Evidence]
) -> UngradedVerdict | None:
    """Return the verdict as undecided, with the unfinished evidence; None where none is missing.

    ``aside``: the evidence measured while a family did not work at the vantage.
    """
    verdict = said.verdict
    late = check.excused_if_late.get(verdict.code, frozenset())
    probes = check.excused_by.get(verdict.code, frozenset()) | late
    if not probes or said.outcome not in DEFECTS:
        return None
    asked = with_gaps(evidence, [one for one in aside if one.probe in probes])
    unfinished = {id_ for address in _places(verdict, evidence) for id_ in cut_off(asked, probes, address)}
    missing = [one for one in evidence if one.id in unfinished and not (one.probe in late and _was_forbidden(one))]
    sick = [envelope for envelope in aside if envelope.id in unfinished]
    if not (missing or sick):
        return None
    named = tuple(dict.fromkeys([*verdict.evidence, *(envelope.id for envelope in [*missing, *sick])]))
    reason = _reason(missing) if missing else reason_of_family(sick)
    undecided = replace(verdict, code=code_of(reason), args={}, evidence=named)
    return UngradedVerdict(verdict=undecided, outcome=Outcome.INCONCLUSIVE, reason=reason)


def _was_forbidden(envelope: Evidence) -> bool:
    """True if nothing but a missing permission kept the probe from its answers."""
    kinds = {step.failure.kind for step in envelope.steps if step.failure is not None}
    return envelope.failure is None and kinds == {FailureKind.NO_PERMISSION}


def _places(verdict: Verdict, evidence: EvidenceSet) -> Iterator[IPAddress | None]:
    """Yield the address that a verdict is about and those that it compares it with; None where it is about all."""
    yield verdict.address
    if verdict.address is not None:
        yield from {one.endpoint.address for one in rests_on(verdict, evidence) if one.endpoint is not None}


def _reason(missing: Iterable[Evidence]) -> Reason:
    """Return the reason for missing answers; a lack of permission comes first, since more time does not change it."""
    kinds = {step.failure.kind for envelope in missing for step in envelope.steps if step.failure is not None}
    return next((reason for kind, reason in _REASONS.items() if kind in kinds), Reason.CUT)
