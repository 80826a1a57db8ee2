"""Tests that CBĐTW's tables are read with all problems reported, and compared with the local samples of the month."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.framework.operator_problems import OperatorProblem
from auditor.service.derived.feeds import FeedRow, Feeds, read_feeds
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import Quality, Retention, Sample, Series
from inventory.model import DeclaredFacts, Kind
from probes.framework.evidence import RunId
from probes.observations.feed import FeedSite, MonthlyFeed, SiteMonth
from probes.observations.series import CADENCE, IN_RATE, OUT_RATE, REACH
from tests.unit.auditor.service.sampling.world import HUB, point

HERE = timedelta(hours=7)
OCTOBER = datetime(2026, 9, 30, 17, tzinfo=UTC)
"""The first midnight of October in Vietnam."""
SLOT = timedelta(seconds=CADENCE)
ONE = replace(point(1), tags=("wan=eth0",), declared=DeclaredFacts(bandwidth_mbps=100))
HUB_ROW = replace(point(9), kind=Kind.DATACENTRE, kinds=frozenset({Kind.DATACENTRE}))
TABLE = """Tháng;Ngày nhận;Điểm kết nối;Mức sẵn sàng;Tải;Trạng thái
10/2026;03/11/2026;xa-1;99,5%;40;hoạt động
2026-10;2026-11-04;xa-7;100;;down
"""


def read(folder: Path, text: str) -> tuple[tuple[FeedRow, ...], list[OperatorProblem]]:
    path, problems = folder / "cbdtw.csv", list[OperatorProblem]()
    path.write_text(text, "utf-8")
    return read_feeds([path], problems), problems


def test_a_table_as_it_is_written_here(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, TABLE)
    assert problems == []
    assert [(row.month, row.received, row.site, row.said) for row in rows] == [
        (date(2026, 10, 1), date(2026, 11, 3), "xa-1", SiteMonth(availability=0.995, load=0.4, up=True)),
        (date(2026, 10, 1), date(2026, 11, 4), "xa-7", SiteMonth(availability=1.0, up=False)),
    ]


def test_every_fault_of_a_table_is_told(tmp_path: Path) -> None:
    head = "month,received,site,availability,status\n"
    rows, problems = read(tmp_path, head + "13/2026,2026-11-03,a,99,\n2026-10,soon,b,120,so so\n")
    assert rows == ()
    assert {problem.place.partition(":")[2] for problem in problems} == {
        "2:month",
        "3:received",
        "3:availability",
        "3:status",
    }
    gone, missing = list[OperatorProblem](), tmp_path / "gone.csv"
    assert read_feeds([missing], gone) == ()
    assert "reference.cbdtw" in gone[0].place


@pytest.fixture
def store() -> Iterator[Store]:
    with MemoryStore() as made:
        yield made


def sample(store: Store, metric: str, interface: str = "", *, value: float, every: int = 0, days: int = 31) -> None:
    """Store October with a 0 in each ``every``-th slot, and other values in the hour before and after it."""
    series = Series(subject=ONE.id, metric=metric, vantage=HUB, interface=interface)
    slots = range(-12, days * 288 + 12)
    inside = range(days * 288)
    store.add_samples(
        series,
        (
            Sample(
                time=OCTOBER + number * SLOT,
                value=(0.0 if every and number % every == 0 else value) if number in inside else -1e9,
                quality=Quality.OK if number in inside else Quality.VANTAGE,
            )
            for number in slots
        ),
    )


def of_october(store: Store, *rows: FeedRow, points: tuple[object, ...] = (ONE,)) -> tuple[FeedSite, ...]:
    store.roll_up(OCTOBER + timedelta(days=40), HERE, Retention())
    feeds = Feeds(run=RunId("r"), vantage=HUB, rows=rows, points=points)  # type: ignore[arg-type]
    checks = catalogue.load().select(("tslcd.monitor.feed",), ())
    (envelope,) = feeds.evidence(store, HUB_ROW, checks, datetime(2026, 11, 9, tzinfo=UTC))
    (step,) = envelope.steps
    assert isinstance(step, MonthlyFeed)
    assert (step.month, envelope.task) == (date(2026, 10, 1), "2026-10")
    assert list(feeds.evidence(store, ONE, checks, datetime(2026, 11, 9, tzinfo=UTC))) == []
    return step.sites


def row(site: str = "xa-1", received: str = "2026-11-04") -> FeedRow:
    site_month = SiteMonth(availability=0.9)
    return FeedRow(month=date(2026, 10, 1), received=date.fromisoformat(received), site=site, said=site_month, file="f")  # type: ignore[arg-type]


def test_what_was_sampled_in_the_month_stands_beside_it(store: Store) -> None:
    sample(store, REACH, value=1.0, every=100)
    sample(store, IN_RATE, "eth0", value=20e6)
    sample(store, OUT_RATE, "eth0", value=60e6)
    sample(store, OUT_RATE, "eth1", value=99e6)
    (site,) = of_october(store, row())
    slots = 31 * 288
    down = len(range(0, slots, 100))
    assert site.ours.availability == pytest.approx(1 - down / slots, abs=1e-12)
    assert site.ours.load == pytest.approx(0.6)
    assert site.ours.up is True


@pytest.mark.parametrize(
    ("tags", "load"),
    [(("wan=eth0",), 0.2), (("wan=eth0", "wan=eth1"), 0.55), (("wan=eth0", "wan=eth2"), None), ((), None)],
)
def test_the_load_is_that_of_the_lines_to_tslcd(store: Store, tags: tuple[str, ...], load: float | None) -> None:
    sample(store, IN_RATE, "eth0", value=20e6)
    sample(store, IN_RATE, "eth1", value=35e6)
    (site,) = of_october(store, row(), points=(replace(ONE, tags=tags),))
    assert site.ours.load == (None if load is None else pytest.approx(load))


def test_half_a_month_tells_nothing_of_the_month(store: Store) -> None:
    sample(store, REACH, value=1.0, days=15)
    (site,) = of_october(store, row())
    assert site.ours == SiteMonth()


def test_a_site_that_nobody_knows_is_compared_with_nothing(store: Store) -> None:
    sample(store, REACH, value=1.0)
    unknown, known = of_october(store, row("xa-0"), row("xa-1", "2026-11-02"), row("xa-1"))
    assert (unknown.ours, known.ours.availability) == (SiteMonth(), 1.0)
