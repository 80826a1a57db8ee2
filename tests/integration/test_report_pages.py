"""Tests downloaded reports: of a run, of one agency with its letter, and at permanent addresses."""

import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from docx import Document

from auditor.framework.findings import Outcome
from auditor.service.accounts.model import Role
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.site import SITE
from tests.support.serving import OTHER, Browser, Served, cheap_passwords, serving
from tests.unit.auditor.stored import Brief, Held, put

FAILS = [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="NO_AAAA")]
PASSES = [Brief(check="ipv6.web.aaaa", outcome=Outcome.PASS)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    """Yield a store of two runs; in the later one a department fails and a commune's site passes."""
    folder: Path = tmp_path_factory.mktemp("store")
    with open_sqlite(folder / "a.db") as made:
        for name, days in (("r1", 0.0), ("r2", 7.0)):
            put(made, Held(name=name, days=days, findings={"www.tinh.vn": FAILS, "xa.tinh.vn": PASSES}, scored=True))
        yield made


@pytest.fixture
async def served(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    cheap_passwords(monkeypatch)
    async with serving(store) as made:
        yield made


async def somebody(served: Served, name: str, role: Role = Role.VIEWER, agency: str | None = None) -> Browser:
    """Log in as an account, which is created at its first use."""
    served.admin()
    if not any(one.name == name for one in served.app[SITE].accounts.all()):
        served.add(name, role, agency)
    browser = served.browser()
    assert await browser.log_in(name, OTHER) == 303
    return browser


async def body_of(browser: Browser, path: str) -> tuple[int, bytes, str]:
    async with browser.session.get(browser.base + path, allow_redirects=False) as answer:
        return answer.status, await answer.read(), answer.headers.get("Content-Disposition", "")


def words_of(letter: bytes) -> str:
    document = Document(io.BytesIO(letter))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


async def test_agency_page_links_its_letter(served: Served) -> None:
    browser = await somebody(served, "xem")
    _, html, _ = await browser.get("/runs/r2/agencies/S1")
    assert 'href="/runs/r2/agencies/S1/reports/letter"' in html
    status, letter, disposition = await body_of(browser, "/runs/r2/agencies/S1/reports/letter")
    assert (status, "cong-van-s1.docx" in disposition) == (200, True)
    words = words_of(letter)
    assert "Sở Một" in words
    assert "Xã Một" not in words


async def test_letter_to_agency_without_problems_is_refused_in_words(served: Served) -> None:
    browser = await somebody(served, "xem")
    status, html, _ = await browser.get("/runs/r2/agencies/X1/reports/letter")
    assert status == 404
    assert "không có nội dung phải khắc phục" in html


@pytest.mark.parametrize("kind", ["html", "xlsx", "csv", "json"])
async def test_agency_report_has_only_its_subjects(served: Served, kind: str) -> None:
    browser = await somebody(served, "xem")
    status, body, _ = await body_of(browser, f"/runs/r2/agencies/S1/reports/{kind}")
    assert status == 200
    if kind != "xlsx":
        assert (b"www.tinh.vn" in body, b"xa.tinh.vn" in body) == (True, False)


@pytest.mark.parametrize("kind", ["letter", "html", "xlsx"])
@pytest.mark.parametrize(("own", "other"), [("S1", "X1"), ("X1", "S1"), ("S1", "P")])
async def test_viewer_of_agency_gets_reports_of_no_other(served: Served, own: str, other: str, kind: str) -> None:
    browser = await somebody(served, f"xem {own}", agency=own)
    assert (await body_of(browser, f"/runs/r2/agencies/{other}/reports/{kind}"))[0] == 404


async def test_letters_of_a_run_are_a_zip_of_what_the_account_sees(served: Served) -> None:
    browser = await somebody(served, "xem")
    status, body, _ = await body_of(browser, "/runs/r2/reports/letters")
    assert status == 200
    assert zipfile.ZipFile(io.BytesIO(body)).namelist() == ["cong-van-s1.docx"]
    other = await somebody(served, "xem X1", agency="X1")
    assert (await body_of(other, "/runs/r2/reports/letters"))[0] == 404


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/runs/latest", "/runs/r2"),
        ("/reports/latest", "/runs/r2/reports/html"),
        ("/reports/latest/xlsx", "/runs/r2/reports/xlsx"),
        ("/reports/latest/letters", "/runs/r2/reports/letters"),
    ],
)
async def test_latest_leads_to_the_latest_run(served: Served, path: str, place: str) -> None:
    browser = await somebody(served, "xem")
    status, _, headers = await browser.get(path)
    assert (status, headers["Location"]) == (302, place)


async def test_latest_in_unknown_format_is_not_found(served: Served) -> None:
    browser = await somebody(served, "xem")
    assert (await browser.get("/reports/latest/docx"))[0] == 404


async def test_api_latest_is_the_latest_run(served: Served) -> None:
    program = served.program(served.admin())
    _, run, _ = await program.get("/api/v1/runs/latest")
    _, findings, _ = await program.get("/api/v1/runs/latest/findings?outcome=fail")
    assert run["run"]["id"] == "r2"
    assert [item["subject"] for item in findings["items"]] == ["www.tinh.vn"]


async def test_api_serves_the_letter_of_an_agency(served: Served) -> None:
    program = served.program(served.admin())
    status, _, headers = await program.get("/api/v1/runs/latest/agencies/S1/reports/letter")
    assert (status, "cong-van-s1.docx" in headers["Content-Disposition"]) == (200, True)
    assert (await program.get("/api/v1/runs/latest/agencies/X1/reports/letter"))[0] == 404
    assert (await program.get("/api/v1/runs/latest/agencies/none/reports/html"))[0] == 404
