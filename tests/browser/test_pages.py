"""Tests `auditor serve` as users see it: from the first visit to a finding, accessible, also on a phone."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from auditor.service.store.database.sqlite import open_sqlite
from tests.browser.visits import follow, inspecting, usable
from tests.support import judged
from tests.support.audits import PROGRAM

GOOD = "một mật khẩu đủ dài"


CODE: list[str] = []
"""The code for the first account, as the service printed it."""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a service in a process of its own and yield its address; it must end cleanly on a signal."""
    folder = tmp_path_factory.mktemp("serve")
    with open_sqlite(folder / "a.db") as store:
        judged.fill(store)
    with socket.socket(socket.AF_INET6) as free:
        free.bind(("::1", 0))
        port = free.getsockname()[1]
    words = [*PROGRAM, "serve", "--store", f"sqlite:///{folder / 'a.db'}", "--listen", f"[::1]:{port}"]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    with process:
        assert process.stdout is not None
        assert f"[::1]:{port}" in process.stdout.readline()
        CODE.append((folder / "a.db.set-up-code").read_text("ascii").strip())
        yield f"http://[::1]:{port}"
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    assert "Traceback" not in said


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_from_the_first_visit_to_a_finding(browser: Browser, base: str, scheme: str) -> None:
    context = inspecting(browser, scheme)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(base)
    usable(page)
    if page.url.endswith("/setup"):
        page.get_by_label("Mã thiết lập lần đầu").fill(CODE[0])
        page.get_by_label("Tên đăng nhập", exact=True).fill("quản trị")
        page.get_by_label("Mật khẩu", exact=True).fill(GOOD)
        page.get_by_label("Nhập lại mật khẩu").fill(GOOD)
        follow(page, page.get_by_role("button"))
    else:
        page.get_by_label("Tên").fill("quản trị")
        page.get_by_label("Mật khẩu").fill(GOOD)
        follow(page, page.get_by_role("button"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Quý I/2026")
    usable(page)
    follow(page, page.get_by_role("link", name="Sở Y tế").first)
    usable(page)
    follow(page, page.get_by_role("link", name=judged.OURS))
    expect(page.locator(".finding")).to_have_count(1)
    usable(page)
    own = ("/account", "/account/second-factor", "/accounts/edit?name=quản trị")
    for path in (
        "/runs",
        "/search?q=y tế",
        "/design",
        "/design?scheme=dark",
        "/checks",
        "/checks/ipv6.web.aaaa",
        "/accounts",
        "/audit-log",
        "/guide",
        "/language/en?to=/guide",
        "/nowhere",
        *own,
    ):
        page.goto(base + path)
        usable(page)
    assert page.evaluate("window.hacked") is None
    assert [complaint for complaint in complaints if "404" not in complaint] == []
    context.close()
