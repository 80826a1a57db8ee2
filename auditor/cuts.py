"""What was not measured to its end because the time for one subject was used up, and what a verdict makes of it."""

from dataclasses import replace

from auditor.backstop import about, rests_on
from auditor.findings import Reason, Verdict
from probes.framework.evidence import Evidence, EvidenceSet, FailureKind

_UNSPECIFIC = frozenset({"U_CUT", "NO_EVIDENCE", "NOT_DECIDED", "DNS_NOT_ASKED", "NOT_READ"})
"""Codes that say that something was not measured to its end, and not why."""


def named(verdict: Verdict, reason: Reason | None, evidence: EvidenceSet) -> Verdict:
    """The verdict; one that lacks what the time for one subject did not suffice for names the probes that were cut."""
    if reason is not Reason.CUT or verdict.code not in _UNSPECIFIC:
        return verdict
    probes = sorted({one.probe for one in evidence if _is_out_of_time(one) and about(one, verdict.address)})
    return replace(verdict, code="OUT_OF_TIME", args={"probes": tuple(probes)}) if probes else verdict


def lacks_second_look(verdict: Verdict, evidence: EvidenceSet) -> bool:
    """Whether something that the verdict rests on was to be seen again, and the subject's time did not suffice."""
    cut = {(one.probe, one.task): one.attempt for one in evidence if _is_out_of_time(one)}
    return bool(cut) and any(
        one.attempt < cut.get((one.probe, one.task), 0) for one in rests_on(verdict, evidence) if one.steps
    )


def _is_out_of_time(evidence: Evidence) -> bool:
    return evidence.failure is not None and evidence.failure.kind is FailureKind.OUT_OF_TIME
