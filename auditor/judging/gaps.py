"""Shows checks the evidence that is missing because a family did not work at the vantage.

A check that excuses a subject by a probe must see that the probe was to be run, and that its result is unknown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from auditor.framework.findings import Reason
from auditor.judging.gates import UngradedVerdict
from probes.framework.evidence import Evidence, EvidenceSet, Failure, FailureKind

_SICK = Failure(kind=FailureKind.CUT_SHORT, detail="the family did not work at the vantage")


def with_gaps(kept: EvidenceSet, aside: Sequence[Evidence]) -> EvidenceSet:
    """Return all evidence; pieces that were set aside stand as cut short, without steps."""
    return EvidenceSet([*kept, *(replace(one, steps=(), failure=_SICK) for one in aside)]) if aside else kept


def by_gaps(said: UngradedVerdict, aside: Sequence[Evidence]) -> UngradedVerdict:
    """Return the verdict; its reason is the family if it is undecided because of evidence that was set aside."""
    cited = [one for one in aside if one.id in said.verdict.evidence and one.endpoint is not None]
    return replace(said, reason=reason_of_family(cited)) if said.reason is Reason.CUT and cited else said


def reason_of_family(aside: Iterable[Evidence]) -> Reason:
    """Return the reason for evidence that was set aside: the family, IPv6 if any of it was measured over that."""
    families = (one.endpoint.address.version for one in aside if one.endpoint is not None)
    return Reason.V6 if max(families) == 6 else Reason.V4
