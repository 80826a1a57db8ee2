"""Finds defects that needed a second look and got none: CHECKS §0.7 (G4) reports nothing grave on a single look."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime

from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from auditor.judging.evidence_guard import rests_on, why_not_held
from probes.framework.evidence import Attribution, Evidence, EvidenceSet, FailureKind, Observation
from probes.observations.dns import Delegation, NameLookup
from probes.observations.dnssec import ZoneAnswer

Needs = tuple[type[Observation], ...]
_OF_NAMES = (NameLookup, Delegation, ZoneAnswer)
"""Observations that any of a name's servers may give: the silence of one takes nothing from another's answer."""
_CUT_OFF = frozenset({FailureKind.OUT_OF_TIME, FailureKind.BUG})
"""Failures by which our side ended a look; a probe that ran out of its own time may show a slow peer."""
_ASKED = ("name", "rtype", "role", "zone", "qname", "qtype")


def missing(
    needs: Needs, verdict: Verdict, evidence: EvidenceSet, aside: Sequence[Evidence], ctx: Context
) -> Reason | None:
    """Return why a second look that a defect needs is missing; None where it was taken or is not needed.

    ``needs``: the observations that the check reads. ``aside``: the evidence measured while the vantage could not tell.
    A later look counts as none where the subject's time ran out, our own machine failed, or its result shows nothing
    (no server answered for the name).
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
    """True if our machine or budget missed a server of a zone that was asked for the answer a verdict rests on.

    The answers of the other servers may be one stale copy.
    """
    answers = (step for step in seen.steps if isinstance(step, ZoneAnswer) and isinstance(step, needs))
    failures = (step.failure for step in answers if step.failure is not None)
    return any(failure.is_momentary or failure.kind is FailureKind.OVER_BUDGET for failure in failures)


def _follows(one: Evidence, seen: Evidence) -> bool:
    return one.attempt > seen.attempt and (one.probe, one.task) == (seen.probe, seen.task)


def _saw_nothing(one: Evidence, ctx: Context) -> bool:
    """True if our side cut the look off or, in more than one round, this machine missed packets that came."""
    missed = (step.failure is not None and step.failure.is_momentary for step in one.steps)
    return (one.failure is not None and one.failure.kind in _CUT_OFF) or (not ctx.one_round and any(missed))


def _not_again(needs: Needs, seen: Evidence, later: Iterable[Evidence], ctx: Context) -> Reason | None:
    """Return why all repeats of some question of the first look show nothing; None if there is no such question."""
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
    """Return why a step shows nothing, or None; a silent server shows nothing about the data of a name."""
    silent = (
        isinstance(step, _OF_NAMES) and step.failure is not None and step.failure.kind.attribution is Attribution.PATH
    )
    return Reason.DNS if silent else why_not_held(step, at, ctx)


def _may_change(step: Observation) -> bool:
    """True if a step is repeated for itself; every answer in a chain of signatures is, if any link does not fit."""
    return step.worth_confirming or isinstance(step, ZoneAnswer)


def _read(needs: Needs, one: Evidence) -> Iterator[Observation]:
    return (step for step in one.steps if isinstance(step, needs))


def _question(step: Observation) -> Hashable:
    """Return the question of a step, so that the answers of two looks to the same question can be matched."""
    if isinstance(step, _OF_NAMES):
        return (type(step), *(getattr(step, name, None) for name in _ASKED))
    return type(step), step.at()
