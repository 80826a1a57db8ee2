"""Finds what was to be seen a second time, and was not: CHECKS §0.7 (G4) holds nothing grave on one look."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime

from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from auditor.judging.evidence_guard import rests_on, why_not_held
from probes.framework.evidence import Blame, Evidence, EvidenceSet, FailureKind, Observation
from probes.observations.dns import Delegation, NameLookup
from probes.observations.dnssec import ZoneAnswer

Needs = tuple[type[Observation], ...]
_OF_NAMES = (NameLookup, Delegation, ZoneAnswer)
"""What any of a name's servers may answer: that one of them is silent takes nothing from what another says."""
_CUT_OFF = frozenset({FailureKind.OUT_OF_TIME, FailureKind.BUG})
"""How a look ends that we ended; that a probe came to no end in its time may be the other side's slowness."""
_ASKED = ("name", "rtype", "role", "zone", "qname", "qtype")


def missing(
    needs: Needs, verdict: Verdict, evidence: EvidenceSet, aside: Sequence[Evidence], ctx: Context
) -> Reason | None:
    """Why something that a defect rests on was to be seen again and was not; None where it was, or did not have to be.

    ``needs``: the observations that it is read from. ``aside``: what was measured while the vantage could not tell. A
    later look counts as none where the subject's time did not suffice, our own machine failed, or nothing follows from
    what it met with (nobody answered for the name).
    """
    for seen in rests_on(verdict, evidence):
        if not seen.steps:
            continue
        if _missed_a_server(needs, seen):
            return Reason.CUT
        later = [one for one in evidence if _follows(one, seen)]
        if not later and not ctx.one_round and any(_follows(one, seen) for one in aside):
            return Reason.CUT
        if later and all(_saw_nothing(one, ctx) for one in later):
            return Reason.CUT
        if later and not ctx.one_round:
            reason = _not_again(needs, seen, later, ctx)
            if reason is not None:
                return reason
    return None


def _missed_a_server(needs: Needs, seen: Evidence) -> bool:
    """True if one of a zone's servers was asked for what the verdict rests on, and our machine or budget missed it:
    what the others say may be one stale copy."""
    answers = (step for step in seen.steps if isinstance(step, ZoneAnswer) and isinstance(step, needs))
    failures = (step.failure for step in answers if step.failure is not None)
    return any(failure.is_momentary or failure.kind is FailureKind.OVER_BUDGET for failure in failures)


def _follows(one: Evidence, seen: Evidence) -> bool:
    return one.attempt > seen.attempt and (one.probe, one.task) == (seen.probe, seen.task)


def _saw_nothing(one: Evidence, ctx: Context) -> bool:
    """True if the look was cut off by us, or in more than one round this machine missed what came."""
    missed = (step.failure is not None and step.failure.is_momentary for step in one.steps)
    return (one.failure is not None and one.failure.kind in _CUT_OFF) or (not ctx.one_round and any(missed))


def _not_again(needs: Needs, seen: Evidence, later: Iterable[Evidence], ctx: Context) -> Reason | None:
    """Why nothing that was asked again tells of what the first look saw; None where any of it does."""
    again: dict[Hashable, list[Reason | None]] = {}
    for one in later:
        for step in _read(needs, one):
            again.setdefault(_question(step), []).append(_says_nothing(step, one.started, ctx))
    for step in _read(needs, seen):
        if _may_change(step) and _says_nothing(step, seen.started, ctx) is None:
            reasons = again.get(_question(step), [])
            if reasons and all(reasons):
                return reasons[-1]
    return None


def _says_nothing(step: Observation, at: datetime, ctx: Context) -> Reason | None:
    """Why nothing follows from a step; None where something does. Of what a name's servers have, no silence tells."""
    silent = isinstance(step, _OF_NAMES) and step.failure is not None and step.failure.kind.blame is Blame.PATH
    return Reason.DNS if silent else why_not_held(step, at, ctx)


def _may_change(step: Observation) -> bool:
    """True if it is seen again for itself; of a chain of signatures each answer is, if any link does not fit."""
    return step.worth_confirming or isinstance(step, ZoneAnswer)


def _read(needs: Needs, one: Evidence) -> Iterator[Observation]:
    return (step for step in one.steps if isinstance(step, needs))


def _question(step: Observation) -> Hashable:
    """What was asked, so that the answers of two looks can be told to be of the same."""
    if isinstance(step, _OF_NAMES):
        return (type(step), *(getattr(step, name, None) for name in _ASKED))
    return type(step), step.at()
