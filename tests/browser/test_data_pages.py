"""Tests that pages of inventories, changes, waivers, TSLCD, histories and single checks are accessible."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from auditor.service.accounts.accounts import Accounts
from auditor.service.store.database.sqlite import open_sqlite
from tests.browser.test_pages import GOOD
from tests.browser.visits import follow, inspecting, usable
from tests.support import judged, kept, past, points
from tests.support.audits import PROGRAM

PATHS = (
    "/",
    "/problems",
    f"/problems?run={judged.RUN}&kind=portal&outcome=fail",
    "/runs",
    "/audits",
    "/schedules",
    "/checks",
    "/checks/ipv6.web.aaaa",
    f"/runs/{judged.RUN}",
    f"/runs/{judged.RUN}/agencies",
    f"/runs/{judged.RUN}/agencies/{judged.AGENCY}",
    f"/runs/{judged.RUN}/changes",
    f"/runs/{judged.RUN}/changes?kind=gone",
    f"/runs/{past.RUN}/changes",
    f"/subjects/{judged.OURS}",
    f"/runs/{judged.RUN}/subjects/{judged.OURS}",
    f"/runs/{judged.RUN}/findings/{judged.finding_of(judged.OURS)}/{judged.OURS}",
    "/waivers",
    "/waivers?check=ipv6",
    "/tslcd",
    f"/tslcd/points/{points.OURS}",
    f"/tslcd/points/{points.THEIRS}?span=week",
    f"/runs/{points.RUN}/mesh",
    "/check",
    f"/waivers?subject={judged.OURS}&check=ipv6.web.aaaa",
    "/accounts",
    "/accounts/edit?name=quản trị",
    "/audit-log",
    "/shares",
    f"/shares?run={judged.RUN}&agency={judged.AGENCY}",
    "/shared/no-token",
    "/frameworks",
    "/frameworks/plan-daklak-2023-2025/III.1.a-portals",
    f"/runs/{judged.RUN}/figures/K08",
    f"/runs/{judged.RUN}/figures/K08?agency={judged.AGENCY}",
    "/declared?period=2026",
    "/periods",
    "/periods/2026",
    "/inventories",
    f"/inventories/{kept.INVENTORY}",
    f"/inventories/{kept.INVENTORY}/1",
    f"/inventories/{kept.INVENTORY}/agencies",
    f"/inventories/{kept.INVENTORY}/agencies?code={judged.AGENCY}",
    f"/inventories/{kept.INVENTORY}/row?id={judged.OURS}",
    f"/inventories/{kept.INVENTORY}/2/changes",
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a service in a process of its own, with an administrator; yield its address."""
    folder = tmp_path_factory.mktemp("serve")
    with open_sqlite(folder / "a.db") as store:
        judged.fill(store)
        past.fill(store)
        kept.keep(store)
        points.fill(store)
        Accounts(store.database).set_up("quản trị", GOOD, "vi", "::1")
    with socket.socket(socket.AF_INET6) as free:
        free.bind(("::1", 0))
        port = free.getsockname()[1]
    words = [*PROGRAM, "serve", "--store", f"sqlite:///{folder / 'a.db'}", "--listen", f"[::1]:{port}"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        assert f"[::1]:{port}" in process.stdout.readline()
        yield f"http://[::1]:{port}"
        process.send_signal(signal.SIGTERM)
        assert process.wait(300) == 0


def logged_in(browser: Browser, base: str, scheme: str) -> Page:
    context = inspecting(browser, scheme)
    page = context.new_page()
    page.goto(base)
    page.get_by_label("Tên").fill("quản trị")
    page.get_by_label("Mật khẩu").fill(GOOD)
    follow(page, page.get_by_role("button"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    return page


# The structure and colours of a page are the same in both languages: each language is tested in one scheme.
@pytest.mark.parametrize(("lang", "scheme"), [("vi", "light"), ("en", "dark")])
def test_every_page_is_usable_in_light_and_dark_colours(browser: Browser, base: str, lang: str, scheme: str) -> None:
    page = logged_in(browser, base, scheme)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{base}/language/{lang}")
    for path in PATHS:
        answer = page.goto(base + path)
        assert answer is not None
        assert answer.status == 200, path
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        usable(page)
    assert page.evaluate("window.hacked") is None
    assert complaints == []
    page.context.close()


def test_an_inventory_from_file_to_version(browser: Browser, base: str, tmp_path: Path) -> None:
    page = logged_in(browser, base, "light")
    good, bad = tmp_path / "mới.csv", tmp_path / "hỏng.csv"
    good.write_text(f"{judged.ROWS}{judged.AGENCY},Sở Y tế,,department,moi.example.vn,portal\n", "utf-8")
    bad.write_text(f"{judged.ROWS}{judged.AGENCY},Sở Y tế,,department,moi.example.vn,portall\n", "utf-8")
    for path, heading in ((bad, "Không nhập được"), (good, "Xem trước khi lưu")):
        page.goto(f"{base}/inventories")
        page.get_by_label("Tên danh mục").fill("Kiểm kê 2")
        page.get_by_label("Các tệp").set_input_files(path)
        follow(page, page.get_by_role("button", name="Đọc tệp"))
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        usable(page)
    follow(page, page.get_by_role("button", name="phiên bản 1"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Kiểm kê 2")
    expect(page.get_by_role("rowheader", name="moi.example.vn")).to_be_visible()
    page.context.close()


def test_what_came_of_a_workbook_is_usable(browser: Browser, base: str, tmp_path: Path) -> None:
    page, workbook = logged_in(browser, base, "dark"), tmp_path / "không phải bảng tính.xlsx"
    workbook.write_bytes(b"no workbook")
    page.goto(f"{base}/problems")
    page.get_by_text("Nhập lại bảng tính đã điền").click()
    form = page.locator("form[action='/problems/import']")
    form.locator("[name=file]").set_input_files(workbook)
    follow(page, form.locator("button"))
    expect(page.get_by_role("alert")).to_be_visible()
    usable(page)
    page.context.close()


def test_a_defect_is_accepted_and_the_acceptance_ended(browser: Browser, base: str) -> None:
    page = logged_in(browser, base, "dark")
    page.goto(f"{base}/runs/{judged.RUN}/findings/{judged.finding_of(judged.OURS)}/{judged.OURS}")
    follow(page, page.get_by_role("link", name="Chấp thuận ngoại lệ"))
    page.get_by_label("Lý do").fill("thay máy chủ")
    page.get_by_label("Người chịu trách nhiệm").fill("ông Ba")
    page.get_by_label("đến ngày").fill("2999-01-31")
    follow(page, page.get_by_role("button", name="Chấp thuận ngoại lệ"))
    row = page.get_by_role("row").filter(has_text="ông Ba")
    expect(row).to_contain_text("đang có hiệu lực")
    follow(page, row.get_by_role("button"))
    expect(page.get_by_role("row").filter(has_text="ông Ba")).to_contain_text("đã kết thúc sớm")
    usable(page)
    page.context.close()
