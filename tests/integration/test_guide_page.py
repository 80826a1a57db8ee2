"""Tests that the guide of each language is served with its pictures, whole and without anything from elsewhere."""

import re
from urllib.parse import unquote

import pytest

from auditor.service.store.sql.store import SqlStore
from tests.support.serving import serving

pytest_plugins = ("tests.support.pages",)


@pytest.mark.parametrize(
    ("lang", "title"), [("vi", "Hướng dẫn sử dụng dành cho cán bộ vận hành"), ("en", "How to: for operators")]
)
async def test_guide_is_served_in_the_language_of_its_reader(
    store: SqlStore, cheap: None, lang: str, title: str
) -> None:
    async with serving(store) as served:
        browser = served.browser()
        await browser.get(f"/language/{lang}?to=/guide")
        status, text, headers = await browser.get("/guide")
        assert (status, title in text) == (200, True)
        ids = set(re.findall(r'id="([^"]+)"', text))
        assert {unquote(link) for link in re.findall(r'href="#([^"]+)"', text)} <= ids
        pictures = re.findall(r'<img src="([^"]+)"', text)
        assert bool(pictures) is (lang == "vi")
        assert {(await browser.get(picture))[0] for picture in pictures} <= {200}
        assert " style=" not in text
        assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["none.webp", "..%2Fhuong-dan.md", "dang-nhap.png"])
async def test_guide_has_no_other_files(store: SqlStore, cheap: None, name: str) -> None:
    async with serving(store) as served:
        assert (await served.browser().get(f"/guide/images/{name}"))[0] == 404
