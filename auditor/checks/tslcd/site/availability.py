"""Measure how much of the last month a connection point was reachable, from samples only."""

from collections.abc import Iterator
from datetime import timedelta

from auditor.facts.moments import day_of
from auditor.facts.tslcd import points
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Kind, Network, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.series import CADENCE, POINT_MONTH, REACH, SeriesWindow

_ID = "tslcd.site.availability"
_YOUNG = timedelta(days=7)
_SLOTS, _WEEK = 30 * 86_400 // CADENCE, _YOUNG // timedelta(seconds=CADENCE)


@check(
    version=4,
    title="Monthly availability of the connection",
    problem="Availability of the connection is too low",
    problems={"BELOW": "Availability of the connection is below target"},
    why="Terminal equipment is to be in operation around the clock; work that depends on it stops whenever it is not.",
    fix="Give the site a UPS and a second access, and have chronic faults repaired.",
    references=("mục 3 Phụ lục I Thông tư số 06/2026/TT-BKHCN",),
    needs=(SeriesWindow,),
    kinds=frozenset({Kind.CONNECTION_POINT}),
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.TSL}),
    window=POINT_MONTH,
    messages={
        "STEADY": passed(
            "{name} was reachable in {share:percent} of {count:n} {count/sample/samples} of the last 30 days."
        ),
        "BELOW": warn(
            "{name} was reachable in {share:percent} only of {count:n} {count/sample/samples} of the last 30 days."
        ),
        "POOR": fail(
            "{name} was reachable in {share:percent} only of {count:n} {count/sample/samples} of the last 30 days."
        ),
        "TOO_FEW": inconclusive(
            "Of the last 30 days of {name} there are {count:n} {count/sample/samples}; {needed:n} {needed/is/are}"
            " needed.",
            fix="Let the sampling run without interruption (auditor serve, or auditor sample every five minutes).",
            reason=Reason.SMPL,
        ),
        "TOO_YOUNG": not_applicable("{name} has been in operation for less than seven days."),
    },
)
def availability(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    activated = subject.declared.activated
    pairs = (
        (envelope, step)
        for envelope, step in evidence.of(SeriesWindow)
        if step.window == POINT_MONTH and (step.metric, step.family) == (REACH, 0)
    )
    envelope, step = next(pairs, (None, None))
    if activated is not None and day_of(evidence, () if envelope is None else (envelope.id,), ctx) - activated < _YOUNG:
        yield points.says_of(subject, "TOO_YOUNG")
        return
    if envelope is None or step is None:
        yield points.says_of(subject, "TOO_FEW", count=0, needed=_needed(ctx, _SLOTS))
        return
    whole, seconds = points.in_operation(subject, step)
    slots = seconds // step.cadence
    needed = _needed(ctx, max(slots - whole.vantage - whole.maintenance, _WEEK))
    if not whole.counted or whole.counted < needed:
        yield points.says_of(subject, "TOO_FEW", (envelope.id,), count=whole.counted, needed=needed)
        return
    share = whole.mean or 0.0
    good = share >= ctx.policy.threshold(_ID, "min_share")
    code = "STEADY" if good else "BELOW" if share >= ctx.policy.threshold(_ID, "fail_share") else "POOR"
    yield points.says_of(subject, code, (envelope.id,), share=round(share, 5), count=whole.counted)


def _needed(ctx: Context, slots: int) -> int:
    """Return the number of samples from which a month is known.

    Slots of our own trouble and of announced work are left out; but the rest has to be a week, as for a new point: an
    hour's outage on the only day that was seen is no bad month.
    """
    return int(ctx.policy.threshold(_ID, "min_sampled") * slots)
