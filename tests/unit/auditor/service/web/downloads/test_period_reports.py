"""Tests which accounts get the report of a period."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.figures.period import parse_period
from auditor.service.accounts.model import Account, Role
from auditor.service.config.model import Config
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.accounts import log_rows
from auditor.service.web.app import make_app
from auditor.service.web.downloads.period_reports import made_report, written_period
from auditor.service.web.site import SITE, Site
from inventory.model import AgencyId
from tests.support import published


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_sqlite(tmp_path / "a.db") as store:
        published.fill(store)
        yield make_app(Config(), store, secure=False)[SITE]


def account(agency: str | None) -> Account:
    bound = None if agency is None else AgencyId(agency)
    created = datetime(2026, 9, 1, tzinfo=UTC)
    return Account(key=1, name="ai", role=Role.VIEWER, agency=bound, lang="vi", created=created)


@pytest.mark.parametrize(
    ("agency", "year", "is_there"), [(None, "2026", True), (None, "2020", False), ("X3", "2026", False)]
)
def test_made_report_is_of_the_whole_and_of_a_period_with_counts(
    site: Site, agency: str | None, year: str, is_there: bool
) -> None:
    report = asyncio.run(made_report(site, account(agency), parse_period(year)))
    assert (report is not None) is is_there


@pytest.mark.clock(published.AFTER)
def test_written_period_notes_the_download(site: Site) -> None:
    period = parse_period("2026")
    assert asyncio.run(written_period(site, account(None), period, "exe", "vi", "::1")) is None
    assert asyncio.run(written_period(site, account("X3"), period, "json", "vi", "::1")) is None
    data = asyncio.run(written_period(site, account(None), period, "json", "vi", "::1"))
    assert data is not None
    with site.store.database.reading() as connection:
        lines = [(row.what, row.about) for row in log_rows.latest(connection, 10)]
    assert lines == [("export", "2026 r2 json")]
