"""Makes "not applicable" INCONCLUSIVE where it rests on a silence that shows nothing.

A subject that is only unknown must not be left out of the count: a site without a page is out of scope, one that could
not be measured may be in it. An error that was answered, or a record that is missing, must be seen twice like a
silence, and shows nothing before.
"""

from collections.abc import Sequence
from dataclasses import replace

from auditor.framework.context import Context
from auditor.framework.findings import Outcome, Reason, Verdict
from auditor.judging import announced_work, second_look
from auditor.judging.evidence_guard import JudgedStep, judged_steps, rests_on, unless_all_refuse
from auditor.judging.gates import UngradedVerdict, code_of
from inventory.model import Subject
from probes.framework.evidence import Evidence, EvidenceSet, Observation
from probes.observations.exposure import PortSweep

_DNS = ("udp/53", "tcp/53")


def excuse(
    verdict: Verdict, subject: Subject, evidence: EvidenceSet, aside: Sequence[Evidence], ctx: Context, *, outage: bool
) -> UngradedVerdict | None:
    """Return INCONCLUSIVE for "not applicable" that rests on a silence or momentary state without proof, else None.

    The silence is at an address and port that the named evidence shows; it is weighed as it would be for a defect.

    ``aside``: the evidence measured while the vantage could not tell. ``outage``: our own end may be down.
    """
    seen = tuple(rests_on(verdict, evidence)) if verdict.evidence else ()
    places = _places(seen, verdict, evidence, ctx)
    is_silent = not all(any(not step.failed for step in steps) for steps in places)
    doubtful = [step for envelope in seen for step in envelope.steps if step.worth_confirming]
    if is_silent or any(step.at() is not None for step in doubtful):
        announced = announced_work.excuse(verdict, subject, evidence, ctx)
        if announced is not None:
            return announced
    reason = _why_silent(places, outage=outage) if is_silent else None
    if reason is None and (is_silent or doubtful):
        reason = second_look.missing((Observation,), verdict, evidence, aside, ctx)
    if reason is None:
        return None
    undecided = replace(verdict, code=code_of(reason), args={})
    return UngradedVerdict(verdict=undecided, outcome=Outcome.INCONCLUSIVE, reason=reason)


def _why_silent(places: Sequence[Sequence[JudgedStep]], *, outage: bool) -> Reason | None:
    """Return why a silence shows nothing; None where every one may be reported as a defect."""
    reason = next((steps[0].reason for steps in places if all(step.reason is not None for step in steps)), None)
    return reason or (Reason.EGR if outage else None)


def _places(seen: Sequence[Evidence], verdict: Verdict, evidence: EvidenceSet, ctx: Context) -> list[list[JudgedStep]]:
    """Return the steps of the evidence that a verdict names, by address and port.

    Port sweeps are left out: a sweep is named for any of its ports, and its checks themselves report where none of its
    silences shows anything. For a zone as a whole, an answer of any of its name servers counts.
    """
    groups: dict[object, list[JudgedStep]] = {}
    for envelope in seen:
        for step in judged_steps(envelope, evidence, ctx):
            if step.address is not None and step.kind is not PortSweep:
                of_zone = verdict.address is None and step.transport in _DNS
                place = _DNS if of_zone else (step.address, step.transport)
                groups.setdefault(place, []).append(unless_all_refuse(step, ctx))
    return list(groups.values())
