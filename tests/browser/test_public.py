"""Tests the public edition in a browser, from the folder it was written to: accessible, on paper and on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from auditor.figures.period import parse_period
from auditor.framework import catalogue
from auditor.service.runs.period_counts import period_progress
from auditor.service.store.memory.store import MemoryStore
from reports.json_data import encode
from reports.public.edition import Edition, document, earlier_edition
from reports.public.site import site
from tests.browser.visits import inspecting, usable
from tests.support import published
from tests.unit.reports.public.test_edition import ISSUED

YEAR = parse_period("2026")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("site")
    with MemoryStore() as store:
        published.fill(store)
        now = period_progress(YEAR, store, catalogue.load(), published.AFTER)
    first = document(Edition(progress=now, issued=ISSUED, issuer="Sở Khoa học và Công nghệ"))
    changed = encode(first).replace(b'"met":12', b'"met":11')
    assert changed != encode(first)
    second = Edition(
        progress=now, issued=ISSUED, issuer="Sở Khoa học và Công nghệ", earlier=earlier_edition(changed, YEAR)
    )
    for name, data in site(second).items():
        (made / name).write_bytes(data)
    return made


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ["index.html", "en.html"])
def test_page_is_usable_and_asks_nobody(browser: Browser, folder: Path, page: str, scheme: str) -> None:
    context = inspecting(browser, scheme)
    opened = context.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto((folder / page).as_uri())
    assert asked == [(folder / page).as_uri()]
    usable(opened)
    context.close()


def test_languages_lead_to_each_other(browser: Browser, folder: Path) -> None:
    page = browser.new_page()
    page.goto((folder / "index.html").as_uri())
    page.get_by_role("link", name="English").click()
    page.get_by_role("heading", name="Corrections").wait_for()
    page.get_by_role("link", name="Tiếng Việt").click()
    page.get_by_role("heading", name="Đính chính").wait_for()
    page.close()
