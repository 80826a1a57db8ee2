"""Decides that no defect rests on a measurement during announced work, or at an uncertain time."""

from collections.abc import Iterator
from dataclasses import replace

from auditor.framework.context import Context
from auditor.framework.findings import Outcome, Reason, Verdict
from auditor.judging.evidence_guard import rests_on
from auditor.judging.gates import UngradedVerdict, code_of
from inventory.model import Subject
from probes.framework.evidence import Evidence, EvidenceSet


def excuse(verdict: Verdict, subject: Subject, evidence: EvidenceSet, ctx: Context) -> UngradedVerdict | None:
    """Return INCONCLUSIVE instead of a defect that rests on a measurement during announced work; None if it stands.

    It is INCONCLUSIVE too if work is announced for the subject and the vantage's clock was wrong at a measurement.
    """
    measured = tuple(_measured(verdict, evidence))
    if any(ctx.is_closed(subject, envelope.started) for envelope in measured):
        return _said(verdict, "MAINTENANCE", Reason.SMPL)
    if ctx.has_announced_work(subject) and not all(ctx.vantage.clock(envelope.started) for envelope in measured):
        return _said(verdict, code_of(Reason.REF), Reason.REF)
    return None


def _measured(verdict: Verdict, evidence: EvidenceSet) -> Iterator[Evidence]:
    return (envelope for envelope in rests_on(verdict, evidence) if any(step.MEASURED for step in envelope.steps))


def _said(verdict: Verdict, code: str, reason: Reason) -> UngradedVerdict:
    return UngradedVerdict(verdict=replace(verdict, code=code, args={}), outcome=Outcome.INCONCLUSIVE, reason=reason)
