"""Check that a connection point answers through TSLCD, by any method.

A node that points are reached through (tag ``parent``) is judged like a point: where it is down, that is its finding,
and the points behind it are in its shadow.

Where samples of the day are stored, they decide; without them the round of this run does, and the finding states so.
"""

from collections.abc import Iterator

from auditor.facts.tslcd import points
from auditor.facts.tslcd.gathering import EQUIPMENT
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import ROUNDS, Arg, Reason, Verdict
from inventory.model import Clearance, Kind, Network, Subject
from probes.framework.evidence import Evidence, EvidenceSet
from probes.observations.series import POINT_REACH, REACH, SeriesWindow

_ID = "tslcd.site.reach"
_DAYS_DISCONNECTED = 3
_AWAY = frozenset({"DOWN", "DISCONNECTED", "SILENT"})
"""Codes that are no defect of a point in the shadow of a node that is down."""


@check(
    version=6,
    title="Connection point is reachable through TSLCD",
    problem="Connection point cannot be reached through TSLCD",
    problems={
        "OFTEN_AWAY": "Connection point is often unreachable",
        "DOWN": "Connection point was unreachable for much of the day",
        "DISCONNECTED": "Connection point has been disconnected for days",
    },
    why="A commune that is registered but cannot be reached cannot use any of the shared systems.",
    fix="Open a fault ticket with the provider or CBĐTW.",
    references=("Điều 9 Thông tư số 06/2026/TT-BKHCN",),
    needs=(*points.NEEDS, SeriesWindow),
    kinds=EQUIPMENT,
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.TSL}),
    transports=frozenset({"icmp"}),
    clearance=Clearance.NORMAL,
    window=POINT_REACH,
    others=frozenset({"nodes"}),
    messages={
        **points.UNDECIDED,
        **points.NO_ADDRESS,
        **points.SHADOWED,
        "NO_NODE": not_applicable(
            "{name} is not a connection point, and the inventory names nothing that is reached through it (tag parent)."
        ),
        "ANSWERS": passed("{name} answers through TSLCD ({methods:list})."),
        "UP": passed("{name} answered in {share:percent} of {count:n} {count/sample/samples} of the last day."),
        "OFTEN_AWAY": warn(
            "{name} answered in {share:percent} only of {count:n} {count/sample/samples} of the last day."
        ),
        "DOWN": fail("{name} answered in {share:percent} only of {count:n} {count/sample/samples} of the last day."),
        "DISCONNECTED": fail(
            "{name} is disconnected: for {days:n} {days/day/days} in a row it answered in less than half of the"
            " samples; on the last of them in {share:percent} of {count:n}."
        ),
        "NO_METHOD": inconclusive(
            "{name} answers no echo by policy (tag no-echo), and no other method was answered or could be held against"
            " it: whether it is reachable is not known.",
            fix="Declare a STAMP responder or a service of the terminal device in the inventory, so that something can"
            " be asked.",
            reason=Reason.INV,
        ),
        "SILENT": fail("{name} does not answer through TSLCD: no method, none of {addresses:list}."),
    },
)
def reach(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    if Kind.CONNECTION_POINT not in subject.kinds and subject.id not in ctx.sites.nodes:
        yield points.says_of(subject, "NO_NODE")
        return
    verdict = _of_days_or_round(subject, evidence, ctx)
    yield (
        (points.shadowed(subject, ctx, verdict.evidence) or _down(subject, ctx, verdict))
        if verdict.code in _AWAY
        else verdict
    )


def _down(subject: Subject, ctx: Context, verdict: Verdict) -> Verdict:
    """Return a point's verdict, as its silence is its outage; a node's counts only if all behind it are silent."""
    if Kind.CONNECTION_POINT in subject.kinds or subject.id in ctx.sites.down:
        return verdict
    return points.says_of(subject, "NOT_DECIDED", verdict.evidence, reason=Reason.AMB)


def _of_days_or_round(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Verdict:
    sampled = [
        (envelope, step) for envelope, step in evidence.of(SeriesWindow) if (step.metric, step.family) == (REACH, 0)
    ]
    least = ctx.policy.threshold(_ID, "min_samples")
    for envelope, step in sampled:
        last = step.periods[-1] if step.window == POINT_REACH and step.periods else None
        if last is not None and last.counted >= least and points.is_in_operation(subject, last.start):
            return _of_samples(subject, ctx, envelope, step)
    return _of_round(subject, evidence, ctx)


def _of_samples(subject: Subject, ctx: Context, envelope: Evidence, step: SeriesWindow) -> Verdict:
    day = step.periods[-1]
    share = day.mean or 0.0
    args: dict[str, Arg] = {"share": round(share, 4), "count": day.counted}
    if share >= ctx.policy.threshold(_ID, "min_share"):
        return points.says_of(subject, "UP", (envelope.id,), args)
    if share >= ctx.policy.threshold(_ID, "down_share"):
        return points.says_of(subject, "OFTEN_AWAY", (envelope.id,), args)
    days = _days_down(subject, step, ctx)
    if days >= _DAYS_DISCONNECTED:
        return points.says_of(subject, "DISCONNECTED", (envelope.id,), args, days=days)
    return points.says_of(subject, "DOWN", (envelope.id,), args)


def _days_down(subject: Subject, step: SeriesWindow, ctx: Context) -> int:
    """Return the days down in a row in operation, back from the last; one with too few samples ends the series."""
    days, least = 0, ctx.policy.threshold(_ID, "min_samples")
    for period in (period for period in reversed(step.periods) if points.is_in_operation(subject, period.start)):
        if period.mean is None or period.counted < least or period.mean >= ctx.policy.threshold(_ID, "down_share"):
            break
        days += 1
    return days


def _of_round(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Verdict:
    lives = points.lives(subject, evidence, ctx)
    alive = [life for life in lives if life.alive]
    every = [id_ for life in alive or lives for id_ in life.evidence]
    if not lives:
        return points.says_of(subject, "NO_ADDRESS", points.row(evidence))
    if alive:
        methods = tuple(sorted({method for life in alive for method in life.methods}))
        return points.says_of(subject, "ANSWERS", every, methods=methods)
    if all(life.dead for life in lives):
        addresses = points.texts(life.address for life in lives)
        return points.says_of(subject, "SILENT", every, {ROUNDS: 1}, addresses=addresses)
    reason = next((life.reason for life in lives if life.reason is not None), Reason.CUT)
    if reason is Reason.INV:
        return points.says_of(subject, "NO_METHOD", every)
    return points.says_of(subject, "NOT_DECIDED", every, reason=reason)
