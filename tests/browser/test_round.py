"""Tests a round of several vantages as users see it: the report and the pages, also on a phone."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from auditor.framework import catalogue
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.database.sqlite import open_sqlite
from reports.document import Options
from reports.registry import renderer
from tests.browser.visits import follow, inspecting, usable
from tests.support import vantages
from tests.support.audits import PROGRAM
from tests.support.vantages import INSIDE, OTHER, PORTAL, REFUSED, TIMEOUT, Place
from tests.unit.reports.sample import MemorySink

GOOD = "một mật khẩu đủ dài"
PLACES = (
    Place(name="Hà Nội", got={PORTAL: None, OTHER: TIMEOUT, INSIDE: TIMEOUT}),
    Place(name="Huế", got={PORTAL: TIMEOUT, OTHER: REFUSED}),
    Place(name="hub TSLCD", networks=("tslcd",), got={INSIDE: None, PORTAL: TIMEOUT}),
)
ONE_SIDED = "Có trả lời trong mạng TSLCD (hub TSLCD), không trả lời từ Internet (Hà Nội)."
FAILS = "Theo từng điểm đo: Huế: Không đạt và Hà Nội: Không đạt."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a store of a judged round, and its report."""
    folder = tmp_path_factory.mktemp("round")
    with open_sqlite(folder / "a.db") as store:
        vantages.add_round(store, *PLACES)
        known = catalogue.load()
        judged = evaluate(vantages.ROUND, store, known, now=vantages.START + timedelta(days=1))
        sink = MemorySink()
        renderer("html", Options(lang="vi"))(StoredReport(judged, store, known), sink)
    (folder / "report.html").write_bytes(sink.files["report.html"])
    return folder


@pytest.fixture(scope="module")
def base(folder: Path) -> Iterator[str]:
    with socket.socket(socket.AF_INET6) as free:
        free.bind(("::1", 0))
        port = free.getsockname()[1]
    words = [*PROGRAM, "serve", "--store", f"sqlite:///{folder / 'a.db'}", "--listen", f"[::1]:{port}"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        assert f"[::1]:{port}" in process.stdout.readline()
        yield f"http://[::1]:{port}"
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=300)


def looked_at(page: Page, name: str) -> None:
    """Assert that the page is accessible; keep screenshots of it if SCREENSHOTS_FOLDER is set."""
    usable(page)
    if folder := os.environ.get("SCREENSHOTS_FOLDER"):
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})


def test_report_of_round_says_what_each_vantage_saw(browser: Browser, folder: Path) -> None:
    context = inspecting(browser)
    page = context.new_page()
    page.goto((folder / "report.html").as_uri())
    for vantage in ("Hà Nội", "Huế", "hub TSLCD"):
        expect(page.get_by_text(vantage).first).to_be_attached()
    for subject in page.locator("details.subject").all():
        subject.evaluate("element => { for (let e = element; e; e = e.parentElement) if ('open' in e) e.open = true }")
    expect(page.get_by_text(ONE_SIDED)).to_be_visible()
    expect(page.get_by_text(FAILS).first).to_be_visible()
    looked_at(page, "report")
    context.close()


def test_pages_of_round_say_what_each_vantage_saw(browser: Browser, base: str, folder: Path) -> None:
    context = inspecting(browser)
    page = context.new_page()
    page.goto(base)
    page.get_by_label("Mã thiết lập lần đầu").fill((folder / "a.db.set-up-code").read_text("ascii").strip())
    page.get_by_label("Tên đăng nhập", exact=True).fill("quản trị")
    page.get_by_label("Mật khẩu", exact=True).fill(GOOD)
    page.get_by_label("Nhập lại mật khẩu").fill(GOOD)
    follow(page, page.get_by_role("button"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("tháng ba")
    looked_at(page, "overview")
    page.goto(f"{base}/runs")
    expect(page.get_by_role("row")).to_have_count(2)
    looked_at(page, "runs")
    page.goto(f"{base}/runs/round/subjects/{INSIDE}")
    expect(page.get_by_text(ONE_SIDED)).to_be_visible()
    looked_at(page, "inside")
    page.goto(f"{base}/runs/round/subjects/{OTHER}")
    expect(page.get_by_text(FAILS)).to_be_visible()
    looked_at(page, "subject")
    follow(page, page.locator(".finding h2 a").first)
    expect(page.get_by_text(FAILS)).to_be_visible()
    looked_at(page, "finding")
    context.close()
