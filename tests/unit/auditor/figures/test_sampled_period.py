"""Tests sums of samples over a period: a slot without a measurement is neither up nor down."""

from datetime import UTC, datetime, timedelta

from auditor.figures.sampled_period import ChannelPeriod, PointPeriod, Stretch, sampled_period, stretch
from inventory.model import AgencyId, SubjectId
from probes.observations.series import SampleSummary
from tests.unit.auditor.figured import ORGANISATION

START = datetime(2026, 1, 1, tzinfo=UTC)


def part(hour: int, counted: int, total: float, *, vantage: int = 0, maintenance: int = 0) -> SampleSummary:
    return SampleSummary(
        start=START + timedelta(hours=hour), counted=counted, total=total, vantage=vantage, maintenance=maintenance
    )


def point(
    name: str, agency: str, reach: Stretch, vantage: str = "v", days: tuple[SampleSummary, ...] | None = None
) -> PointPeriod:
    """Return a point as a vantage sampled it, all of it on the first day unless ``days`` is given."""
    first = SampleSummary(start=START, counted=reach.counted, total=reach.total)
    return PointPeriod(
        subject=SubjectId(name),
        name=name,
        agency=AgencyId(agency),
        vantage=vantage,
        reach=reach,
        days=(first,) if days is None else days,
    )


def test_stretch_counts_slots_without_a_sample_as_not_measured_and_never_as_down() -> None:
    made = stretch([part(0, 8, 8.0, vantage=2), part(1, 4, 2.0, maintenance=6)], 40)
    assert (made.counted, made.not_measured, made.mean) == (12, 20, 10 / 12)
    assert made.measured == 12 / 32


def test_stretch_without_samples_has_no_share() -> None:
    made = stretch([], 288)
    assert (made.not_measured, made.mean, made.measured, made.p95) == (288, None, 0.0, None)


def test_stretch_takes_the_95th_percentile_of_hourly_means_by_nearest_rank() -> None:
    parts = [part(hour, 12, 12.0 * hour) for hour in range(100)]
    assert stretch(parts, 1_200, hourly=True).p95 == 94.0
    assert stretch(parts, 1_200).p95 is None


def test_channel_use_is_that_of_the_busier_direction() -> None:
    ways = (Stretch(slots=1, counted=1, p95=10e6), Stretch(slots=1, counted=1, p95=40e6))
    made = ChannelPeriod(
        subject=SubjectId("a"),
        name="a",
        agency=None,
        vantage="v",
        interface="e0",
        mbps=100,
        received=ways[0],
        sent=ways[1],
    )
    assert (made.peak, made.use) == (40e6, 0.4)


def test_agencies_add_up_samples_along_the_tree_and_count_a_point_once() -> None:
    points = [
        point("a", "X1", Stretch(slots=10, counted=10, total=10.0)),
        point("a", "X1", Stretch(slots=10, counted=2, total=0.0), vantage="other"),
        point("b", "X2.1", Stretch(slots=10, counted=5, total=4.0)),
        point("c", "X2", Stretch(slots=10)),
    ]
    made = sampled_period(points, [], ORGANISATION)
    rows = {row.agency: row for row in made.agencies}
    assert [row.agency for row in made.agencies] == ["P", "X1", "X2", "X2.1"]
    assert (rows[AgencyId("P")].points, rows[AgencyId("P")].measured) == (3, 2)
    assert (rows[AgencyId("P")].up, rows[AgencyId("P")].counted, rows[AgencyId("P")].not_measured) == (14.0, 15, 15)
    assert (rows[AgencyId("X2")].share, rows[AgencyId("X2")].lowest) == (0.8, 0.8)
    assert made.whole is not None
    assert made.whole.share == rows[AgencyId("P")].share


def test_agencies_without_points_are_left_out() -> None:
    assert sampled_period([], [], ORGANISATION).whole is None


def test_agencies_hold_no_fault_of_one_vantage_against_a_point() -> None:
    points = [
        point("a", "X1", Stretch(slots=100, counted=100, total=40.0), vantage="behind a broken path"),
        point("a", "X1", Stretch(slots=100, counted=90, total=90.0), vantage="hub"),
        point("a", "X1", Stretch(slots=100, counted=10, total=10.0), vantage="seldom"),
    ]
    whole = sampled_period(points, [], ORGANISATION).whole
    assert whole is not None
    assert (whole.counted, whole.share) == (90, 1.0)


def test_agencies_count_the_days_of_a_vantage_and_of_the_one_that_took_over_from_it() -> None:
    steady = [part(24 * day, 288, 288.0) for day in range(5)]
    down = [part(24 * day, 288, 144.0) for day in range(5, 10)]
    points = [
        point("a", "X1", stretch(days, 2_880), vantage=vantage, days=tuple(days))
        for vantage, days in (("hub", steady), ("hub, renamed", down))
    ]
    whole = sampled_period(points, [], ORGANISATION).whole
    assert whole is not None
    assert (whole.counted, whole.not_measured, whole.share, whole.lowest) == (2_880, 0, 0.75, 0.75)
