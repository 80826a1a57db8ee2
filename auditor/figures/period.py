"""Defines a period of the calendar, and works out how figures and targets moved in it.

Pure. The last count stands for the end of the period; its beginning is the last count before it, or else the first one
in it. A count of little beside the others, such as a trial, stands for nothing but itself.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import takewhile

from auditor.figures.compliance import Compliance, FrameworkResult, RequirementResult
from auditor.figures.rollup import Rollup
from auditor.regulations.model import Framework, RuleKind

_YEARS = range(2000, 2200)
_YEAR = timedelta(days=366)
_LASTING, _LASTING_COUNTS = timedelta(days=28), 3
"""For how long, and in how many counts in a row, little is decided where the inventory became smaller: no trial."""
_DECLARED = (Compliance.DECLARED_MET, Compliance.DECLARED_NOT_MET)
_WRITTEN = re.compile(r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A year, a quarter or a month by its name (``2026``, ``2026-Q3``, ``2026-09``), with its first and last day."""

    name: str
    first: date
    last: date


def parse_period(text: str) -> Period:
    """Read the name of a period. Raises ValueError for anything else."""
    match = _WRITTEN.fullmatch(text)
    if match is None or int(match["year"]) not in _YEARS:
        raise ValueError(text)
    year, month, months = int(match["year"]), 1, 12
    if match["quarter"] is not None:
        month, months = 3 * int(match["quarter"]) - 2, 3
    if match["month"] is not None:
        month, months = int(match["month"]), 1
    past = month + months
    following = date(year + 1, past - 12, 1) if past > 12 else date(year, past, 1)
    return Period(name=text, first=date(year, month, 1), last=following - timedelta(days=1))


def previous_period(period: Period) -> Period:
    """Return the period of the same length before a period."""
    last = period.first - timedelta(days=1)
    _, _, part = period.name.partition("-")
    if not part:
        return parse_period(f"{last.year}")
    name = f"Q{(last.month + 2) // 3}" if part.startswith("Q") else f"{last.month:02}"
    return parse_period(f"{last.year}-{name}")


def periods_of(days: Iterable[date]) -> tuple[str, ...]:
    """Name the years, then the quarters, then the months that have any of some days, of each the latest first."""
    known = set(days)
    years = {f"{day.year}" for day in known}
    quarters = {f"{day.year}-Q{(day.month + 2) // 3}" for day in known}
    months = {f"{day.year}-{day.month:02}" for day in known}
    return tuple(name for names in (years, quarters, months) for name in sorted(names, reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPoint:
    """The figures of one judged run or round, and the frameworks held against them."""

    run: str
    day: date
    rollup: Rollup
    frameworks: tuple[FrameworkResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Says how much one count decided. ``decided``: outcomes, one for each check and subject; None where that is not
    known. ``part``: a part of the subjects or of the checks was asked for."""

    run: str
    day: date
    decided: int | None
    part: bool = False


class PassedOver(StrEnum):
    """Why a run does not stand for the end of a period though it is the later one."""

    PART = "part"
    CUT_OFF = "cut_off"
    MISSING = "missing"
    """Of a round not every vantage measured all of it."""
    VANTAGE = "vantage"
    AHEAD = "ahead"
    """It is dated later than it is now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedRun:
    """A run of the period that is later than the one that stands for its end. ``vantages``: those that are missing."""

    run: str
    day: date
    why: PassedOver
    vantages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAgain:
    """A count of ``day`` whose ``figures`` are not what its first judgement said, by the one of ``judged``."""

    run: str
    day: date
    judged: date
    figures: tuple[str, ...]


def small(extents: Iterable[Extent], period: Period) -> frozenset[str]:
    """Name the counts that stand for nothing but themselves: that were asked for a part where others were not, and that
    decided less than half of what the fullest of the others did.

    Others are those of the period, and of what is before it those of the same year. Where the last counts decided so
    little for weeks, the inventory became smaller, and they are held against one another alone. ``extents`` are in the
    order of their days.
    """
    groups: dict[int | None, list[Extent]] = {}
    for extent in extents:
        groups.setdefault(None if extent.day >= period.first else extent.day.year, []).append(extent)
    return frozenset(extent.run for group in groups.values() for extent in _small(group))


def _small(group: Sequence[Extent]) -> Iterator[Extent]:
    whole = [extent for extent in group if not extent.part] or group
    yield from (extent for extent in group if extent not in whole)
    yield from _little(whole)


def _little(whole: Sequence[Extent]) -> Iterator[Extent]:
    fullest = max((extent.decided for extent in whole if extent.decided is not None), default=0)
    little = [extent for extent in whole if extent.decided is not None and 2 * extent.decided < fullest]
    lasting = [*takewhile(lambda extent: extent in little, reversed(whole))][::-1]
    if len(lasting) >= _LASTING_COUNTS and lasting[-1].day - lasting[0].day >= _LASTING:
        yield from (extent for extent in little if extent not in lasting)
        yield from _little(lasting)
    else:
        yield from little


def fuller(extents: Iterable[Extent], end: str) -> Extent | None:
    """Return the fullest count of the year up to that of ``end``, where it decided more than twice as much."""
    known = {extent.run: extent for extent in extents if extent.decided is not None}
    last = known.get(end)
    if last is None:
        return None
    year = [extent for extent in known.values() if timedelta() <= last.day - extent.day <= _YEAR]
    fullest = max(year, key=lambda extent: (extent.decided or 0, extent.day))
    return fullest if (fullest.decided or 0) > 2 * (last.decided or 0) else None


def is_slight(before: int | None, after: int | None) -> bool:
    """Return whether a count decided less than half of what a later one did: set side by side, most of what differs is
    subjects that were not looked at before."""
    return before is not None and after is not None and 2 * before < after


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetProgress:
    """A requirement with a target: how it stood at the beginning and at the end of the period.

    ``met_since``: the day from which on every count up to the end met it; None where the last one did not.
    """

    framework: Framework
    start: RequirementResult | None
    end: RequirementResult
    met_since: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodProgress:
    """The counts of a period. ``start`` None: there was one count alone.

    ``passed_over``: later runs than that of ``end``, which do not stand for it. ``fuller``: the count of the year
    before ``end`` that decided more than twice as much, where there is one. ``slight_start``: the count of ``start``
    decided less than half of what that of ``end`` did. ``doubtful``: so much changed at ``end``
    that the vantage may be to blame, and no repeat decided it. ``judged_again``: of ``start`` and ``end`` those whose
    figures a later judgement changed, so that earlier reports have others.
    """

    period: Period
    start: PeriodPoint | None
    end: PeriodPoint
    counts: int
    targets: tuple[TargetProgress, ...]
    passed_over: tuple[PassedRun, ...] = ()
    fuller: Extent | None = None
    slight_start: bool = False
    doubtful: bool = False
    judged_again: tuple[JudgedAgain, ...] = ()


def rests_on_the_past(progress: PeriodProgress) -> int:
    """Count the requirements that stand by a value which was declared for a day before the period."""
    ends = (target.end for target in progress.targets if target.end.compliance in _DECLARED)
    return sum(end.declared[0].as_of < progress.period.first for end in ends if end.declared)


def target_counts(progress: PeriodProgress) -> Counter[Compliance]:
    """Count the requirements that ask for something that can be met, by where they stand at the end."""
    return Counter(target.end.compliance for target in progress.targets if is_target(target.end))


def is_target(result: RequirementResult) -> bool:
    """Return whether a requirement asks for something that can be met."""
    return result.requirement.rule.target is not None or result.requirement.rule.kind is RuleKind.ALL


def progress(period: Period, points: Sequence[PeriodPoint]) -> PeriodProgress | None:
    """Work out a period from the points up to its last day, in the order of their days; None where none is in it."""
    before = [point for point in points if point.day < period.first]
    within = [point for point in points if period.first <= point.day <= period.last]
    if not within:
        return None
    end = within[-1]
    first = before[-1] if before else within[0]
    start = None if first is end else first
    known = [point for point in points if point.day <= period.last]
    targets = tuple(_targets(known, start, end))
    return PeriodProgress(period=period, start=start, end=end, counts=len(within), targets=targets)


def _targets(points: Sequence[PeriodPoint], start: PeriodPoint | None, end: PeriodPoint) -> list[TargetProgress]:
    return [
        TargetProgress(
            framework=held.framework,
            start=None if start is None else _result(start, held.framework.id, result.requirement.id),
            end=result,
            met_since=_met_since(points, held.framework.id, result.requirement.id),
        )
        for held in end.frameworks
        for result in held.results
        if result.requirement.rule.target is not None or result.requirement.checks
        if result.compliance is not Compliance.NOT_IN_FORCE
    ]


def _met_since(points: Sequence[PeriodPoint], framework: str, requirement: str) -> date | None:
    since: date | None = None
    for point in points:
        result = _result(point, framework, requirement)
        is_met = result is not None and result.compliance in (Compliance.MET, Compliance.DECLARED_MET)
        since = (since or point.day) if is_met else None
    return since


def _result(point: PeriodPoint, framework: str, requirement: str) -> RequirementResult | None:
    for held in point.frameworks:
        if held.framework.id == framework:
            return next((result for result in held.results if result.requirement.id == requirement), None)
    return None
