"""Titles that stand under a wider title are those of the columns, and no row of values is taken for them."""

from pathlib import Path

import pytest

from inventory.tables.wider_titles import divides, lower_titles, repeats_titles
from tests.unit.inventory.reading import load_text, warnings_of

_TWO_ROWS = """\
STT;Đơn vị;Tên điểm;Loại;Địa chỉ;;Băng thông
;;;;IPv4;IPv6;UNIT
1;UBND xã Một;Điểm 1;Điểm kết nối;10.64.1.1;fd75::1;2048
2;UBND xã Hai;Điểm 2;Điểm kết nối;10.64.2.1;fd75::2;4096
"""


@pytest.mark.parametrize(("unit", "megabits"), [("", 2048.0), ("(Mbps)", 2048.0), ("(Kbps)", 2.048)])
def test_titles_under_a_wider_title_are_part_of_the_header(tmp_path: Path, unit: str, megabits: float) -> None:
    """A workbook with merged titles gives such a CSV file, which keeps each title once."""
    text = _TWO_ROWS.replace("UNIT", unit)
    assert warnings_of(tmp_path, text) == []
    subjects = load_text(tmp_path, text).inventory.subjects
    assert [[str(each) for each in subject.addresses] for subject in subjects] == [
        ["10.64.1.1", "fd75::1"],
        ["10.64.2.1", "fd75::2"],
    ]
    assert subjects[0].declared.bandwidth_mbps == megabits


_PARTS_OF_A_COLUMN = {
    "merged": "STT;Tên đơn vị;Loại;KÊNH TRUYỀN;;;Ghi chú\nSTT;Tên đơn vị;Loại;IP WAN;IP LAN;Nhà cung cấp;Ghi chú\n",
    "once": "STT;Tên đơn vị;Loại;KÊNH TRUYỀN;;;Ghi chú\n;;;IP WAN;IP LAN;Nhà cung cấp;\n",
}


@pytest.mark.parametrize("header", _PARTS_OF_A_COLUMN.values(), ids=_PARTS_OF_A_COLUMN)
def test_parts_of_a_wider_title_that_is_a_column_by_itself(tmp_path: Path, header: str) -> None:
    """The number of a line is a column, but over several columns its title only groups them."""
    text = header + "1;UBND xã Một;Điểm kết nối;10.64.1.1;10.65.1.0/24;VNPT;\n"
    declared = load_text(tmp_path, text).inventory.subjects[0].declared
    assert (declared.channel, declared.provider) == ("", "VNPT")
    assert [str(each) for each in load_text(tmp_path, text).inventory.subjects[0].addresses] == ["10.64.1.1"]


@pytest.mark.parametrize("header", ["Băng thông;", "Băng thông;\n;;;Lên;Xuống"])
def test_a_wider_title_stands_for_its_first_part_where_no_part_is_known(tmp_path: Path, header: str) -> None:
    text = f"STT;Tên điểm;Loại;IPv4;{header}\n".replace("\n;;;", "\nSTT;Tên điểm;Loại;IPv4;")
    text += "1;Điểm 1;Điểm kết nối;10.64.1.1;8;4\n"
    assert load_text(tmp_path, text).inventory.subjects[0].declared.bandwidth_mbps == 8.0


@pytest.mark.parametrize(
    ("below", "is_header"),
    [
        (";;IPv4;IPv6;", True),
        (";;IPv4;IPv6;(nếu có)", True),
        (";;192.0.2.1;2001:db8::1;", False),
        (";;IPv4;;", False),
        ("x;;IPv4;IPv6;", False),
        (";;cũ;mới;", False),
    ],
)
def test_a_row_divides_wider_titles_only_with_two_parts_one_of_them_known(below: str, is_header: bool) -> None:
    assert divides(["Tên", "Loại", "Địa chỉ", "", "Ghi chú"], below.split(";")) is is_header


@pytest.mark.parametrize(
    ("below", "is_header"),
    [("Tên;Loại;IPv4;IPv6", True), ("Tên;Loại;Địa chỉ;", False), ("may-1;Loại;IPv4;IPv6", False)],
)
def test_titles_merged_over_two_rows_stand_again_below(below: str, is_header: bool) -> None:
    assert repeats_titles(["Tên", "Loại", "Địa chỉ", ""], below.split(";")) is is_header


def test_columns_have_the_lower_title_and_keep_remarks_about_them() -> None:
    upper, below = "Tên;Băng thông;Địa chỉ;;Ghi chú", ";(Kbps);IPv4;IPv6;(nếu có)"
    titles = lower_titles(upper.split(";"), below.split(";"))
    assert titles == ["Tên", "Băng thông (Kbps)", "IPv4", "IPv6", "Ghi chú (nếu có)"]
