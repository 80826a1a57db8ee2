"""Reads stored series for checks that look back, and adds them, rolled up, to the run as evidence.

Written when a subject is measured, so that judging again uses the samples of that time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from auditor.framework.check import Check
from auditor.framework.sample_periods import period, together
from auditor.service.derived import earlier_ways, readings
from auditor.service.derived.days import by_days
from auditor.service.derived.earlier_paths import earlier_paths
from auditor.service.derived.hours import hours
from auditor.service.derived.subject_series import SampleReader, SubjectSeries
from auditor.service.store.api import Store
from auditor.service.store.records import Quality, RunRecord, Sample, Series
from inventory.model import Subject
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence, Observation, RunId
from probes.observations import series as names
from probes.observations.series import MOST_POINTS, WEB_OK, SampleSummary, SeriesWeeks, SeriesWindow, Week

PROBE = "series"
_WEEK = timedelta(days=7)
_HOUR, _DAY = 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Weeks:
    """Holds the number of weeks that a check looks back at a metric, and the family over which it was sampled."""

    family: int
    weeks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Holds how many days a check looks back at some metrics, over which families and in periods of ``step`` seconds.

    Of metrics of interfaces, every interface that was sampled gives a step of its own. ``calendar``: the days are those
    of Vietnam, up to the one that the run is in, each known from all of its samples; several interfaces to TSLCD give a
    step together as well.
    """

    metrics: tuple[str, ...]
    days: int
    families: tuple[int, ...] = (0,)
    step: int = _DAY
    cadence: int = names.CADENCE
    interfaces: bool = False
    calendar: bool = False


@dataclass(frozen=True, slots=True)
class Counters:
    """Requests the counters of a device as earlier runs read them (``readings``)."""


_RATES = (names.IN_RATE, names.OUT_RATE)

WINDOWS: Mapping[str, Weeks | Window | Counters] = {
    names.DEVICE_COUNTERS: Counters(),
    WEB_OK: Weeks(6, 26),
    names.POINT_REACH: Window(metrics=(names.REACH,), families=(0, 4, 6), days=7),
    names.POINT_MONTH: Window(metrics=(names.REACH,), days=30),
    names.POINT_QUALITY: Window(
        metrics=(names.LOSS, names.LOSS_SLOW, names.RTT_MEDIAN, names.RTT_P95, names.JITTER_P95),
        families=(4, 6),
        days=1,
        step=_HOUR,
    ),
    names.CHANNEL_LOAD: Window(metrics=_RATES, days=35, interfaces=True, calendar=True),
    names.CHANNEL_USE: Window(metrics=_RATES, days=31, step=_HOUR, interfaces=True),
    names.CHANNEL_ERRORS: Window(
        metrics=(
            names.IN_PACKETS,
            names.OUT_PACKETS,
            names.IN_ERRORS,
            names.OUT_ERRORS,
            names.IN_DISCARDS,
            names.OUT_DISCARDS,
            names.CHANGES,
        ),
        days=1,
        step=_HOUR,
        interfaces=True,
    ),
    names.DEVICE_RESTARTS: Window(metrics=(names.RESTARTS, names.MACHINE_RESTARTS), days=31),
    names.APP_REACH: Window(metrics=(names.APP_OK,), days=7, cadence=names.HOURLY),
}
"""The windows by the name in a check's ``window``. The step of a series that was never sampled has ``first`` None."""


def evidence(
    store: Store,
    run: RunId,
    vantage: str,
    subject: Subject,
    checks: Iterable[Check],
    now: datetime,
    *,
    before: Sequence[RunRecord] = (),
) -> Iterator[Evidence]:
    """Yield an envelope for each window that a check of this subject needs, even without samples.

    ``before``: the earlier runs that may show how the subject was connected, the last one first.
    """
    sampled = SubjectSeries(store, subject.id, vantage)
    for name in sorted({check.window for check in checks if check.window is not None and check.concerns(subject)}):
        yield Evidence(
            id=evidence_id(run, subject.id, PROBE, name, 1),
            run=run,
            subject=subject.id,
            endpoint=None,
            task=name,
            probe=PROBE,
            probe_version=2,
            attempt=1,
            vantage=vantage,
            started=now,
            queued=0.0,
            steps=tuple(_steps(store, sampled, subject, vantage, name, now, before)),
        )


def _steps(
    store: Store,
    sampled: SubjectSeries,
    subject: Subject,
    vantage: str,
    name: str,
    now: datetime,
    before: Sequence[RunRecord],
) -> Iterator[Observation]:
    window = WINDOWS[name]
    if isinstance(window, Weeks):
        series = Series(subject=subject.id, metric=name, vantage=vantage, family=window.family)
        yield weeks_of(series, sampled.samples(series, now - window.weeks * _WEEK, now), now)
        return
    if isinstance(window, Counters):
        yield from readings.window(sampled, vantage, subject, now)
        return
    if name == names.POINT_REACH:
        yield from earlier_ways.earlier(store, before, subject, now)
        yield from earlier_paths(store, before, subject.id)
    for metric in window.metrics:
        for family in window.families:
            asked = {series.interface for series in sampled.known if (series.metric, series.family) == (metric, family)}
            every = [
                Series(subject=subject.id, metric=metric, vantage=vantage, family=family, interface=interface)
                for interface in (sorted(asked) if window.interfaces and asked else [""])
            ]
            yield from (seen_through(window, name, series, sampled, now) for series in every)
            wan = {text.casefold() for text in subject.tag_values("wan")}
            several = [series for series in every if series.interface.casefold() in wan]
            if window.calendar and len(several) > 1:
                yield by_days(name, several, sampled, now, days=window.days, cadence=window.cadence)


def seen_through(window: Window, name: str, series: Series, store: SampleReader, now: datetime) -> SeriesWindow:
    """Summarise ``window`` up to and with the slot that ``now`` is in; a long one up to the end of its hour."""
    if window.calendar:
        return by_days(name, (series,), store, now, days=window.days, cadence=window.cadence)
    if window.days * _DAY // window.cadence > MOST_POINTS:
        return _seen_by_hours(window, name, series, store, now)
    seconds = int(now.timestamp()) // window.cadence * window.cadence + window.cadence
    until = datetime.fromtimestamp(seconds, UTC)
    since = until - timedelta(days=window.days)
    first = store.first_sample(series)
    slots = _slots(store.samples(series, since, until), since, window)
    begun = len(slots) if first is None else max(0, int((first - since).total_seconds()) // window.cadence)
    each = window.step // window.cadence
    starts = range(0, len(slots), each) if first is not None else ()
    periods = [
        _period(slots, start, start + each, begun, since + timedelta(seconds=start * window.cadence))
        for start in starts
    ]
    kept = len(slots) <= MOST_POINTS and first is not None
    return SeriesWindow(
        window=name,
        metric=series.metric,
        family=series.family,
        interface=series.interface,
        since=since,
        until=until,
        cadence=window.cadence,
        step=window.step,
        first=first,
        whole=_period(slots, 0, len(slots), begun, since),
        periods=tuple(periods),
        points=tuple(_value(slot) for slot in slots) if kept else (),
    )


def _seen_by_hours(window: Window, name: str, series: Series, store: SampleReader, now: datetime) -> SeriesWindow:
    due = datetime.fromtimestamp(int(now.timestamp()) // window.cadence * window.cadence + window.cadence, UTC)
    until = datetime.fromtimestamp(int(now.timestamp()) // _HOUR * _HOUR + _HOUR, UTC)
    since, first = until - timedelta(days=window.days), store.first_sample(series)
    every = hours(series, store, since=since, until=until, due=due, first=first, cadence=window.cadence)
    each = window.step // _HOUR
    periods = every if each == 1 else [together(every[n : n + each]) for n in range(0, len(every), each)]
    return SeriesWindow(
        window=name,
        metric=series.metric,
        family=series.family,
        interface=series.interface,
        since=since,
        until=until,
        cadence=window.cadence,
        step=window.step,
        first=first,
        whole=together(every),
        periods=tuple(periods) if first is not None else (),
    )


def _slots(samples: Iterable[Sample], since: datetime, window: Window) -> list[Sample | None]:
    """Return a sample or None for each slot; if a slot has several, the first counts."""
    slots: list[Sample | None] = [None] * (window.days * _DAY // window.cadence)
    for sample in samples:
        number = int((sample.time - since).total_seconds()) // window.cadence
        if slots[number] is None:
            slots[number] = sample
    return slots


def _period(slots: list[Sample | None], start: int, end: int, begun: int, at: datetime) -> SampleSummary:
    some = slots[max(start, begun) : max(end, begun)]
    qualities = [_quality(sample) for sample in some]
    return period(
        at,
        [value for sample in some if (value := _value(sample)) is not None],
        gaps=qualities.count(Quality.GAP),
        vantage=qualities.count(Quality.VANTAGE),
        maintenance=qualities.count(Quality.MAINTENANCE),
    )


def _quality(sample: Sample | None) -> Quality:
    if sample is None or (sample.quality is Quality.OK and sample.value is None):
        return Quality.GAP
    return sample.quality


def _value(sample: Sample | None) -> float | None:
    return sample.value if sample is not None and sample.quality is Quality.OK else None


def weeks_of(series: Series, samples: Iterable[Sample], until: datetime) -> SeriesWeeks:
    """Count whole weeks back from ``until`` to the first sample, which may lie within the oldest week."""
    counted, good, aside = dict[int, int](), dict[int, int](), dict[int, int]()
    first: datetime | None = None
    for sample in samples:
        first = first or sample.time
        week = int((until - sample.time) / _WEEK)
        if sample.quality is Quality.OK and sample.value is not None:
            counted[week] = counted.get(week, 0) + 1
            good[week] = good.get(week, 0) + (sample.value >= 1)
        elif sample.quality in (Quality.VANTAGE, Quality.MAINTENANCE):
            aside[week] = aside.get(week, 0) + 1
    last = -1 if first is None else int((until - first) / _WEEK)
    weeks = tuple(
        Week(
            start=until - (number + 1) * _WEEK,
            counted=counted.get(number, 0),
            good=good.get(number, 0),
            aside=aside.get(number, 0),
        )
        for number in range(last + 1)
    )
    return SeriesWeeks(metric=series.metric, family=series.family, first=first, weeks=weeks)
