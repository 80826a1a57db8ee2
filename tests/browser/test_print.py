"""Tests printed pages of the service: every table, also one with checkboxes in its rows, and no button."""

import io

import pytest
from playwright.sync_api import Browser, expect
from pypdf import PageObject, PdfReader

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


def _table(columns: int, *, link: str = "Không mở cổng quản trị, management, ra Internet") -> str:
    titles = "".join(f'<th scope="col"><a href="#">Answered{number}</a></th>' for number in range(columns))
    cells = "".join(f'<td><a href="#">{link}</a></td>' for _ in range(columns))
    return f'<div class="scroll"><table><thead><tr>{titles}</tr></thead><tbody><tr>{cells}</tr></tbody></table></div>'


def _printed(browser: Browser, content: str) -> PageObject:
    page = browser.new_page()
    page.set_content(f"<!doctype html><title>Print</title><style>{STYLE}</style><main>{content}</main>")
    (printed, *_) = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, format="A4"))).pages
    page.close()
    return printed


def test_print_breaks_no_word_of_titles_and_links(browser: Browser) -> None:
    words = _printed(browser, _table(7)).extract_text().split()
    assert {*(f"Answered{number}" for number in range(7)), "management,", "Internet"} <= {*words}


@pytest.mark.parametrize(("columns", "across"), [(7, False), (9, True)])
def test_print_lays_the_paper_of_a_wide_table_across(browser: Browser, columns: int, across: bool) -> None:
    paper = _printed(browser, _table(columns, link="Đạt")).mediabox
    assert (paper.width > paper.height) is across


def test_print_leaves_out_a_column_of_buttons_with_its_title(browser: Browser) -> None:
    row = '<tr><td>Lý do</td><td class="action"><form method="post"><button>Gỡ</button></form></td></tr>'
    title = '<tr><th scope="col">Nội dung</th><th scope="col" class="action">Chấm dứt</th></tr>'
    text = _printed(browser, f'<div class="scroll"><table>{title}{row}</table></div>').extract_text()
    assert ("Nội" in text, "Chấm" in text, "Gỡ" in text) == (True, False, False)
