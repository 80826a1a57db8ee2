"""``auditor report --agency``: what one agency is handed, and who is refused."""

from pathlib import Path

import pytest

from auditor.framework.findings import Outcome
from auditor.service.store.sqlite import open_sqlite
from tests.unit.auditor.service.cli.calling import Cli
from tests.unit.auditor.stored import Held, Said, put

FAILS = [Said(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="NO_AAAA")]


@pytest.fixture
def store(tmp_path: Path) -> str:
    """The URL of a store with a run in which a department and a commune fail."""
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
