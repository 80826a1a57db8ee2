"""Defines a period of the calendar, and computes how figures and targets moved in it.

Pure. The last count stands for the end of the period; its beginning is the last count before it, or else the first one
in it. A count that decided little beside the others, such as a trial, stands only for itself.
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
"""The time and counts in a row over which little must be decided before the inventory counts as smaller, no trial."""
_DECLARED = (Compliance.DECLARED_MET, Compliance.DECLARED_NOT_MET)
_WRITTEN = re.compile(r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Holds a year, quarter or month by its name (``2026``, ``2026-Q3``, ``2026-09``), with its first and last day."""

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
    """Return the years, then the quarters, then the months that contain any of the days, the latest of each first."""
    known = set(days)
    years = {f"{day.year}" for day in known}
    quarters = {f"{day.year}-Q{(day.month + 2) // 3}" for day in known}
    months = {f"{day.year}-{day.month:02}" for day in known}
    return tuple(name for names in (years, quarters, months) for name in sorted(names, reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodPoint:
    """Holds the figures of one judged run or round, and the frameworks judged by them."""

    run: str
    day: date
    rollup: Rollup
    frameworks: tuple[FrameworkResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """Holds how much one count decided.

    ``decided``: outcomes, one for each check and subject; None where that is not known. ``part``: only some of the
    subjects or of the checks were requested.
    """

    run: str
    day: date
    decided: int | None
    part: bool = False


class PassedOver(StrEnum):
    """Names the reason why a run does not stand for the end of a period though it is the later one."""

    PART = "part"
    CUT_OFF = "cut_off"
    MISSING = "missing"
    """Not every vantage of the round measured all of it."""
    VANTAGE = "vantage"
    AHEAD = "ahead"
    """It is dated later than it is now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedRun:
    """Holds a run of the period that is later than its end's. ``vantages``: those that are missing."""

    run: str
    day: date
    why: PassedOver
    vantages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAgain:
    """Holds a count of ``day`` whose ``figures`` differ from its first judgement, by the judgement of ``judged``."""

    run: str
    day: date
    judged: date
    figures: tuple[str, ...]


def small(extents: Iterable[Extent], period: Period) -> frozenset[str]:
    """Return the counts that stand only for themselves, because they cover little.

    These are counts of only a part where others are whole, and counts that decided less than half of what the fullest
    of the others did. Others are those of the period and, for a count before it, those of the same year. Where the last
    counts decided so little for weeks, the inventory became smaller, and they are compared only with each other.
    ``extents`` are in the order of their days.
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
    """Return the fullest count of the year up to that of ``end``, if it decided more than twice as much; else None."""
    known = {extent.run: extent for extent in extents if extent.decided is not None}
    last = known.get(end)
    if last is None:
        return None
    year = [extent for extent in known.values() if timedelta() <= last.day - extent.day <= _YEAR]
    fullest = max(year, key=lambda extent: (extent.decided or 0, extent.day))
    return fullest if (fullest.decided or 0) > 2 * (last.decided or 0) else None


def is_slight(before: int | None, after: int | None) -> bool:
    """True if a count decided less than half as much as a later one.

    Most of the difference between the two is then subjects that were not measured before.
    """
    return before is not None and after is not None and 2 * before < after


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetProgress:
    """Holds the status of a requirement with a target at the beginning and at the end of the period.

    ``met_since``: the day from which on every count up to the end met it; None where the last one did not.
    """

    framework: Framework
    start: RequirementResult | None
    end: RequirementResult
    met_since: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodProgress:
    """Holds the counts of a period. ``start`` None: there was only one count.

    ``passed_over``: later runs than that of ``end``, which do not stand for it. ``fuller``: the count of the year
    before ``end`` that decided more than twice as much, where there is one. ``slight_start``: the count of ``start``
    decided less than half of what that of ``end`` did. ``doubtful``: so much changed at ``end`` that the vantage may be
    the cause, and no repeat decided it. ``judged_again``: of ``start`` and ``end`` those whose figures a later
    judgement changed, so that earlier reports have others.
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
    """Count the requirements whose status rests on a value that was declared for a day before the period."""
    ends = (target.end for target in progress.targets if target.end.compliance in _DECLARED)
    return sum(end.declared[0].as_of < progress.period.first for end in ends if end.declared)


def target_counts(progress: PeriodProgress) -> Counter[Compliance]:
    """Count the requirements that can be met, by their status at the end."""
    return Counter(target.end.compliance for target in progress.targets if is_target(target.end))


def is_target(result: RequirementResult) -> bool:
    """True if a requirement can be met: it has a target or the rule ``all``."""
    return result.requirement.rule.target is not None or result.requirement.rule.kind is RuleKind.ALL


def progress(period: Period, points: Sequence[PeriodPoint]) -> PeriodProgress | None:
    """Return the progress in a period; None if it has no point. ``points`` are in the order of their days."""
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
