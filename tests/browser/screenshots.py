"""Takes the pictures of the Vietnamese manual: ``scripts/screenshots FOLDER``, a folder that ``./auditor.sh run`` left.

Works on a copy of its store, with an account of its own. A picture is one screen as WebP, small enough for a document.
"""

import base64
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from containers.rehearsal.round import PAGES
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.visits import follow
from tests.support.audits import PROGRAM

IMAGES = Path(__file__).parents[2] / "docs/vi/images"
MOST_BYTES = 60_000
SIZE = {"width": 1180, "height": 760}
NAME, PASSWORD = "quantri", "một mật khẩu đủ dài"
SCHEDULE = """
[schedule.hang-thang]
cron = "0 2 1 * *"
inventory = "son-lam"
"""
PLAIN = {
    "danh-muc": "/inventories",
    "kiem-tra": "/audits",
    "tong-quan": "/",
    "van-de": "/problems",
    "lich": "/schedules",
    "tslcd": "/tslcd",
    "tai-khoan": "/accounts",
}
"""Pages with a fixed address."""


def main(source: Path) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(source / "auditor.db", folder)
        pages = (source / PAGES).read_text("utf-8")
        (folder / PAGES).write_text(pages + SCHEDULE, "utf-8")
        with _served(folder) as base, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which(CHROMIUM), args=ARGUMENTS)
            context = browser.new_context(
                viewport=SIZE,  # type: ignore[arg-type]  # a dictionary of these two numbers
                locale="vi-VN",
                timezone_id="Asia/Ho_Chi_Minh",
                reduced_motion="reduce",
                color_scheme="light",
            )
            context.set_default_timeout(300_000)
            _take_all(context.new_page(), base)
            browser.close()


def _take_all(page: Page, base: str) -> None:
    page.goto(f"{base}/login")
    _take(page, "dang-nhap")
    page.get_by_label("Tên").fill(NAME)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    follow(page, page.get_by_role("button", name="Đăng nhập"))
    for name, path in PLAIN.items():
        page.goto(base + path)
        _take(page, name)
    for name, part in (("don-vi", "/agencies/"), ("doi-tuong", "/subjects/")):
        page.goto(f"{base}/problems")
        follow(page, page.locator(f'main a[href*="{part}"]').first)
        _take(page, name)


def _take(page: Page, name: str) -> None:
    """Write a screenshot in the best quality that is small enough."""
    page.wait_for_load_state("networkidle")
    session = page.context.new_cdp_session(page)
    picture = b""
    for quality in range(80, 10, -10):
        taken = session.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
        picture = base64.b64decode(taken["data"])
        if len(picture) <= MOST_BYTES:
            break
    (IMAGES / f"{name}.webp").write_bytes(picture)
    session.detach()


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """Serve the copy on loopback, with an administrator."""
    secret = folder / "password"
    secret.write_text(PASSWORD, "utf-8")
    secret.chmod(0o600)
    program = [*PROGRAM, "--config", str(folder / PAGES)]
    store = ("--store", f"sqlite:///{folder / 'auditor.db'}")
    subprocess.run(
        [*program, "accounts", "add", NAME, "--role", "admin", *store, "--password-ref", f"file:{secret}"], check=True
    )
    with socket.socket(socket.AF_INET6) as free:
        free.bind(("::1", 0))
        port = free.getsockname()[1]
    words = [*program, "serve", *store, "--listen", f"[::1]:{port}"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield f"http://[::1]:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=300)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
