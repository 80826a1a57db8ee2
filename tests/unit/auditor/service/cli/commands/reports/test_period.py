"""Tests ``auditor report --period``: to files, to a folder, to a terminal, and the refused combinations."""

import json
from pathlib import Path

import pytest

from auditor.service.store.url import open_store
from tests.support import published
from tests.unit.auditor.service.cli.calling import Cli

pytestmark = pytest.mark.clock(published.AFTER)


def fill() -> None:
    with open_store("sqlite:///auditor.db") as store:
        published.fill(store)


def test_report_of_a_period_goes_into_a_folder(cli: Cli) -> None:
    fill()
    result = cli("report", "--period", "2026", "--out", "reports")
    assert (result.code, result.out, result.err) == (0, "reports/period-2026.html\nreports/period-2026.json\n", "")
    assert json.loads(Path("reports/period-2026.json").read_bytes())["counts"] == 3


def test_report_of_a_period_prints_text_without_controls(cli: Cli) -> None:
    fill()
    result = cli("--lang", "en", "report", "--period", "2026-Q4")
    assert result.code == 0
    assert result.out.startswith("Report of quarter 4 of 2026\n")
    assert "The beginning is the last count before the period" in result.out


def test_report_of_a_period_writes_named_files(cli: Cli) -> None:
    fill()
    assert cli("report", "--period", "2026", "--format", "xlsx=a.xlsx", "--format", "json=b.json").code == 0
    assert Path("a.xlsx").read_bytes().startswith(b"PK")
    assert Path("b.json").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a run, or a period"),
        (["r0", "--period", "2026"], "name a run, or a period"),
        (["--period", "2026-9"], "is not a period"),
        (["--period", "2020"], "no run of 2020"),
        (["--period", "2026", "--format", "jsn=a"], "unknown format 'jsn'"),
        (["--period", "2026", "--vantage", "a"], "go with a run"),
        (["--period", "2026", "--format", "json", "--format", "html"], "only one format"),
    ],
)
def test_report_that_cannot_be_made_is_refused_in_a_line(cli: Cli, words: list[str], said: str) -> None:
    fill()
    result = cli("--lang", "en", "report", *words)
    assert (result.code, said in result.err, len(result.err.splitlines())) == (2, True, 1), result.err
