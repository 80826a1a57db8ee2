"""Tests the samples read for a period: rolled up and not yet rolled up, and none for a point without samples."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from auditor.figures.sampled_period import PointPeriod
from auditor.service.runs.period_samples import PeriodSamples
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import Sample, Series
from auditor.service.store.sql.store import SqlStore
from inventory.model import DeclaredFacts, Kind
from probes.observations.series import APP_OK, IN_RATE, LOSS, OUT_RATE, REACH, WEB_OK
from tests.support.statements import statements
from tests.unit.auditor.stored import row

SINCE = datetime(2026, 2, 28, 17, tzinfo=UTC)  # midnight in Vietnam
POINT = row("diem-x1", Kind.CONNECTION_POINT, "X1")


def test_points_count_rolled_up_days_and_the_samples_after_them_once() -> None:
    series = Series(subject=POINT.id, metric=REACH, vantage="v")
    times = [SINCE + timedelta(hours=6 * number) for number in range(12)]
    with MemoryStore() as store:
        store.add_samples(series, [Sample(time=time, value=float(n != 5)) for n, time in enumerate(times)])
        store.roll_up(SINCE + timedelta(days=2), timedelta(hours=7), None)
        samples = PeriodSamples(store, ("v",), SINCE, SINCE + timedelta(days=3))
        (point,) = samples.points([POINT, row("www.tinh.vn", Kind.PORTAL, "S1")])
    assert (point.reach.counted, point.reach.total, point.reach.slots) == (12, 11.0, 864)
    assert list(samples.channels([POINT])) == []


def test_points_are_to_be_sampled_on_the_days_for_which_they_are_listed_alone() -> None:
    series = Series(subject=POINT.id, metric=REACH, vantage="v")
    listed = replace(POINT, valid_from=date(2026, 3, 2), valid_to=date(2026, 3, 3))
    with MemoryStore() as store:
        store.add_samples(series, [Sample(time=SINCE + timedelta(hours=30), value=1.0)])
        samples = PeriodSamples(store, ("v",), SINCE, SINCE + timedelta(days=10))
        whole, part = (next(iter(samples.points([point]))).reach for point in (POINT, listed))
    assert (whole.counted, whole.slots) == (1, 10 * 288)
    assert (part.counted, part.slots) == (1, 2 * 288)


def test_points_are_down_neither_on_the_day_of_activation_nor_after_they_were_given_up() -> None:
    """A point is not down on its day of activation, nor after it was given up, which was recorded late."""
    series = Series(subject=POINT.id, metric=REACH, vantage="v")
    begun = replace(POINT, declared=DeclaredFacts(activated=date(2026, 3, 2)), valid_to=date(2026, 3, 4))
    with MemoryStore() as store:
        times = [SINCE + timedelta(hours=6 * number) for number in range(40)]
        up = range(6, 16)
        store.add_samples(series, [Sample(time=time, value=float(n in up)) for n, time in enumerate(times)])
        for rolled in range(2):
            samples = PeriodSamples(store, ("v",), SINCE, SINCE + timedelta(days=10))
            (point,) = samples.points([begun])
            assert (point.reach.slots, point.reach.counted, point.reach.mean) == (2 * 288, 8, 1.0), rolled
            store.roll_up(SINCE + timedelta(days=9), timedelta(hours=7), None)


def test_sites_count_hourly_looks_of_each_vantage_and_family() -> None:
    site, system = row("www.tinh.vn", Kind.PORTAL, "S1"), row("dung-chung", Kind.HOST, "S1")
    web = Series(subject=site.id, metric=WEB_OK, vantage="v", family=6)
    app = Series(subject=system.id, metric=APP_OK, vantage="hub")
    times = [SINCE + timedelta(hours=number) for number in range(4)]
    with MemoryStore() as store:
        store.add_samples(web, [Sample(time=time, value=float(n != 2)) for n, time in enumerate(times)])
        store.add_samples(app, [Sample(time=times[0], value=0.0)])
        samples = PeriodSamples(store, ("v", "hub", "other"), SINCE, SINCE + timedelta(days=1))
        seen = list(samples.sites([site, system, POINT]))
    assert [(each.subject, each.vantage, each.family) for each in seen] == [(site.id, "v", 6), (system.id, "hub", 0)]
    assert [(each.answered.slots, each.answered.counted, each.answered.mean) for each in seen] == [
        (24, 4, 0.75),
        (24, 1, 0.0),
    ]


def _loads(tags: tuple[str, ...], **mbps: float) -> dict[str, tuple[float | None, float | None]]:
    """Return the peak load of each channel of a 100 Mbit/s point in Mbit/s, and the part of the bandwidth in use."""
    point = replace(POINT, tags=tags, declared=DeclaredFacts(bandwidth_mbps=100.0))
    with MemoryStore() as store:
        for interface, load in mbps.items():
            for metric in (IN_RATE, OUT_RATE):
                series = Series(subject=POINT.id, metric=metric, vantage="v", interface=interface)
                store.add_samples(series, [Sample(time=SINCE + timedelta(hours=n), value=load * 1e6) for n in range(9)])
        samples = PeriodSamples(store, ("v",), SINCE, SINCE + timedelta(days=1))
        found = list(samples.channels([point]))
    return {each.interface: (each.peak and each.peak / 1e6, each.use) for each in found}


def test_the_registered_bandwidth_is_that_of_the_interface_to_tslcd() -> None:
    assert _loads(("wan=ge0",), ge0=40.0, ge1=900.0) == {"ge0": (40.0, 0.4), "ge1": (900.0, None)}
    assert _loads((), ge0=40.0) == {"ge0": (40.0, 0.4)}
    assert _loads((), ge0=40.0, ge1=900.0) == {"ge0": (40.0, None), "ge1": (900.0, None)}


def test_the_registered_bandwidth_of_two_lines_is_that_of_both() -> None:
    both = _loads(("wan=ge0", "wan=ge1"), ge0=48.0, ge1=50.0, lan=900.0)
    assert both == {"ge0": (48.0, None), "ge1": (50.0, None), "lan": (900.0, None), "ge0 + ge1": (98.0, 0.98)}
    assert _loads(("wan=ge0", "wan=ge1"), ge0=48.0) == {"ge0": (48.0, None)}


def _statements(store: SqlStore, points: int) -> int:
    """Count the database statements of a report of ``points`` points."""
    rows = [row(f"diem-{number}", Kind.CONNECTION_POINT, "X1") for number in range(points)]
    every = [
        Series(subject=point.id, metric=metric, vantage="v", family=family)
        for point in rows
        for metric, family in ((REACH, 0), (LOSS, 4), (LOSS, 6))
    ]
    store.add_round((series, Sample(time=SINCE, value=1.0)) for series in every)
    found: list[PointPeriod] = []
    samples = PeriodSamples(store, ("v",), SINCE, SINCE + timedelta(days=1))
    asked = statements(lambda: found.extend(samples.points(rows)))
    assert [(point.reach.counted, sorted(point.loss)) for point in found] == [(1, [4, 6])] * points
    return asked


def test_points_are_asked_for_together(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "few.db") as few, open_sqlite(tmp_path / "many.db") as many:
        assert _statements(few, 2) == _statements(many, 20)
