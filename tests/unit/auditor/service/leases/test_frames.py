"""Tests that samples read back from their lines unchanged, and that other lines are refused."""

from datetime import UTC, datetime, timedelta

import pytest

from auditor.service.leases import frames
from auditor.service.leases.intake import RefusedDelivery
from auditor.service.store.records import Quality, Sample, Series
from inventory.model import SubjectId

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
HUB = "tslcd-hub"
A_LINE = '{"subject":"a","time":"2026-03-01T08:00:00+00:00","samples":[%s]}'


def series(metric: str, family: int = 0, interface: str = "") -> Series:
    return Series(subject=SubjectId("cổng a"), metric=metric, vantage=HUB, family=family, interface=interface)


def test_samples_come_back_as_they_were() -> None:
    written = [
        (series("reach", 6), Sample(time=NOW, value=1.0)),
        (series("loss", 4), Sample(time=NOW, value=None, quality=Quality.GAP)),
        (series("if.octets-in", 0, "Gi0/1"), Sample(time=NOW - timedelta(hours=1), value=2.5, quality=Quality.VANTAGE)),
    ]
    assert frames.read(frames.dump(written), HUB, NOW) == written


@pytest.mark.parametrize(
    "slot",
    [
        '["reach",5,"",1.0,"ok"]',
        '["reach",true,"",1.0,"ok"]',
        '["Reach me",6,"",1.0,"ok"]',
        '["reach",6,1,1.0,"ok"]',
        '["reach",6,"",NaN,"ok"]',
        '["reach",6,"",1e999,"ok"]',
        pytest.param('["reach",6,"",1%s,"ok"]' % ("0" * 400), id="more than a number of the machine holds"),
        '["reach",6,"","1","ok"]',
        '["reach",6,"",true,"ok"]',
        '["reach",6,"",1.0,"fine"]',
        '["reach",6,"",1.0]',
        "1",
        '["reach",6,"\\u0000",1.0,"ok"]',
    ],
)
def test_sample_of_anything_else_is_refused(slot: str) -> None:
    with pytest.raises(RefusedDelivery, match="BAD_LINE"):
        frames.read((A_LINE % slot).encode(), HUB, NOW)


@pytest.mark.parametrize("away", [timedelta(minutes=11), -frames.OLDEST - timedelta(seconds=1)])
def test_sample_of_another_time_is_refused(away: timedelta) -> None:
    with pytest.raises(RefusedDelivery, match="OTHER_TIME"):
        frames.read(frames.dump([(series("reach"), Sample(time=NOW + away, value=1.0))]), HUB, NOW)


def test_too_many_series_are_refused_unread() -> None:
    slots = ",".join(['["reach",6,"",1.0,"ok"]'] * (frames.MOST_SERIES + 1))
    with pytest.raises(RefusedDelivery, match="TOO_LARGE"):
        frames.read((A_LINE % slots).encode(), HUB, NOW)
