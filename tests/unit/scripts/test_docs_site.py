"""The site of the documentation has every document, needs nothing from elsewhere, and none of its links is dead."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from auditor.service.web.api.all_operations import operations
from auditor.service.web.api.openapi import document
from auditor.texts.translate import Texts
from scripts.docs_site import MENU, OPENAPI, build, documents, page_of
from tests.architecture.tree import ROOT


class Names(HTMLParser):
    """Collects what a page leads to and the places in it that can be led to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.leads: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.ids.add(values.get("id", ""))
        if tag == "a":
            self.leads.append(values["href"])
        elif tag in ("img", "link", "script"):
            self.loads.append(values.get("src") or values.get("href", ""))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Names]:
    folder = tmp_path_factory.mktemp("site")
    build(folder)
    return {path: Names(path.read_text("utf-8")) for path in sorted(folder.rglob("*.html"))}


def dead(site: dict[Path, Names]) -> Iterator[str]:
    """Yield the links whose page, file or place in a page does not exist."""
    for path, names in site.items():
        for link in (*names.leads, *names.loads):
            address = urlsplit(link)
            if address.scheme:
                continue
            target = (path.parent / unquote(address.path)).resolve() if address.path else path
            place = unquote(address.fragment)
            if not target.is_file() or (place and target.suffix == ".html" and place not in site[target].ids):
                yield f"{path.name}: {link}"


def test_build_makes_a_page_of_every_document(site: dict[Path, Names]) -> None:
    folder = next(path.parent for path in site if path.name == "CONTRIBUTING.html")
    assert {path.relative_to(folder).as_posix() for path in site} == set(map(page_of, documents()))
    assert {path for _, entries in MENU for path, _ in entries} <= {*documents(), OPENAPI}


def test_build_writes_the_openapi_document_that_the_service_serves(site: dict[Path, Names]) -> None:
    folder = next(path.parent for path in site if path.name == "CONTRIBUTING.html")
    description = json.loads((folder / OPENAPI).read_text("utf-8"))
    assert description["openapi"].startswith("3.1")
    assert description["paths"] == document(operations(), Texts("en"))["paths"]


def test_upgrade_notes_name_every_version_that_was_released() -> None:
    released = re.findall(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    notes = re.findall(r"^## (.*)", (ROOT / "docs/upgrading.md").read_text("utf-8"), re.MULTILINE)
    assert released
    assert [version for version in released if not any(version in heading for heading in notes)] == []


def test_build_leaves_no_dead_link(site: dict[Path, Names]) -> None:
    assert list(dead(site)) == []


def test_build_loads_nothing_from_elsewhere(site: dict[Path, Names]) -> None:
    assert [link for names in site.values() for link in names.loads if urlsplit(link).scheme] == []


def test_dead_sees_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text('<a href="b.html">b</a><a href="#c">c</a><a href="https://example.vn/">d</a>', "utf-8")
    assert list(dead({page: Names(page.read_text("utf-8"))})) == ["a.html: b.html", "a.html: #c"]


def test_pictures_of_the_manual_are_few_and_small() -> None:
    pictures = list((ROOT / "docs/vi/images").iterdir())
    shown = set(re.findall(r"\]\(images/([^)]+)\)", (ROOT / "docs/vi/huong-dan.md").read_text("utf-8")))
    assert {path.name for path in pictures} == shown
    assert len(pictures) <= 12
    assert [path.name for path in pictures if path.stat().st_size > 60_000] == []
