"""Tests a site with pages several times larger than most: the budget of one peer suffices for all of them."""

from pathlib import Path

import pytest

from containers.rehearsal.lab import Rehearsal
from tests.support import audits
from tests.support.audits import Document

pytest_plugins = ("tests.support.rehearsal",)

LARGE, USUAL = "toancanh.sonlam.gov.vn", "cong.sonlam.gov.vn"
AREAS = ("ipv6.web.", "ipv6.path.large-transfer", "security.http.", "security.tls.")


@pytest.fixture(scope="module")
def document(lab: Rehearsal, tmp_path_factory: pytest.TempPathFactory) -> Document:
    folder: Path = tmp_path_factory.mktemp("large-page")
    audits.inventory(lab, folder / "sites.csv", (LARGE, USUAL))
    out = folder / "result.json"
    words = ("audit", folder / "sites.csv", "--profile", "quick", "--store", f"sqlite:///{folder / 'runs.db'}")
    result = audits.auditor(lab, *words, "--format", f"json={out}")
    assert result.code in (audits.OK, audits.FINDINGS), result.err
    return audits.read(out)


def _undecided(document: Document, subject: str) -> set[tuple[str, str]]:
    return {
        (one["check"], one["code"])
        for one in document["findings"]
        if one["subject"] == subject and one["check"].startswith(AREAS) and one["outcome"] == "inconclusive"
    }


def test_a_large_page_leaves_no_more_undecided_than_a_usual_one(document: Document) -> None:
    assert _undecided(document, LARGE) <= _undecided(document, USUAL)


def test_a_large_page_is_accused_of_nothing(document: Document) -> None:
    worse = [one for one in document["findings"] if one["subject"] == LARGE and one["outcome"] in ("fail", "warn")]
    assert audits.brief(worse) == []


def test_no_peer_of_a_large_page_is_over_its_budget(document: Document) -> None:
    assert {one["check"] for one in document["findings"] if one["code"] == "OVER_BUDGET"} == set()
