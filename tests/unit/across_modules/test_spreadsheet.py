"""Results of checks on a month and a week of samples with gaps equal the formulas of a table.

The rows are in a separate database, and its SQL, which is not ours, computes the same as a spreadsheet.
"""

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from auditor.framework import catalogue, policy
from auditor.framework.findings import Finding
from auditor.framework.message_format import VIETNAM
from auditor.service.derived.windows import evidence
from auditor.service.store.api import Store
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import Quality, Sample, Series
from inventory.model import DeclaredFacts, Network
from probes.framework.evidence import RunId
from probes.observations.series import CADENCE, IN_RATE, OUT_RATE, REACH
from tests.unit.auditor.contexts import NOON, context, judged, vantage
from tests.unit.auditor.service.sampling.world import HUB, point

SLOT = timedelta(seconds=CADENCE)
MBPS = 100
POINT = replace(point(1), tags=("wan=eth0",), declared=DeclaredFacts(bandwidth_mbps=MBPS, activated=date(2025, 7, 1)))
END = datetime.fromtimestamp(int(NOON.timestamp()) // 3_600 * 3_600 + 3_600, NOON.tzinfo)
"""The end of the hour of the run, where a month ends."""
MIDNIGHT = datetime.combine(NOON.astimezone(VIETNAM), time(), VIETNAM).astimezone(UTC)
"""The end of the last whole day of Vietnam before the run."""
MONTH, WEEK = 30 * 288, 7 * 288
P95 = (
    "(SELECT mbps FROM (SELECT mbps, ROW_NUMBER() OVER (ORDER BY mbps) AS place, COUNT(*) OVER () AS n FROM {part})"
    " WHERE place >= 0.95 * n ORDER BY place LIMIT 1)"
)
"""The smallest value that 95 of 100 do not exceed."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_sqlite(tmp_path / "auditor.db") as made:
        yield made


@pytest.fixture
def table() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE lines (slot INTEGER, state TEXT, up INTEGER, mbps REAL)")
    yield connection
    connection.close()


def number(table: sqlite3.Connection, formula: str) -> float:
    (found,) = table.execute(f"SELECT {formula}").fetchone()
    assert found is not None
    return float(found)


def fill(
    table: sqlite3.Connection, store: Store, slots: int, end: datetime, peaks: tuple[float, ...], away: float
) -> None:
    """Insert rows for ``slots`` five-minute slots up to ``end``, and the samples that a sampler would make of them.

    ``peaks``: the rate that the fullest twentieth of each day exceeds, in Mbit/s.
    """
    chance = random.Random(slots)
    rows: dict[Series, list[Sample]] = {}
    for slot in range(slots):
        state = chance.choices(("ok", "gap", "vantage", "maintenance"), (94, 3, 2, 1))[0]
        up, full = int(chance.random() > away), chance.random() < 0.10
        top = peaks[slot // 288 % len(peaks)]
        mbps = round(chance.uniform(top, top + 4) if full else chance.uniform(1, 40), 3)
        table.execute("INSERT INTO lines VALUES (?, ?, ?, ?)", (slot, state, up, mbps))
        quality = Quality.OK if state in ("ok", "gap") else Quality(state)
        for metric, interface, value in ((REACH, "", up), (IN_RATE, "eth0", mbps * 1e6), (OUT_RATE, "eth0", 5e5)):
            series = Series(subject=POINT.id, metric=metric, vantage=HUB, interface=interface)
            if state != "gap":
                sample = Sample(time=end - (slots - slot) * SLOT, value=float(value), quality=quality)
                rows.setdefault(series, []).append(sample)
    for series, samples in rows.items():
        store.add_samples(series, samples)


def finding(store: Store, check: str) -> Finding:
    checks = catalogue.load().select((check,), ())
    envelopes = tuple(evidence(store, RunId("r"), HUB, POINT, checks, NOON))
    health = replace(vantage(), name=HUB, networks=frozenset({Network.TSLCD}))
    inside = replace(context(health), policy=policy.default())
    (one,) = judged(checks[0], *envelopes, ctx=inside, subject=POINT)
    return one


@pytest.mark.parametrize(("away", "code"), [(0.0, "STEADY"), (0.0075, "BELOW"), (0.03, "POOR")])
def test_availability_is_that_of_the_table(store: Store, table: sqlite3.Connection, away: float, code: str) -> None:
    fill(table, store, MONTH, END, (50,), away)
    one = finding(store, "tslcd.site.availability")
    assert one.code == code
    assert one.args["share"] == pytest.approx(number(table, "AVG(up) FROM lines WHERE state = 'ok'"), abs=1e-5)
    assert one.args["count"] == number(table, "COUNT(*) FROM lines WHERE state = 'ok'")


@pytest.mark.parametrize(
    ("peaks", "code"),
    [
        ((60,) * 7, "ROOM_LEFT"),
        ((60, 60, 60, 82, 60, 60, 60), "NEARLY_FULL"),
        ((92,) * 6 + (60,), "FULL_WEEK"),  # the second reading alone: of the week, not of every day
        ((92,) * 7, "FULL"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_both_readings_of_the_circular_are_those_of_the_table(
    store: Store, table: sqlite3.Connection, peaks: tuple[float, ...], code: str
) -> None:
    fill(table, store, WEEK, MIDNIGHT, peaks, 0.0)
    ok = "lines WHERE state = 'ok'"
    days = [number(table, P95.format(part=f"{ok} AND slot / 288 = {day}")) / MBPS for day in range(7)]
    week = number(table, P95.format(part=ok)) / MBPS
    # As somebody reads the circular with the table before him.
    every_day, whole_week = min(days) > 0.9, week > 0.9
    wanted = "FULL" if every_day else "FULL_WEEK" if whole_week else "NEARLY_FULL" if max(days) > 0.8 else "ROOM_LEFT"
    assert wanted == code
    one = finding(store, "tslcd.channel.utilisation")
    assert one.code == code
    assert one.args["peak"] == pytest.approx(week if code == "FULL_WEEK" else max(days), abs=1e-4)
