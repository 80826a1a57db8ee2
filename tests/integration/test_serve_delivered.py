"""Tests a real service that samples nothing itself: samples that workers deliver to it are rolled up."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from auditor.service.sampling.clock import slot
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import HOUR, Sample, Series
from inventory.model import SubjectId
from probes.observations.series import CADENCE, REACH
from tests.support.service_process import serving

_SERIES = Series(subject=SubjectId("x"), vantage="chi-nhanh", metric=REACH)


def test_an_hour_that_is_over_is_rolled_up(tmp_path: Path) -> None:
    path, now = tmp_path / "a.db", datetime.now(UTC)
    begin = slot(now, HOUR) - timedelta(hours=3)
    delivered = [(_SERIES, Sample(time=begin + timedelta(seconds=number * CADENCE), value=1.0)) for number in range(12)]
    deadline = time.monotonic() + 120
    with open_sqlite(path) as store:
        store.add_delivered(delivered, now)
        with serving(path):
            while not (hours := list(store.rolled(_SERIES, HOUR, begin, now))):
                assert time.monotonic() < deadline, path.with_name("log").read_text("utf-8")
                time.sleep(0.1)
    assert [(hour.start, hour.counted) for hour in hours] == [(begin, 12)]
