"""Compare the load of the channel with its registered bandwidth, day by day.

The circular can be read two ways: (A) the daily 95th percentile above 90 % on seven days in a row, (B) that of the
whole week. (A) fails, only (B) warns. Any seven days of the last month count, and days are Vietnam's.
"""

from collections.abc import Iterator, Sequence

from auditor.facts.device.answers import SNMP, SeenDevice, answered
from auditor.facts.moments import day_of
from auditor.facts.tslcd import channels, points
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Kind, Network, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.rows import RowPosition
from probes.observations.series import CHANNEL_LOAD, IN_RATE, OUT_RATE, TOGETHER, SampleSummary, SeriesWindow

_DAYS, _HALF = 7, 0.5
_ID = "tslcd.channel.utilisation"
_MEGA = 1_000_000
_OF_ITS_OWN = 64_000
"""Bits a second that a processor may send and receive by itself."""
_BUSY = frozenset({"NEARLY_FULL", "FULL_WEEK", "FULL"})
_Loads = list[tuple[EvidenceId, SeriesWindow]]


@check(
    version=8,
    title="Peak load stays within 90% of capacity",
    problem="Channel is overloaded at peak times",
    problems={
        "NEARLY_FULL": "Channel is nearly full at peak times",
        "FULL_WEEK": "Channel is nearly full at peak times",
    },
    why="A full channel delays everybody's work; the circular asks for more bandwidth after a week of it.",
    fix="Order more bandwidth, or move traffic to other hours or channels.",
    references=("khoản 6 Điều 5 Thông tư số 06/2026/TT-BKHCN",),
    needs=(RowPosition, SeriesWindow),
    beside=SNMP,
    kinds=frozenset({Kind.CONNECTION_POINT, Kind.DATACENTRE}),
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    window=CHANNEL_LOAD,
    messages={
        **channels.NO_BANDWIDTH,
        **channels.NO_WAN,
        **channels.NOT_COUNTED,
        "ROOM_LEFT": passed(
            "The daily peak load of {name} (95th percentile) stayed at {peak:percent} of {mbps:n} Mbit/s or below."
        ),
        "NEARLY_FULL": warn(
            "The daily peak load of {name} (95th percentile) reached {peak:percent} of {mbps:n} Mbit/s."
        ),
        "FULL_WEEK": warn(
            "The peak load of {name} over the whole week (95th percentile) is {peak:percent} of {mbps:n} Mbit/s, though"
            " not every single day exceeded 90%."
        ),
        "FULL": fail(
            "The daily peak load of {name} (95th percentile) exceeded 90% of {mbps:n} Mbit/s on seven days in a row of"
            " the last month, up to {peak:percent}."
        ),
        "TOO_FEW": inconclusive(
            "There are too few samples of the traffic of {name}: {days:n} of 7 days {days/is/are} complete.",
            fix="Give the device an SNMP profile with 64-bit counters, name its port to TSLCD as no other port is"
            " called (tag wan=NAME), and let the sampling run without interruption.",
            reason=Reason.SMPL,
        ),
        "COUNTED_TWICE": inconclusive(
            "The row of {name} names {interfaces:list}, which carry the same amount of traffic on every day: if one of"
            " them runs over another, their sum counts that traffic twice.",
            fix="Name a bundle (port channel, Eth-Trunk, bond) or a port in the column tags (wan=NAME), not both.",
            reason=Reason.INV,
        ),
        "TOO_YOUNG": not_applicable("The channel of {name} has been in operation for less than 7 days."),
    },
)
def utilisation(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    activated, mbps = subject.declared.activated, subject.declared.bandwidth_mbps
    windows = {id_ for id_, _ in channels.wan_windows(subject, evidence, CHANNEL_LOAD)}
    if activated is not None and (day_of(evidence, windows, ctx) - activated).days < _DAYS:
        yield points.says_of(subject, "TOO_YOUNG")
    elif not mbps:
        yield points.says_of(subject, "NO_BANDWIDTH", points.row(evidence))
    else:
        yield _unless_counted_twice(subject, evidence, ctx, mbps)


def _unless_counted_twice(subject: Subject, evidence: EvidenceSet, ctx: Context, mbps: float) -> Verdict:
    device = answered(subject.host or subject.name, evidence)
    verdict = _judge(subject, _of_the_channel(subject, evidence), device, ctx, mbps)
    loads = _loads(evidence)
    twice = channels.carried_twice(subject, [step for _, step in loads])
    if not twice or verdict.code not in _BUSY:
        return verdict
    alone = _judge(subject, [pair for pair in loads if pair[1].interface in twice], device, ctx, mbps)
    if alone.code == "FULL":
        return alone
    return points.says_of(subject, "COUNTED_TWICE", verdict.evidence, interfaces=twice)


def _judge(subject: Subject, pairs: _Loads, device: SeenDevice | None, ctx: Context, mbps: float) -> Verdict:
    least = ctx.policy.threshold(_ID, "min_sampled")
    near, full = ctx.policy.threshold(_ID, "warn_share"), ctx.policy.threshold(_ID, "full_share")
    week = [pair for pair in pairs if _seven_in_a_row(_days_of(pair[1], mbps, least), full)]
    read = week or [pair for pair in pairs if _complete_days(pair[1], least) >= _DAYS]
    ids: tuple[EvidenceId, ...] = tuple(dict.fromkeys(id_ for id_, _ in (read or pairs)))
    if not read:
        most = max((_complete_days(step, least) for _, step in pairs), default=0)
        return points.says_of(subject, "TOO_FEW", ids, days=most)
    days = [_days_of(step, mbps, least) for _, step in read]
    weeks = [peak for _, step in read for peak in _weeks_of(step, mbps, least)]
    highest = max(peak for peaks in days for peak in peaks if peak is not None)

    def said(code: str, peak: float) -> Verdict:
        if code != "ROOM_LEFT" and channels.ambiguous(subject, [step for _, step in pairs]):
            return points.says_of(subject, "NO_WAN", ids)
        args: dict[str, Arg] = {"peak": round(peak, 4), "mbps": mbps}
        return points.says_of(subject, code, ids, args)

    if week:
        return said("FULL", highest)
    if max(weeks, default=0.0) > full:
        return said("FULL_WEEK", max(weeks))
    if highest > near:
        return said("NEARLY_FULL", highest)
    fewest = min(_fewest(pairs, least))
    if fewest < _DAYS:  # the other direction, or another channel, may have been full
        return points.says_of(subject, "TOO_FEW", ids, days=fewest)
    doubtful = channels.uncounted([step for _, step in pairs], device)
    if doubtful and highest * mbps * _MEGA < _OF_ITS_OWN:
        return points.says_of(subject, "NOT_COUNTED", ids, interfaces=doubtful)
    return said("ROOM_LEFT", highest)


def _fewest(pairs: _Loads, least: float) -> Iterator[int]:
    """Yield the complete days of each direction of each interface that was sampled at all."""
    steps = [step for _, step in pairs]
    for interface in {step.interface for step in steps if step.whole.counted}:
        for metric in (IN_RATE, OUT_RATE):
            days = (
                _complete_days(window, least)
                for window in steps
                if (window.interface, window.metric) == (interface, metric)
            )
            yield max(days, default=0)


def _loads(evidence: EvidenceSet) -> _Loads:
    return [
        (envelope.id, step)
        for envelope, step in evidence.of(SeriesWindow)
        if step.window == CHANNEL_LOAD and step.family == 0 and step.metric in (IN_RATE, OUT_RATE)
    ]


def _of_the_channel(subject: Subject, evidence: EvidenceSet) -> _Loads:
    """Return the samples of the interfaces that lead to TSLCD.
    Where the row names several, bandwidth and load are those of all of them together; one by itself is not compared."""
    every = _loads(evidence)
    names = {name.casefold() for name in subject.tag_values("wan")}
    if len(names) < 2:
        return [(id_, step) for id_, step in every if not names or step.interface.casefold() in names]
    return [(id_, step) for id_, step in every if set(step.interface.casefold().split(TOGETHER)) == names]


def _seven_in_a_row(peaks: Sequence[float | None], full: float) -> bool:
    """True if every day of some seven in a row is known and was full."""
    run = 0
    for peak in peaks:
        run = run + 1 if peak is not None and peak > full else 0
        if run == _DAYS:
            return True
    return False


def _days_of(step: SeriesWindow, mbps: float, least: float) -> list[float | None]:
    """Return the peak of each day, as a share of the bandwidth; None for a day without enough samples."""
    return [_peak(day, mbps) if _is_complete(day, step, least) else None for day in step.periods]


def _weeks_of(step: SeriesWindow, mbps: float, least: float) -> list[float]:
    """Return the peaks of series of seven days, as a share of the bandwidth."""
    weeks = step.weeks if step.calendar else (step.whole,)
    return [_peak(week, mbps) for week in weeks if _is_complete(week, step, least, _DAYS)]


def _complete_days(step: SeriesWindow, least: float) -> int:
    """Return how many days have enough samples, of up to seven that end with the last whole one."""
    known = [_is_complete(day, step, least) for day in step.periods]
    if step.calendar and known and not known[-1]:
        known.pop()  # the day of the run is not over
    return sum(known[-_DAYS:])


def _is_complete(period: SampleSummary, step: SeriesWindow, least: float, days: int = 1) -> bool:
    """True if nearly all possible samples of a period were taken, and at least half unless the policy allows less.
    Fewer than half would let the busy hours stand for the whole day."""
    slots = days * step.step // step.cadence
    could_be = slots - period.vantage - period.maintenance
    return period.counted >= max(least * could_be, min(least, _HALF) * slots)


def _peak(period: SampleSummary, mbps: float) -> float:
    return (period.p95 or 0.0) / (mbps * _MEGA)
