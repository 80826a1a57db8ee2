"""Tests ``auditor declare``: values of a period with their history, and workbooks of a survey written and read back."""

import json
from pathlib import Path

import openpyxl
import pytest

from auditor.service.store.url import open_store
from tests.support import published
from tests.unit.auditor.service.cli.calling import Cli

HEAD = "framework,requirement,value,as_of,source,signatory\n"
PLAN = "plan-daklak-2023-2025"


def table(name: str, *rows: str) -> str:
    Path(name).write_text(HEAD + "".join(f"{PLAN},{row}\n" for row in rows), "utf-8")
    return name


def fill() -> None:
    with open_store("sqlite:///auditor.db") as store:
        published.fill(store, days=(60,))  # the last day of October 2026


def test_declared_value_is_corrected_with_history(cli: Cli) -> None:
    fill()
    first = cli("--lang", "en", "declare", "add", table("a.csv", "II.1.a,90,2026-12-31,BC 9,Ông A"))
    assert (first.code, first.out) == (0, "1 declared value was kept; 0 were known already\n")
    assert cli("declare", "add", table("b.csv", "II.1.a,84,2026-12-31,CV 10,Bà B")).code == 0
    again = cli("--lang", "en", "declare", "add", "b.csv")
    assert again.out == "0 declared values were kept; 1 was known already\n"
    listed = cli("--lang", "en", "declare", "list", "2026").out.splitlines()
    assert [" = 84 as of 31 Dec 2026 (2026); source CV 10, signed by Bà B" in line for line in listed] == [True]
    history = cli("--lang", "en", "declare", "list", "--history").out.splitlines()
    assert ["corrected since" in line for line in history] == [True, False]
    nothing = cli("--lang", "vi", "declare", "list", "2025")
    assert (nothing.code, nothing.out) == (0, "")
    assert nothing.err == "Chưa có số liệu khai báo nào: auditor declare add TỆP --period KỲ\n"
    assert [each["value"] for each in json.loads(cli("declare", "list", "--format", "json").out)] == [84]
    told = json.loads(cli("declare", "list", "--history", "--format", "json").out)
    assert [(each["value"], each["corrected"], each["signatory"]) for each in told] == [
        (90, True, "Ông A"),
        (84, False, "Bà B"),
    ]
    assert cli("declare", "list", "2025", "--format", "json").out == "[]\n"


def test_declared_value_counts_for_its_period_and_is_carried_into_the_next(cli: Cli) -> None:
    fill()
    assert cli("declare", "add", table("a.csv", "II.1.a,90,2026-06-30,BC 9,Ông A")).code == 0
    assert "90" in next(line for line in cli("report", "--period", "2026").out.splitlines() if "II.1.a" in line)
    shown = cli("--lang", "en", "frameworks", "show", PLAN, "r0").out
    assert "Met as declared, not measured" in shown


def test_declared_value_of_another_period_is_refused(cli: Cli) -> None:
    fill()
    result = cli("--lang", "en", "declare", "add", table("a.csv", "II.1.a,90,2025-12-31,BC,A"), "--period", "2026")
    assert (result.code, "a.csv:2:as_of: 31 Dec 2025 is not in the period 2026" in result.err) == (2, True)
    assert cli("declare", "list").out == ""


def test_forms_go_to_those_who_are_asked_and_import_tells_what_is_missing(cli: Cli) -> None:
    fill()
    Path("auditor.toml").write_text('[surveys]\noperators = ["Nhà mạng A"]\ndepartments = ["Sở KHCN"]\n', "utf-8")
    written = cli("declare", "forms", PLAN, "2026", "--out", "forms")
    assert written.code == 0
    paths = sorted(Path("forms").iterdir())
    assert [path.name for path in paths] == [Path(line).name for line in sorted(written.out.splitlines())]
    operator = next(path for path in paths if "operator" in path.name)
    book = openpyxl.load_workbook(operator)
    for row in range(9, book.worksheets[0].max_row + 1):
        for column, value in zip(range(4, 8), ("10", "31/12/2026", "BC 1", "Ông C"), strict=True):
            book.worksheets[0].cell(row, column, value)
    book.save(operator)
    result = cli("--lang", "en", "declare", "import", str(operator))
    assert result.code == 0
    assert "II.1.b is answered by all: 100" in result.out
    assert "missing from Sở KHCN: II.1.a/2 Inhabitants of the province" in result.out
    assert "missing from Nhà mạng A" not in result.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["forms", PLAN, "2026", "--out", "forms"], "no respondents are configured"),
        (["forms", "portals-vn", "2026", "--out", "forms"], "it needs no forms"),
        (["forms", "plan-x", "2026", "--out", "forms"], "unknown framework 'plan-x'"),
        (["import", "none.xlsx"], "none.xlsx"),
        (["list", "26"], "is not a period"),
    ],
)
def test_declare_that_cannot_be_done_is_refused(cli: Cli, words: list[str], said: str) -> None:
    fill()
    if "portals-vn" in words:
        Path("auditor.toml").write_text('[surveys]\noperators = ["Nhà mạng A"]\n', "utf-8")
    result = cli("--lang", "en", "declare", *words)
    assert (result.code, said in result.err) == (2, True), result.err
