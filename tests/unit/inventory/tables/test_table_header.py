"""The header of a table is found under the titles of a form, and ends before the first entry."""

import pytest

from inventory.tables.table_header import (
    HEADER_WITHIN,
    WIDTH_LIMIT,
    Record,
    filled_rows,
    find_header,
    has_header,
    known_columns,
    one_title,
    read_header_at,
)

_FORM = """\
UỶ BAN NHÂN DÂN TỈNH;;
Danh sách thiết bị;;

STT;Tên;Loại
(1);(2);(3)
1;may-1;host
"""


def _records(text: str) -> list[Record]:
    return filled_rows([(row, line.split(";")) for row, line in enumerate(text.splitlines(), 1)])


def test_header_stands_under_the_titles_of_a_form_and_includes_the_numbers_of_its_columns() -> None:
    records = _records(_FORM)
    position = find_header(records)
    assert position == 2
    header = read_header_at(records, position)
    assert (header.row, header.titles, header.end) == (4, ("STT", "Tên", "Loại"), 4)
    assert records[header.end] == (6, ["1", "may-1", "host"])


@pytest.mark.parametrize(
    ("below", "end"), [("(1);(2);(3)", 2), ("0;1;2", 2), ("1;2;3", 2), ("1;may-1;host", 1), ("1;;", 1), ("2;3;4", 1)]
)
def test_only_consecutive_numbers_from_the_first_number_the_columns(below: str, end: int) -> None:
    assert read_header_at(_records(f"STT;Tên;Loại\n{below}\n"), 0).end == end


@pytest.mark.parametrize(
    ("below", "end"),
    [("IPv4;IPv6", 2), ("may-1;host;192.0.2.1;;", 1), (";;192.0.2.1;2001:db8::1;", 1), (";;IPv4;;", 1)],
)
def test_header_of_two_rows_ends_before_rows_of_values(below: str, end: int) -> None:
    line = f";;{below};" if end == 2 else below
    assert read_header_at(_records(f"Tên;Loại;Địa chỉ;;Ghi chú\n{line}\nmay-2;host;192.0.2.2;;\n"), 0).end == end


def test_a_row_with_two_known_columns_goes_before_one_above_it_with_one() -> None:
    assert find_header(_records("Đơn vị;x\nTên;Loại\n")) == 1
    assert find_header(_records("Đơn vị;x\ny;z\n")) == 0
    assert find_header(_records("x;y\n")) is None


def test_a_header_below_the_upper_rows_is_not_found() -> None:
    records = _records("x;y\n" * HEADER_WITHIN + "Tên;Loại\n")
    assert (has_header(records), has_header(records[1:])) == (False, True)


def test_columns_beyond_the_widest_table_are_not_read() -> None:
    assert known_columns(["x"] * WIDTH_LIMIT + ["Tên", "Loại"]) == 0
    assert known_columns(["Tên", "Loại"]) == 2


def test_a_title_is_one_line_of_bounded_length() -> None:
    assert one_title(" Địa \n chỉ ") == "Địa chỉ"
    assert len(one_title("x" * 1000)) == 100
