"""The load of a site's channel by days and by weeks, as samples show it, against its bandwidth."""

from collections.abc import Sequence

from inventory.model import Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.series import CHANNEL_LOAD, IN_RATE, OUT_RATE, TOGETHER, Period, SeriesWindow

DAYS = 7
_MEGA = 1_000_000


def of_the_channel(subject: Subject, evidence: EvidenceSet) -> list[tuple[EvidenceId, SeriesWindow]]:
    """The samples of the interfaces that lead to TSLCD. Where the row names several, the bandwidth is that of all of
    them, and so is the load: what one of them carries is compared with nothing."""
    every = [
        (one.id, step)
        for one, step in evidence.of(SeriesWindow)
        if step.window == CHANNEL_LOAD and step.family == 0 and step.metric in (IN_RATE, OUT_RATE)
    ]
    names = {name.casefold() for name in subject.tag_values("wan")}
    if len(names) < 2:
        return [(id_, step) for id_, step in every if not names or step.interface.casefold() in names]
    return [(id_, step) for id_, step in every if set(step.interface.casefold().split(TOGETHER)) == names]


def seven_in_a_row(peaks: Sequence[float | None], full: float) -> bool:
    """Whether every day of some seven in a row is known and was full."""
    run = 0
    for peak in peaks:
        run = run + 1 if peak is not None and peak > full else 0
        if run == DAYS:
            return True
    return False


def days_of(step: SeriesWindow, mbps: float, least: float) -> list[float | None]:
    """The peak of each day, as a share of the bandwidth; None of a day without samples enough."""
    return [_peak(day, mbps) if _is_complete(day, step, least) else None for day in step.periods]


def weeks_of(step: SeriesWindow, mbps: float, least: float) -> list[float]:
    """The peak of seven days in a row taken together."""
    weeks = step.weeks if step.calendar else (step.whole,)
    return [_peak(week, mbps) for week in weeks if _is_complete(week, step, least, DAYS)]


def complete_days(step: SeriesWindow, least: float) -> int:
    """Of the days that end with the last whole one, up to seven, how many have samples enough."""
    known = [_is_complete(day, step, least) for day in step.periods]
    if step.calendar and known and not known[-1]:
        known.pop()  # the day of the run is not over
    return sum(known[-DAYS:])


def _is_complete(period: Period, step: SeriesWindow, least: float, days: int = 1) -> bool:
    slots = days * step.step // step.cadence
    return bool(period.counted) and period.counted >= least * (slots - period.vantage - period.maintenance)


def _peak(period: Period, mbps: float) -> float:
    return (period.p95 or 0.0) / (mbps * _MEGA)
