"""Tests ``auditor report --agency``: the contents for one agency, and the refusals."""

from pathlib import Path

import pytest

from auditor.framework.findings import Outcome
from auditor.service.store.database.sqlite import open_sqlite
from reports.registry import FORMATS, WRITES
from tests.unit.auditor.service.cli.calling import Cli
from tests.unit.auditor.stored import Brief, Held, put

FAILS = [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="NO_AAAA")]


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Return the URL of a store with a run in which a department and a commune fail."""
    with open_sqlite(tmp_path / "a.db") as made:
        put(made, Held(name="r1", findings={"www.tinh.vn": FAILS, "xa.tinh.vn": FAILS}, scored=True))
    return f"sqlite:///{tmp_path / 'a.db'}"


def test_report_of_agency_has_only_its_subjects(cli: Cli, store: str, tmp_path: Path) -> None:
    done = cli("report", "r1", "--agency", "S1", "--store", store, "--format", f"csv={tmp_path / 'a.csv'}")
    assert done.code == 3, done.err
    text = (tmp_path / "a.csv").read_text("utf-8")
    assert ("www.tinh.vn" in text, "xa.tinh.vn" in text) == (True, False)


def test_report_of_agency_writes_its_letter_only(cli: Cli, store: str, tmp_path: Path) -> None:
    done = cli("report", "r1", "--agency", "S1", "--store", store, "--format", f"docx={tmp_path / 'letters'}")
    assert done.code == 3, done.err
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["cong-van-s1.docx"]


def test_report_of_agency_has_the_units_under_it(cli: Cli, store: str, tmp_path: Path) -> None:
    cli("report", "r1", "--agency", "P", "--store", store, "--format", f"docx={tmp_path / 'letters'}")
    assert sorted(path.name for path in (tmp_path / "letters").iterdir()) == ["cong-van-s1.docx", "cong-van-x1.docx"]


def test_report_of_unknown_agency_is_refused_with_a_suggestion(cli: Cli, store: str) -> None:
    done = cli("--lang", "en", "report", "r1", "--agency", "S1x", "--store", store)
    assert (done.code, done.out) == (2, "")
    assert "no agency S1x; did you mean S1?" in done.err


def test_report_replaces_files_with_force_only(
    cli: Cli, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("report", "r1", "--store", store, "--format", f"csv={tmp_path / 'a.csv'}")
    (tmp_path / "a.csv").write_text("kept")
    refused = cli("--lang", "en", *words)
    assert (refused.code, (tmp_path / "a.csv").read_text("utf-8")) == (2, "kept")
    assert refused.err == f"auditor: {tmp_path / 'a.csv'} exists and is not empty; add --force to replace it\n"
    assert cli(*words, "--force").code == 3
    (tmp_path / "a.csv").write_text("replaced too")
    monkeypatch.setenv("AUDITOR_FORCE", "1")
    assert cli(*words).code == 3
    assert "www.tinh.vn" in (tmp_path / "a.csv").read_text("utf-8")


def test_report_into_a_folder_tells_each_format_that_it_would_replace(cli: Cli, store: str, tmp_path: Path) -> None:
    """The files that a format will write are known before it writes."""
    formats = [word for name in sorted(set(FORMATS) - {"pdf"}) for word in ("--format", name)]
    words = ("report", "r1", "--store", store, "--out", str(tmp_path / "reports"))
    cli(*words, *formats)
    written = {path.relative_to(tmp_path / "reports") for path in (tmp_path / "reports").rglob("*") if path.is_file()}
    patterns = [pattern for name in FORMATS for pattern in WRITES[name]]
    assert [path for path in written if not any(path.match(pattern) for pattern in patterns)] == []
    assert len(written) >= len(FORMATS) - 1
    assert all(cli(*words, "--format", name).code == 2 for name in sorted(set(FORMATS) - {"pdf"}))
    assert cli(*words, *formats, "--force").code == 3


def test_report_into_a_folder_keeps_what_it_would_not_replace(cli: Cli, store: str, tmp_path: Path) -> None:
    """A report does not replace a store that lies in its output folder."""
    assert cli("report", "r1", "--store", store, "--out", str(tmp_path)).code == 3
