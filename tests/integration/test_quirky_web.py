"""Tests unusual web servers that browsers accept, and filters before others: filters are named, no site reported."""

from pathlib import Path

import pytest

from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.province import PROVINCE
from containers.rehearsal.sonlam.pages import CHALLENGED, FILTERED, HTTP3, QUIRKY
from tests.support import audits
from tests.support.audits import Document, brief

pytest_plugins = ("tests.support.rehearsal",)

WORKING = [
    PROVINCE.fqdn(portal_spec.label)
    for portal_spec in (*QUIRKY, *(o for o in (*FILTERED, *HTTP3) if o.face_v6 is None))
]
HIDING = [
    PROVINCE.fqdn(portal_spec.label) for portal_spec in (*FILTERED, *CHALLENGED) if portal_spec.face_v6 is not None
]
AREAS = ("ipv6.web.", "security.http.", "security.tls.")
WITHHELD = {"LIMITED", "FILTERED"}


@pytest.fixture(scope="module")
def document(lab: Rehearsal, tmp_path_factory: pytest.TempPathFactory) -> Document:
    folder: Path = tmp_path_factory.mktemp("quirky-web")
    audits.inventory(lab, folder / "sites.csv", (*WORKING, *HIDING))
    out = folder / "result.json"
    words = ("audit", folder / "sites.csv", "--profile", "quick", "--store", f"sqlite:///{folder / 'runs.db'}")
    result = audits.auditor(lab, *words, "--format", f"json={out}")
    assert result.code == audits.INCOMPLETE, result.err  # filters hide the rest
    return audits.read(out)


def _of(document: Document, name: str) -> list[audits.Finding]:
    return [one for one in document["findings"] if one["subject"] == name and one["check"].startswith(AREAS)]


@pytest.mark.parametrize("name", WORKING)
def test_a_working_site_is_accused_of_nothing_and_decided(document: Document, name: str) -> None:
    found = _of(document, name)
    assert len(found) > 30
    assert brief([one for one in found if one["outcome"] in ("fail", "warn", "inconclusive", "error")]) == []


@pytest.mark.parametrize("name", HIDING)
def test_a_filter_is_named_and_accuses_nobody(document: Document, name: str) -> None:
    found = _of(document, name)
    assert brief([one for one in found if one["outcome"] in ("fail", "warn", "error")]) == []
    named = [one for one in found if one["code"] in WITHHELD]
    assert {one["check"] for one in named} >= {"ipv6.web.http-ok", "ipv6.web.same-content", "security.http.hsts"}
    assert all(one["outcome"] == "inconclusive" for one in named)
    told = [one for one in named if one["check"] != "security.http.admin-exposed"]
    assert all("ipv6-readiness-auditor" in " ".join(one["args"]["auditor"]) for one in told)  # to be let through
