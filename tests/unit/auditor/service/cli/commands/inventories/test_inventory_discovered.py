"""Tests ``auditor inventory``: tables checked, made, imported, written and listed by date."""

import csv
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook

from auditor.service.cli.failures import EXIT_OK, EXIT_USAGE
from tests.unit.auditor.service.cli.calling import Cli
from tests.unit.inventory import messy_workbooks

GOOD = "agency_code,name,kind,ipv4\nSYT,R1,router,10.0.0.1\nSYT,R2,router,10.0.0.2\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder with the workbooks and a table without errors."""
    for make in (messy_workbooks.departments, messy_workbooks.communes, messy_workbooks.two_sheets):
        (tmp_path / f"{make.__name__}.xlsx").write_bytes(make())
    (tmp_path / "good.csv").write_text(GOOD, "utf-8")
    return tmp_path


def test_validate_shows_the_mapping_and_each_problem_with_its_column(cli: Cli, files: Path) -> None:
    result = cli("inventory", "validate", "departments.xlsx")
    lines = result.out.splitlines()
    assert result.code == EXIT_USAGE
    assert lines[:3] == [
        "departments.xlsx: header in row 5, 5 rows",
        '    A  "STT" → stt',
        '    B  "Đơn vị" → agency_name',
    ]
    assert '    G  "Điện thoại" → kept as a note' in lines
    assert any(line.startswith('  ✘ row 10, column D: the kind "modem" is not supported') for line in lines)
    assert lines[-1] == "1 error, 8 warnings."


def test_validate_tells_what_units_and_exemptions_leave_out(cli: Cli, files: Path) -> None:
    (files / "units.csv").write_text("Mã đơn vị,Tên đơn vị,Ghi chú,Điện thoại\nSYT,Sở Y tế,Mới,0262\n", "utf-8")
    (files / "exempt.csv").write_text("Đối tượng,Mã kiểm tra,Lý do,Ghi chú\nR1,ipv6,Cũ,Mới\n", "utf-8")
    (files / "noted.csv").write_text("name,kind,ipv4,Ghi chú\nR9,router,10.0.0.9,Mới\n", "utf-8")
    lines = cli("inventory", "validate", "good.csv", "units.csv", "exempt.csv", "noted.csv").out.splitlines()
    assert [line.strip() for line in lines if "Ghi chú" in line or "Điện thoại" in line] == [
        'C  "Ghi chú" → left out',
        'D  "Điện thoại" → left out',
        'D  "Ghi chú" → left out',
        'D  "Ghi chú" → note',
        '▲ row 1: the column "Điện thoại" is not known and was left out',
    ]


def test_validate_speaks_vietnamese(cli: Cli, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_LANG", "vi")
    lines = cli("inventory", "validate", "departments.xlsx").out.splitlines()
    assert lines[0] == "departments.xlsx: tiêu đề ở dòng 5, 5 dòng dữ liệu"
    assert any(line.startswith('  ✘ dòng 10, cột D: Loại "modem" chưa được hỗ trợ. Chọn một trong: ') for line in lines)


def test_validate_writes_a_marked_copy(cli: Cli, files: Path) -> None:
    result = cli("inventory", "validate", "communes.xlsx", "--mark", "copy.xlsx")
    assert (result.code, result.out.splitlines()[-1]) == (
        EXIT_USAGE,
        "Written to copy.xlsx: wrong cells are coloured and have a comment.",
    )
    assert load_workbook(files / "copy.xlsx").sheetnames == ["Điểm kết nối", "Problems"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("good.csv", "a.csv", "--mark", "c.xlsx"), "--mark needs one FILE to copy and a name that ends in .xlsx"),
        (("communes.xlsx", "--mark", "c.csv"), "--mark needs one FILE to copy and a name that ends in .xlsx"),
        (
            ("communes.xlsx", "--mark", "communes.xlsx"),
            "--mark would write over the file that is read; give the copy another name",
        ),
    ],
)
def test_validate_refuses_copies_that_it_cannot_make(
    cli: Cli, files: Path, arguments: tuple[str, ...], line: str
) -> None:
    result = cli("inventory", "validate", *arguments)
    assert (result.code, result.out, result.err) == (EXIT_USAGE, "", f"auditor: {line}\n")


def test_validate_of_a_table_without_errors_exits_with_zero(cli: Cli, files: Path) -> None:
    result = cli("inventory", "validate", "good.csv")
    assert (result.code, result.out.splitlines()[-2:]) == (
        EXIT_OK,
        ["2 subjects can be audited.", "0 errors, 0 warnings."],
    )


def test_import_keeps_nothing_without_apply(cli: Cli, files: Path) -> None:
    result = cli("inventory", "import", "good.csv", "--name", "Tỉnh")
    assert (result.code, result.out.splitlines()[-1]) == (EXIT_OK, "Nothing was kept. --apply keeps this as version 1.")
    assert cli("inventory", "list").out.startswith("The store keeps no inventory yet")


def test_import_shows_what_is_added_changed_and_retired(cli: Cli, files: Path) -> None:
    assert cli("inventory", "import", "good.csv", "--name", "Tỉnh", "--apply").code == EXIT_OK
    (files / "good.csv").write_text(GOOD.replace("R2", "R3").replace("10.0.0.1", "10.0.0.9"), "utf-8")
    lines = cli("inventory", "import", "good.csv", "--name", "Tỉnh", "--apply").out.splitlines()
    assert lines[-8:] == [
        "Added: 1; changed: 1; retired: 1; unchanged ones are not listed.",
        "1 subject has the kind, host and addresses of a retired one. Where it is the same under another id, write the"
        " former id into the column id; or its history, accepted exceptions and samples end there.",
        "  R2 → R3",
        "SYT",
        '  ~ R1: addresses "10.0.0.1" → "10.0.0.9"',
        "  - R2",
        "  + R3",
        "Kept as version 2 of 'Tỉnh'.",
    ]
    versions = [line.split("\t") for line in cli("inventory", "list", "Tỉnh").out.splitlines()]
    assert [(version[0], version[2], version[-1]) for version in versions] == [
        ("version 2", "2 subjects", "+1 ~1 -1"),
        ("version 1", "2 subjects", "+2 ~0 -0"),
    ]
    assert "inventory_imported" in cli("log", "show").out or "inventory imported" in cli("log", "show").out


def test_import_of_good_rows_keeps_what_was_there_of_those_that_wait(cli: Cli, files: Path) -> None:
    cli("inventory", "import", "good.csv", "--name", "Tỉnh", "--apply")
    (files / "good.csv").write_text(GOOD.replace("SYT,R1,router", "SYT,R1,roter") + "SXD,R4,router,10.0.0.4\n", "utf-8")
    refused = cli("inventory", "import", "good.csv", "--name", "Tỉnh", "--apply")
    assert (refused.code, refused.out.splitlines()[-1]) == (
        EXIT_USAGE,
        "Nothing was kept. Correct the rows, or take the others now with --good-rows.",
    )
    taken = cli("inventory", "import", "good.csv", "--name", "Tỉnh", "--good-rows", "--apply")
    assert taken.code == EXIT_OK
    assert "Rows that wait to be corrected: 1. What is kept of them stays as it is." in taken.out
    assert "Added: 1; changed: 0; retired: 0; unchanged ones are not listed." in taken.out
    rows = list(csv.DictReader(io.StringIO(cli("inventory", "export", "Tỉnh").out)))
    assert cli("inventory", "export", "Tỉnh", "--format", "csv=-").out == cli("inventory", "export", "Tỉnh").out
    assert [row["name"] for row in rows] == ["R2", "R4", "R1"]


def test_export_reads_back_without_a_difference(cli: Cli, files: Path) -> None:
    cli("inventory", "import", "departments.xlsx", "--name", "Tỉnh", "--good-rows", "--apply")
    assert cli("inventory", "export", "Tỉnh", "--format", "xlsx=x.xlsx").code == EXIT_OK
    assert cli("inventory", "export", "Tỉnh", "--version", "1", "--format", "csv=x.csv").code == EXIT_OK
    for written in (("x.xlsx",), ("x.csv", "x.units.csv")):
        assert "Nothing differs; nothing was kept." in cli("inventory", "import", *written, "--name", "Tỉnh").out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("good.csv", "--format", "xlsx"), "--format is csv, csv=PATH or xlsx=PATH"),
        (("good.csv", "--format", "pdf=x"), "--format is csv, csv=PATH or xlsx=PATH"),
        (("good.csv", "--version", "2"), "--version needs the name of an inventory that the store keeps"),
    ],
)
def test_export_refuses_what_it_cannot_write(cli: Cli, files: Path, arguments: tuple[str, ...], line: str) -> None:
    result = cli("inventory", "export", *arguments)
    assert (result.code, result.err) == (EXIT_USAGE, f"auditor: {line}\n")


def test_template_has_pick_lists_and_is_empty_when_it_is_read(cli: Cli, files: Path) -> None:
    assert cli("inventory", "template", "t.xlsx").code == EXIT_OK
    book = load_workbook(files / "t.xlsx")
    assert book.sheetnames == ["Targets", "Units", "Explanations", "Pick lists"]
    ranges = [str(one.sqref) for one in book["Targets"].data_validations.dataValidation]
    assert len(ranges) == 4
    assert "there is nothing to audit in it" in cli("inventory", "validate", "t.xlsx").out
    assert cli("inventory", "template", "t.ods").code == EXIT_USAGE


def test_list_of_an_inventory_that_is_not_kept_is_refused(cli: Cli, files: Path) -> None:
    cli("inventory", "import", "good.csv", "--name", "Tỉnh", "--apply")
    assert cli("inventory", "list", "Tinh").code == EXIT_USAGE
    assert cli("inventory", "import", "good.csv", "--name", "a.csv").code == EXIT_USAGE


@pytest.mark.parametrize(
    "words",
    [
        ("inventory", "template", "kept.xlsx"),
        ("inventory", "validate", "good.csv", "--mark", "kept.xlsx"),
        ("inventory", "export", "good.csv", "--format", "csv=new.csv", "--format", "xlsx=kept.xlsx"),
    ],
)
def test_tables_that_exist_are_replaced_with_force_only(cli: Cli, files: Path, words: tuple[str, ...]) -> None:
    (files / "kept.xlsx").write_text("kept")
    refused = cli(*words)
    assert (refused.code, refused.out) == (EXIT_USAGE, "")
    assert refused.err == "auditor: kept.xlsx exists and is not empty; add --force to replace it\n"
    assert ((files / "kept.xlsx").read_text(), (files / "new.csv").exists()) == ("kept", False)
    assert cli(*words, "--force").code == EXIT_OK
    assert load_workbook(files / "kept.xlsx").sheetnames
