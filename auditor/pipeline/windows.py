"""What checks that look back are given: series of the store, rolled up, as evidence of the run itself.

Written when a subject is measured, so that judging again sees what was there then.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from auditor.check import Check
from auditor.store.api import Store
from auditor.store.records import Quality, Sample, Series
from inventory.model import Subject
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence, RunId
from probes.observations.series import WEB_OK, SeriesWeeks, Week

PROBE = "series"
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Window:
    """How far a check looks back at a metric, and over which family it was sampled."""

    family: int
    weeks: int


WINDOWS: Mapping[str, Window] = {WEB_OK: Window(6, 26)}
"""By what stands in a check's ``window``."""


def evidence(
    store: Store, run: RunId, vantage: str, subject: Subject, checks: Iterable[Check], now: datetime
) -> Iterator[Evidence]:  # fmt: skip
    """One envelope for each metric that a check of this subject looks back at, also where there are no samples."""
    for metric in sorted({one.window for one in checks if one.window is not None and one.kinds & subject.kinds}):
        window = WINDOWS[metric]
        series = Series(subject=subject.id, metric=metric, vantage=vantage, family=window.family)
        step = rolled_up(series, store.samples(series, now - window.weeks * _WEEK, now), now)
        yield Evidence(
            id=evidence_id(run, subject.id, PROBE, metric, 1),
            run=run,
            subject=subject.id,
            endpoint=None,
            task=metric,
            probe=PROBE,
            probe_version=1,
            attempt=1,
            vantage=vantage,
            started=now,
            queued=0.0,
            steps=(step,),
        )


def rolled_up(series: Series, samples: Iterable[Sample], until: datetime) -> SeriesWeeks:
    """Whole weeks back from ``until``, as many as there are samples for; the oldest may have begun within."""
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
