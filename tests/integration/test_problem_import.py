"""Tests that a report's workbook is downloaded, filled in and imported; problems then have state, person and day."""

import io
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from aiohttp import FormData
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from auditor.framework.findings import CheckId, Outcome
from auditor.service.accounts.model import Role
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.problem_states import ProblemKey, ProblemState, WantedChange
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.site import SITE
from inventory.model import AgencyId, Network, SubjectId
from reports.formats.xlsx.fix_columns import COLUMNS
from tests.support.serving import Browser, Served, cheap_passwords, serving
from tests.unit.auditor.stored import Brief, Held, put

FAILS = [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="NO_AAAA")]
KEY = ProblemKey(subject=SubjectId("www.tinh.vn"), check=CheckId("ipv6.web.aaaa"), network=Network.INTERNET)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "a.db") as made:
        put(made, Held(name="r1", findings={"www.tinh.vn": FAILS, "xa.tinh.vn": FAILS}, scored=True))
        yield made


@pytest.fixture
async def served(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    cheap_passwords(monkeypatch)
    async with serving(store) as made:
        yield made


class Filled:
    """Edits the first sheet of a downloaded workbook."""

    def __init__(self, body: bytes) -> None:
        self.book = load_workbook(io.BytesIO(body))
        self.sheet: Worksheet = self.book[self.book.sheetnames[0]]

    def write(self, subject: str, **cells: object) -> None:
        columns = {name: number for number, name in enumerate(COLUMNS, 1)}
        for row in self.sheet.iter_rows(min_row=2):
            if row[columns["subject"] - 1].value == subject:
                for name, value in cells.items():
                    row[columns[name] - 1].value = value  # type: ignore[assignment]

    @property
    def body(self) -> bytes:
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()


async def downloaded(browser: Browser) -> Filled:
    async with browser.session.get(f"{browser.base}/reports/latest/xlsx") as answer:
        assert answer.status == 200
        return Filled(await answer.read())


async def imported(browser: Browser, body: bytes, name: str = "khac-phuc.xlsx") -> tuple[int, str]:
    form = FormData()
    form.add_field("csrf", await browser.csrf())
    form.add_field("file", body, filename=name)
    async with browser.session.post(f"{browser.base}/problems/import", data=form, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def test_workbook_filled_in_changes_problems_with_history(served: Served) -> None:
    browser = await served.as_("vận hành", Role.OPERATOR)
    book = await downloaded(browser)
    book.write("www.tinh.vn", state="đang xử lý", owner="Phòng CNTT", deadline=date(2026, 12, 31))
    status, html = await imported(browser, book.body)
    assert (status, "1 vấn đề đã thay đổi" in html) == (200, True)
    (change,) = served.app[SITE].problem_states.history(KEY)
    assert (change.state, change.owner, change.deadline) == (ProblemState.IN_WORK, "Phòng CNTT", date(2026, 12, 31))
    assert (change.who, change.agency) == ("vận hành", "S1")
    assert served.app[SITE].accounts.deeds()[0].what == "problems_changed"


async def test_workbook_imported_twice_changes_once(served: Served) -> None:
    browser = await served.as_("vận hành", Role.OPERATOR)
    book = await downloaded(browser)
    book.write("www.tinh.vn", owner="An", comment="đã gọi nhà cung cấp")
    for _ in range(2):
        assert (await imported(browser, book.body))[0] == 200
    assert len(served.app[SITE].problem_states.history(KEY)) == 1


async def test_old_workbook_takes_nothing_back(served: Served) -> None:
    browser = await served.as_("vận hành", Role.OPERATOR)
    book = await downloaded(browser)
    states = served.app[SITE].problem_states
    fixed = WantedChange(state=ProblemState.FIXED)
    states.change({KEY: AgencyId("S1")}, fixed, who="an", now=datetime(2026, 9, 2, tzinfo=UTC))
    book.write("www.tinh.vn", owner="An")
    await imported(browser, book.body)
    assert (states.latest()[KEY].state, states.latest()[KEY].owner) == (ProblemState.FIXED, "An")


async def test_workbook_shows_what_was_imported(served: Served) -> None:
    browser = await served.as_("vận hành", Role.OPERATOR)
    book = await downloaded(browser)
    book.write("www.tinh.vn", owner="An", deadline="31/12/2026")
    await imported(browser, book.body)
    values = [cell.value for row in (await downloaded(browser)).sheet.iter_rows() for cell in row]
    assert "An" in values
    assert date(2026, 12, 31) in [value.date() for value in values if isinstance(value, datetime)]


async def test_workbook_with_a_wrong_cell_changes_nothing_and_tells_where(served: Served) -> None:
    browser = await served.as_("vận hành", Role.OPERATOR)
    book = await downloaded(browser)
    book.write("www.tinh.vn", owner="An")
    book.write("xa.tinh.vn", state="xong rồi")
    status, html = await imported(browser, book.body)
    assert status == 422
    for told in ("khac-phuc.xlsx", "Trạng thái", "xong rồi"):
        assert told in html
    assert served.app[SITE].problem_states.latest() == {}


async def test_row_of_a_problem_that_is_gone_is_told(served: Served) -> None:
    browser = await served.as_("vận hành", Role.OPERATOR)
    book = await downloaded(browser)
    book.write("www.tinh.vn", key="internet ipv6.web.aaaa cu.tinh.vn", owner="An")
    status, html = await imported(browser, book.body)
    assert (status, "cu.tinh.vn" in html) == (200, True)


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04 none", b"a,b\n1,2\n"])
async def test_file_that_is_no_such_workbook_changes_nothing(served: Served, body: bytes) -> None:
    browser = await served.as_("vận hành", Role.OPERATOR)
    status, html = await imported(browser, body)
    assert (status, "Chưa có thay đổi nào được lưu" in html) == (422, True)


async def test_viewers_import_nothing(served: Served) -> None:
    browser = await served.as_("xem", Role.VIEWER)
    assert (await imported(browser, b"x"))[0] == 403
