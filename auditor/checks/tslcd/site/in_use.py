"""Count the working days on which more than background traffic crosses the TSLCD uplink.

Background is the traffic of the quietest hours of the month, up to a cap, and traffic below a floor is no use. Only
samples decide. Hours are Vietnam's, and public holidays are no working days.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from auditor.facts.device.answers import SNMP, answered
from auditor.facts.tslcd import points
from auditor.facts.tslcd.channels import NO_WAN, NOT_COUNTED, ambiguous, uncounted, wan_windows
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from auditor.framework.message_format import VIETNAM
from auditor.framework.sample_periods import nearest_rank
from inventory.model import Clearance, Kind, Network, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.series import CHANNEL_USE, SeriesWindow

_ID = "tslcd.site.in-use"
_WORK = (*range(7, 12), *range(13, 17))
_SATURDAY = 5
_ACCUSING = frozenset({"SELDOM", "RARELY", "ON_PAPER"})

Hours = Mapping[date, dict[int, float]]
Windows = list[tuple[EvidenceId, SeriesWindow]]


@check(
    version=9,
    title="The connection is actually used",
    problem="Connection is not used",
    problems={"SELDOM": "Connection is seldom used", "RARELY": "Connection is seldom used"},
    why="A connection that carries nothing but its own supervision exists only on paper.",
    fix="Route the line-of-business applications over TSLCD.",
    references=("điểm c khoản 1 Điều 12 Thông tư số 06/2026/TT-BKHCN", "khoản 3 Điều 9 Thông tư số 06/2026/TT-BKHCN"),
    needs=(SeriesWindow,),
    beside=SNMP,
    kinds=frozenset({Kind.CONNECTION_POINT}),
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    window=CHANNEL_USE,
    messages={
        **NO_WAN,
        **NOT_COUNTED,
        "USED": passed("{name} used its connection on {used:n} of {days:n} working {days/day/days} of the last month."),
        "SELDOM": warn(
            "{name} used its connection on {used:n} only of {days:n} working {days/day/days} of the last month."
        ),
        "RARELY": warn(
            "{name} used its connection on {used:n} only of {days:n} working {days/day/days} of the last month,"
            " hardly ever."
        ),
        "ON_PAPER": fail(
            "{name} has carried nothing above background for the last {idle:n} working {idle/day/days}: connected on"
            " paper only."
        ),
        "HOLIDAYS": not_applicable(
            "Of the {days:n} {days/weekday/weekdays} of the last month with samples of {name} all are public holidays."
        ),
        "TOO_FEW": inconclusive(
            "There are samples of the traffic of {name} for {days:n} working {days/day/days} only; {needed:n}"
            " {needed/is/are} needed.",
            fix="Give the device an SNMP profile with 64-bit counters, name its port to TSLCD as no other port is"
            " called (tag wan=NAME), and let the sampling run without interruption.",
            reason=Reason.SMPL,
        ),
    },
)
def in_use(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    windows = wan_windows(subject, evidence, CHANNEL_USE)
    names = tuple(dict.fromkeys(step.interface for _, step in windows if step.whole.counted))
    verdict = _of_any(subject, windows, names, ctx) if _is_open(subject, windows) else _judge(subject, windows, ctx)
    device = answered(subject.host or subject.name, evidence)
    doubtful = uncounted([step for _, step in windows], device)
    if doubtful and verdict.code in _ACCUSING:
        yield points.says_of(subject, "NOT_COUNTED", verdict.evidence, interfaces=doubtful)
    else:
        yield verdict


def _is_open(subject: Subject, windows: Windows) -> bool:
    return ambiguous(subject, [step for _, step in windows])


def _of_any(subject: Subject, windows: Windows, names: tuple[str, ...], ctx: Context) -> Verdict:
    """Return the verdict that holds for each interface that may lead to TSLCD: traffic of a LAN is no use of it."""
    each = [_judge(subject, [pair for pair in windows if pair[1].interface == name], ctx) for name in names]
    if len({verdict.code for verdict in each}) == 1:
        return min(each, key=_days_told)
    return points.says_of(subject, "NO_WAN", tuple(dict.fromkeys(id_ for id_, _ in windows)))


def _days_told(verdict: Verdict) -> int:
    """Return the days of use, or without use, in a verdict; the fewest of several interfaces are certain."""
    told = verdict.args.get("used", verdict.args.get("idle", 0))
    return told if isinstance(told, int) else 0


def _judge(subject: Subject, windows: Windows, ctx: Context) -> Verdict:
    """Return the verdict on the samples of some interfaces together."""
    hours, ids = _hours(subject, windows)
    background = _background(hours, ctx)
    used = [day for day in sorted(hours) if _is_used(hours[day], background, ctx)]
    weekdays = [day for day in sorted(hours) if _is_weekday(day) and len(set(hours[day]) & set(_WORK)) >= _enough(ctx)]
    days = [day for day in weekdays if not any(days_off.covers(day) for days_off in ctx.reference.holidays)]
    needed = int(ctx.policy.threshold(_ID, "min_days"))
    if not days and len(weekdays) >= needed:
        return points.says_of(subject, "HOLIDAYS", ids, days=len(weekdays))
    if len(days) < needed:
        return points.says_of(subject, "TOO_FEW", ids, days=len(days), needed=needed)
    busy = [day for day in days if day in used]
    idle = len([day for day in days if not busy or day > busy[-1]])
    share = len(busy) / len(days)
    if idle >= ctx.policy.threshold(_ID, "idle_days"):
        return points.says_of(subject, "ON_PAPER", ids, idle=idle)
    high, low = ctx.policy.threshold(_ID, "min_share"), ctx.policy.threshold(_ID, "warn_share")
    code = "USED" if share >= high else "SELDOM" if share >= low else "RARELY"
    return points.says_of(subject, code, ids, used=len(busy), days=len(days))


def _is_weekday(day: date) -> bool:
    return day.weekday() < _SATURDAY


def _enough(ctx: Context) -> int:
    """Return the number of working hours with samples that a day needs before it counts."""
    return int(ctx.policy.threshold(_ID, "busy_hours"))


def _is_used(day: Mapping[int, float], background: float, ctx: Context) -> bool:
    return sum(1 for hour in _WORK if day.get(hour, 0.0) > background) >= _enough(ctx)


def _background(hours: Hours, ctx: Context) -> float:
    """Return the traffic without users, in bits a second: the least of the month, bounded on both sides.

    Nights are no measure: replication, updates and cameras run then.
    """
    rates = sorted(rate for of_day in hours.values() for rate in of_day.values())
    least = nearest_rank(rates, ctx.policy.threshold(_ID, "background_share")) if rates else 0.0
    most = min(least, ctx.policy.threshold(_ID, "max_background"))
    return max(most, ctx.policy.threshold(_ID, "min_use"))


def _hours(subject: Subject, windows: Windows) -> tuple[Hours, tuple[EvidenceId, ...]]:
    """Return bits a second of both directions while the point was in operation, by day and hour of Vietnam."""
    found: dict[date, dict[int, float]] = {}
    for _, window in windows:
        for period in window.periods:
            if period.mean is not None and points.is_in_operation(subject, period.start):
                at: datetime = period.start.astimezone(VIETNAM)
                of_day = found.setdefault(at.date(), {})
                of_day[at.hour] = of_day.get(at.hour, 0.0) + period.mean
    return found, tuple(dict.fromkeys(id_ for id_, _ in windows))
