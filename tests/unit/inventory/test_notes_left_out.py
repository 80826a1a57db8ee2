"""Notes and unknown columns of units and exemptions, which keep none: what is left out is told."""

from pathlib import Path

import pytest

from inventory.loader import load_with_warnings

_TARGETS = "name,agency,kind,ipv4,Ghi chú,Điện thoại\nR1,SYT,router,10.0.0.1,Mới thay,0262\n"


def _warnings(folder: Path, name: str, text: str) -> list[str]:
    """What is said about a table beside one of targets that has notes as well."""
    (folder / "t.csv").write_text(_TARGETS, "utf-8")
    (folder / name).write_text(text, "utf-8")
    warnings = load_with_warnings([folder / "t.csv", folder / name]).warnings
    return [one.line().removeprefix(f"{folder}/{name}:") for one in warnings if not one.source.endswith("t.csv")]


@pytest.mark.parametrize(
    ("name", "text", "warning"),
    [
        (
            "u.csv",
            "Mã đơn vị,Tên đơn vị,Ghi chú\nSXD,Sở Xây dựng,\nSYT,Sở Y tế,Đã sáp nhập\nSTC,Sở Tài chính,Mới\n",
            '3:note: units and exemptions keep no notes, "Đã sáp nhập" was left out; rows with notes left out: 2',
        ),
        (
            "e.csv",
            "Đối tượng,Mã kiểm tra,Lý do,Người ký,Ghi chú\nR1,ipv6,Cũ,Lê An,Theo CV 15\n",
            '2:note: units and exemptions keep no notes, "Theo CV 15" was left out; rows with notes left out: 1',
        ),
        (
            "u.yaml",
            "units:\n- agency_code: SYT\n- agency_code: SXD\n  ghi chú: Mới\n",
            '3:note: units and exemptions keep no notes, "Mới" was left out; rows with notes left out: 1',
        ),
    ],
)
def test_notes_of_units_and_exemptions_are_told_to_be_left_out(
    tmp_path: Path, name: str, text: str, warning: str
) -> None:
    assert _warnings(tmp_path, name, text) == [warning]


def test_columns_of_notes_without_a_word_are_not_worth_a_warning(tmp_path: Path) -> None:
    assert _warnings(tmp_path, "u.csv", "Mã đơn vị,Tên đơn vị,Ghi chú\nSYT,Sở Y tế,-\nSXD,Sở Xây dựng,\n") == []


def test_cells_without_a_title_are_told_to_be_left_out_of_units(tmp_path: Path) -> None:
    assert _warnings(tmp_path, "u.csv", "Mã đơn vị,Tên đơn vị,\nSYT,Sở Y tế,0262\n") == [
        '2: the cell "0262" in column C has no header and was left out'
    ]
