"""Check that the site stays up over IPv6, week after week.

Judges samples of ``reach`` and ``http-ok`` taken over time, never the round of this run. Samples of a vantage whose
network failed do not count; a week with too few samples ends the known series.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from auditor.facts.dns.names import own
from auditor.framework.check import check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.series import WEB_OK, SeriesWeeks, Week

_ID = "ipv6.web.continuity"
_WEEK = timedelta(days=7)


@check(
    version=2,
    title="IPv6 web service stays up over time",
    problem="Website is often down over IPv6",
    problems={"SERVICE_OUT": "Website has been down over IPv6 for weeks"},
    why="A site that is reachable over IPv6 only sometimes is worse for visitors than one that never had IPv6: their "
    "browsers try it first each time.",
    fix="Monitor the site over IPv6 by itself, not only over IPv4, and alert its operator.",
    references=("IPv6 Ready logo (VNNIC)",),
    needs=(NameLookup, SeriesWeeks),
    kinds=WEB_KINDS,
    window=WEB_OK,
    excused_by=dict.fromkeys(("BELOW", "FAILING_WEEKS", "SERVICE_OUT"), frozenset({"dns"})),
    messages={
        "STEADY": passed(
            "{name} was up over IPv6 in {share:percent} of {count:n} {count/sample/samples} of the last week."
        ),
        "BELOW": warn(
            "{name} was up over IPv6 in {share:percent} only of {count:n} {count/sample/samples} of the last week."
        ),
        "FAILING_WEEKS": warn(
            "{name} was up over IPv6 in {share:percent} only of {count:n} {count/sample/samples} of the last week;"
            " such weeks in a row: {weeks:n}."
        ),
        "SERVICE_OUT": fail(
            "{name} has been out over IPv6 for {weeks:n} {weeks/week/weeks} in a row; in the last one {share:percent}"
            " of {count:n} {count/sample/samples} found it up."
        ),
        "TOO_FEW": inconclusive(
            "{count:n} {count/sample/samples} of {name} over IPv6 in the last week {count/is/are} too few; {needed:n}"
            " {needed/is/are} needed.",
            fix="Let the sampling run at least four times a day.",
            reason=Reason.SMPL,
        ),
        "TOO_YOUNG": not_applicable("{name} has not yet been sampled over IPv6 for a week."),
        "NO_AAAA": not_applicable("{name} has no IPv6 address."),
    },
)
def continuity(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    look = own(subject, evidence, ctx, "AAAA")
    pairs = [
        (envelope, step) for envelope, step in evidence.of(SeriesWeeks) if (step.metric, step.family) == (WEB_OK, 6)
    ]
    if look.known and not look.v6:
        yield Verdict(code="NO_AAAA", args={"name": look.name}, evidence=look.evidence)
        return
    taken = max(pairs, key=lambda pair: pair[0].started, default=None)
    first = None if taken is None else taken[1].first
    if taken is None or first is None or taken[0].started - first < _WEEK:
        yield Verdict(code="TOO_YOUNG", args={"name": look.name}, evidence=(taken[0].id,) if taken else ())
    else:
        yield _judge(look.name, ctx, taken[1].weeks, taken[0].id)


def _judge(name: str, ctx: Context, weeks: Sequence[Week], evidence: EvidenceId) -> Verdict:
    def threshold(key: str) -> float:
        return ctx.policy.threshold(_ID, key)

    needed = int(threshold("min_samples_per_week"))
    current = next((week for week in weeks if not _skipped(week, needed)), Week(start=weeks[0].start))
    if current.counted < needed:
        args: dict[str, Arg] = {"name": name, "count": current.counted, "needed": needed}
        return Verdict(code="TOO_FEW", args=args, evidence=(evidence,))
    share = current.good / current.counted
    args = {"name": name, "count": current.counted, "share": round(share, 4)}
    if share >= threshold("min_share"):
        return Verdict(code="STEADY", args=args, evidence=(evidence,))
    bad = _in_a_row(weeks, needed, threshold("failing_share"))
    if not bad:
        return Verdict(code="BELOW", args=args, evidence=(evidence,))
    code = "SERVICE_OUT" if bad >= threshold("service_out_weeks") else "FAILING_WEEKS"
    return Verdict(code=code, args={**args, "weeks": bad}, evidence=(evidence,))


def _skipped(week: Week, needed: int) -> bool:
    """True if a week has too few samples because of our own trouble or announced work; it is then left out."""
    return week.counted < needed and week.aside > 0


def _in_a_row(weeks: Sequence[Week], needed: int, failing_share: float) -> int:
    bad = 0
    for week in weeks:
        if _skipped(week, needed):
            continue
        if week.counted < needed or week.good / week.counted >= failing_share:
            break
        bad += 1
    return bad
