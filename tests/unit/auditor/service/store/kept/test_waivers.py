"""Tests waivers, each an accepted defect: nothing is changed, nothing is lost."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from auditor.framework.waivers import WaiverRow
from auditor.service.store.api import DatabaseStore
from auditor.service.store.kept.waivers import WaiverStore
from auditor.service.store.records import StoreError
from inventory.model import AgencyId, SubjectId
from tests.support.stores import DATABASES, new_store

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseStore]:
    with new_store(request, tmp_path) as made:
        yield made


def row(**changes: str) -> WaiverRow:
    return WaiverRow(
        subject=SubjectId("www.tinh.vn") if not changes else None,
        agency=AgencyId(changes["agency"]) if changes else None,
        check="ipv6.web",
        reason="chờ thay thiết bị",
        owner="Nguyễn Văn A",
        until=date(2026, 12, 31),
    )


def test_a_waiver_is_heeded_until_it_is_taken_back(store: DatabaseStore) -> None:
    waivers = WaiverStore(store.database)
    first = waivers.add(row(), who="an", now=NOW)
    second = waivers.add(row(agency="S1"), who="an", now=NOW)
    assert store.accepted() == (row(), row(agency="S1"))
    waivers.end(first, who="bình", now=NOW + timedelta(days=1))
    assert store.accepted() == (row(agency="S1"),)
    ended, other = waivers.all()
    assert (ended.row, ended.who, ended.ended_by, ended.ended) == (row(), "an", "bình", NOW + timedelta(days=1))
    assert not ended.in_force(date(2026, 3, 3))
    assert other.key == second
    assert [other.in_force(date(2026, 12, 31)), other.in_force(date(2027, 1, 1))] == [True, False]
    for key in (first, 99):
        with pytest.raises(StoreError, match="no accepted defect"):
            waivers.end(key, who="an", now=NOW)
