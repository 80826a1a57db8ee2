"""Tests sites with a page at / that only redirects browsers: the target is followed, judged and reported."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from containers.rehearsal.lab import Rehearsal
from tests.support import audits
from tests.support.audits import Document

pytest_plugins = ("tests.support.rehearsal",)

USUAL = "cong.sonlam.gov.vn"
OFF_IPV6, WITHIN, AWAY = "bieumau.sonlam.gov.vn", "haisan.sonlam.gov.vn", "thanhtra.sonlam.gov.vn"
IPV4_ONLY, STRANGER = "https://xaydung.sonlam.gov.vn/", "https://nhacai-uytin.example/"
HOME = "/trang-chu.html"
PAGES = {
    OFF_IPV6: f'<html><head><meta http-equiv="refresh" content="0; url={IPV4_ONLY}"></head><body></body></html>',
    WITHIN: f"<html><body><script>window.location.href = '{HOME}';</script></body></html>",
    AWAY: f"<html><body><script>location.replace('{STRANGER}')</script></body></html>",
}
AREAS = ("ipv6.web.", "security.http.")


@pytest.fixture(scope="module")
def leading(lab: Rehearsal) -> Iterator[Rehearsal]:
    """Yield the rehearsal while three of its sites have such a page."""
    folders = {name: lab.dir / "pages" / name for name in PAGES}
    pages = {name: (folder / "index.html").read_text("utf-8") for name, folder in folders.items()}
    for name, folder in folders.items():
        (folder / HOME[1:]).write_text(pages[name], "utf-8")
        (folder / "index.html").write_text(PAGES[name], "utf-8")
    yield lab
    for name, folder in folders.items():
        (folder / "index.html").write_text(pages[name], "utf-8")
        (folder / HOME[1:]).unlink()


@pytest.fixture(scope="module")
def document(leading: Rehearsal, tmp_path_factory: pytest.TempPathFactory) -> Document:
    folder: Path = tmp_path_factory.mktemp("leading-pages")
    audits.inventory(leading, folder / "sites.csv", (USUAL, *PAGES))
    out = folder / "result.json"
    words = ("audit", folder / "sites.csv", "--profile", "quick", "--store", f"sqlite:///{folder / 'runs.db'}")
    result = audits.auditor(leading, *words, "--format", f"json={out}")
    assert result.code in (audits.FINDINGS, audits.INCOMPLETE), result.err
    return audits.read(out)


def _said(document: Document, name: str) -> dict[str, set[str]]:
    """Return the codes of each check of a site's pages."""
    said: dict[str, set[str]] = {}
    for one in document["findings"]:
        if one["subject"] == name and one["check"].startswith(AREAS):
            said.setdefault(one["check"], set()).add(one["code"])
    return said


def test_a_page_that_leads_off_ipv6_is_a_defect_of_the_chain_alone(document: Document) -> None:
    said = _said(document, OFF_IPV6)
    assert said["ipv6.web.redirect-chain"] == {"IPV4_ONLY"}
    assert said["ipv6.web.http-ok"] == {"LEADS_OFF_IPV6"}
    assert said["security.http.injected-content"] == {"NONE"}
    worse = [one for one in document["findings"] if one["subject"] == OFF_IPV6 and one["outcome"] in ("fail", "warn")]
    assert {one["check"] for one in worse} == {"ipv6.web.redirect-chain"}
    (target,) = {one["args"]["target"] for one in worse}
    assert f"https://{target}/" == IPV4_ONLY


def test_a_page_that_leads_to_the_sites_own_is_judged_by_that(document: Document) -> None:
    said, usual = _said(document, WITHIN), _said(document, USUAL)
    assert said["security.http.csp"] == usual["security.http.csp"] == {"USEFUL"}
    for check in ("redirect-chain", "http-ok", "same-content", "resources"):
        assert said[f"ipv6.web.{check}"] == usual[f"ipv6.web.{check}"]
    for check in ("injected-content", "mixed-content", "third-party", "headers"):
        assert said[f"security.http.{check}"] == usual[f"security.http.{check}"]
    worse = [one for one in document["findings"] if one["subject"] == WITHIN and one["outcome"] in ("fail", "warn")]
    assert audits.brief(worse) == []


def test_a_page_that_leads_to_a_casino_is_told_though_nobody_may_ask_there(document: Document) -> None:
    assert _said(document, AWAY)["security.http.injected-content"] == {"LED_AWAY"}
