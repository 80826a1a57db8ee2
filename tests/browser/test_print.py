"""What is on paper of the service's pages: every table, also one that people tick lines of, and no button to press."""

import pytest
from playwright.sync_api import Browser, expect

from tests.architecture.tree import ROOT

STATIC = ROOT / "auditor/service/web/static"
STYLE = "".join((STATIC / name).read_text("utf-8") for name in ("tokens.css", "frame.css", "site.css"))
PAGE = f"""<!doctype html><html lang="vi"><title>Print</title><style>{STYLE}</style><main>
<form class="inline" id="filter"><label>Mức độ <select><option>cao</option></select></label> <button>Xem</button></form>
<details id="import"><summary>Nhập</summary><form class="inline" method="post"><input name="file"></form></details>
<form method="post" id="lines"><div class="scroll"><table><tr><td class="choose"><input type="checkbox"></td>
<th scope="row" id="point"><a href="#">d-x</a><br><span class="addr note">fd75:0:0:200::1,</span></th>
<td>Một vấn đề</td><td id="long"><a href="#">{"thietbi." * 40}vn</a></td></tr></table></div>
<fieldset class="card"><legend>Đổi</legend><button>Lưu</button></fieldset></form>
<div class="downloads"><h3 id="downloads">Báo cáo</h3><a class="button" id="download" href="#">PDF</a></div>
<form class="card" method="post" id="edit"><label>Tên <input></label><button>Lưu</button></form></main></html>"""


@pytest.mark.parametrize(("media", "shown"), [("screen", True), ("print", False)])
def test_print_keeps_tables_and_the_filter_and_leaves_controls_out(browser: Browser, media: str, shown: bool) -> None:
    page = browser.new_page()
    page.set_content(PAGE)
    page.emulate_media(media=media)  # type: ignore[arg-type]  # one of two literals
    for kept in ("#long", "#filter select"):
        expect(page.locator(kept)).to_be_visible()
    for control in (
        "#filter button",
        "#import summary",
        "#lines fieldset",
        "#lines .choose",
        "#edit input",
        "#download",
    ):
        expect(page.locator(control)).to_be_visible(visible=shown)
    page.close()


def test_print_leaves_no_column_beyond_the_edge_of_the_paper(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 700, "height": 900})
    page.set_content(PAGE)
    page.emulate_media(media="print")
    assert page.evaluate("document.querySelector('#long').getBoundingClientRect().right") <= 700
    page.close()


def test_print_breaks_no_address_of_a_row(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 700, "height": 900})
    page.set_content(PAGE)
    page.emulate_media(media="print")
    lines = page.evaluate("document.querySelector('#point .addr').getClientRects().length")
    assert lines == 1
    page.close()
