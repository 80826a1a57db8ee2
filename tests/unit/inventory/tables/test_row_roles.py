"""Tables read the right rows, and report the rows that they skip."""

from pathlib import Path

import pytest

from inventory.loader import load
from inventory.tables.columns import Column, TableKind
from inventory.tables.row_roles import RowRole, role_of
from tests.unit.inventory.reading import lines_of, load_text, warnings_of

_COLUMNS = (Column.ORDINAL, Column.NAME, Column.KIND, Column.IPV4)


@pytest.mark.parametrize(
    ("cells", "role"),
    [
        (("", "Tổng cộng: 8 thiết bị", "", ""), RowRole.TOTAL),
        (("TỔNG SỐ", "", "12", ""), RowRole.TOTAL),
        (("", "TONG CONG", "", "3"), RowRole.TOTAL),
        (("", "Cộng", "", ""), RowRole.TOTAL),
        (("", "Danh sách gồm có 12 thiết bị", "", ""), RowRole.TOTAL),
        (("", "Tổng công ty Điện lực", "", ""), RowRole.ENTRY),
        (("", "TONG CONG TY DIEN LUC", "", ""), RowRole.ENTRY),
        (("", "Tổng đài", "máy chủ", "10.0.0.1"), RowRole.ENTRY),
        (("", "Cổng thông tin", "", ""), RowRole.ENTRY),
        (("", "Cộng hưởng", "", ""), RowRole.ENTRY),
        (("", "Tổng cộng", "máy chủ", ""), RowRole.ENTRY),
        (("", "NGƯỜI LẬP BIỂU", "", "THỦ TRƯỞNG ĐƠN VỊ"), RowRole.SIGNATURE),
        (("", "", "(Ký, ghi rõ họ tên)", ""), RowRole.SIGNATURE),
        (("", "", "Đắk Lắk, ngày … tháng 3 năm 2026", ""), RowRole.SIGNATURE),
        (("", "TM. ỦY BAN NHÂN DÂN", "", ""), RowRole.SIGNATURE),
        (("", "Giám đốc", "máy chủ", ""), RowRole.ENTRY),
        (("", "Ký số nội bộ", "", ""), RowRole.ENTRY),
        (("5", "Giám đốc trung tâm", "", "10.0.0"), RowRole.ENTRY),
        (("II", "Sở Y tế", "", ""), RowRole.AGENCY_HEADING),
        (("", "", "", ""), RowRole.ENTRY),
        (("III. UBND xã Ea Kar", "", "", ""), RowRole.AGENCY_HEADING),
        (("Sở Y tế", "", "", ""), RowRole.AGENCY_HEADING),
        (("I", "Thiết bị mạng", "", ""), RowRole.GROUP_HEADING),
        (("I", "Trung tâm dữ liệu", "", ""), RowRole.GROUP_HEADING),
        (("1", "Sở Y tế", "", ""), RowRole.ENTRY),
        (("", "Sở Y tế", "", ""), RowRole.ENTRY),
        (("I", "Sở Y tế", "router", "10.0.0.1"), RowRole.ENTRY),
    ],
)
def test_role_of_row_follows_its_wording(cells: tuple[str, ...], role: RowRole) -> None:
    assert role_of(cells, _COLUMNS, TableKind.TARGETS, ended=True) is role


@pytest.mark.parametrize(
    ("columns", "cells", "role"),
    [
        ((Column.NAME, Column.KIND), ("x", "nonsense"), RowRole.ENTRY),
        ((Column.NAME, Column.IPV4), ("C", "không rõ"), RowRole.ENTRY),
        ((None, Column.NAME), ("I", "Thiết bị mạng"), RowRole.GROUP_HEADING),
    ],
)
def test_role_of_numbered_heading_needs_its_number_outside_other_columns(
    columns: tuple[Column | None, ...], cells: tuple[str, ...], role: RowRole
) -> None:
    assert role_of(cells, columns, TableKind.TARGETS, ended=True) is role


_SIGNED = """,,,"Sơn Lâm, ngày 12 tháng 3 năm 2026"
,NGƯỜI LẬP BIỂU,,GIÁM ĐỐC
,Nguyễn Văn An,,Trần Thị Bình
"""


@pytest.mark.parametrize("note", ["Ví dụ: thay năm 2027", "VD: thay năm 2027", "Example: to be replaced"])
def test_row_whose_note_begins_with_an_example_is_read(tmp_path: Path, note: str) -> None:
    (subject,) = load_text(tmp_path, f"name,kind,ipv4,note\nR1,router,10.0.0.1,{note}\n").inventory.subjects
    assert (subject.name, subject.declared.note) == ("R1", note)


@pytest.mark.parametrize(
    ("row", "name"),
    [("Ví dụ: R0,Sở Y tế", "Ví dụ: R0"), ("R0,VD:  Sở Y tế", "VD: Sở Y tế"), ("Example: R0,", "Example: R0")],
)
def test_row_whose_name_is_an_example_is_left_out_under_its_name(tmp_path: Path, row: str, name: str) -> None:
    text = f"name,agency_name,kind,ipv4\n{row},router,10.0.0.9\nR1,Sở Y tế,router,10.0.0.1\n"
    assert [subject.name for subject in load_text(tmp_path, text).inventory.subjects] == ["R1"]
    assert warnings_of(tmp_path, text) == [f'2: the example "{name}" was left out']


def test_row_that_copies_another_but_for_its_number_is_left_out(tmp_path: Path) -> None:
    text = "STT,name,agency_name,kind,ipv4\n1,R1,Sở Y tế,router,10.0.0.1\n2,R1 ,Sở Y tế,router,10.0.0.1\n"
    assert [subject.name for subject in load_text(tmp_path, text).inventory.subjects] == ["R1"]
    assert warnings_of(tmp_path, text) == ["3: equal to row 2 and left out; give two devices different names"]


def test_exemption_whose_reason_has_a_date_is_read_with_those_below_it(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("name,kind,ipv4\nsytrouter,router,10.0.0.1\nsxdrouter,router,10.0.0.2\n", "utf-8")
    (tmp_path / "e.csv").write_text(
        "Đối tượng,Mã kiểm tra,Lý do\n"
        "sytrouter,ipv6,Công văn số 15 ngày 02 tháng 3 năm 2026\n"
        "sxdrouter,ipv6.mail,Cũ\n"
        "TỔNG CỘNG,2,\n"
        "GIÁM ĐỐC,,\n"
        ",Trần Thị Bình,\n",
        "utf-8",
    )
    exemptions = load([tmp_path / "t.csv", tmp_path / "e.csv"]).exemptions
    assert [(exemption.subject, exemption.check_prefix) for exemption in exemptions] == [
        ("sytrouter", "ipv6"),
        ("sxdrouter", "ipv6.mail"),
    ]


def _unit_names(folder: Path, table: str) -> list[str]:
    (folder / "t.csv").write_text("name,kind,ipv4\nR1,router,10.0.0.1\n", "utf-8")
    (folder / "u.csv").write_text(table, "utf-8")
    return [unit.name for unit in load([folder / "t.csv", folder / "u.csv"]).organisation.walk()]


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("STT,Tên đơn vị,Cấp đơn vị\nI,Sở Y tế,\nII,Liên minh hợp tác xã,\n", ["Sở Y tế", "Liên minh hợp tác xã"]),
        ("STT,Tên đơn vị,Cấp đơn vị\n,I. Sở Y tế,\n,X. Ea Kar,xã\n", ["Sở Y tế", "X. Ea Kar"]),
        ("STT,Tên đơn vị,Cấp đơn vị\nI. Sở Y tế,,\nB. Liên minh hợp tác xã,,\n", ["Sở Y tế", "Liên minh hợp tác xã"]),
        ("Mã đơn vị,Tên đơn vị\nQ.01,Q. Buôn Ma Thuột\nSYT,Sở Y tế\n", ["Q. Buôn Ma Thuột", "Sở Y tế"]),
        ("Tên đơn vị,Liên hệ\nSở Y tế,Giám đốc\nSở Xây dựng,Bình\nTM. UBND,\nLê An,\n", ["Sở Y tế", "Sở Xây dựng"]),
        ("STT,Tên đơn vị\n1,Viện Y\n,Viện trưởng\n,Lê An\n", ["Viện Y"]),
        ("STT,Tên đơn vị\n1,Chi cục Thuế\n,CHI CỤC TRƯỞNG\n,Lê An\n", ["Chi cục Thuế"]),
        ("STT,Tên đơn vị\n1,Sở Y tế\n,Người lập biểu\n,Viện trưởng Viện Y\n", ["Sở Y tế"]),
        ("STT,Tên đơn vị\n1,Tòa án tỉnh\n,Phó Chánh án\n,Lê An\n", ["Tòa án tỉnh"]),
        ("Mã đơn vị,Tên đơn vị\n24448,Xã Một\n24460,Q. Hai\n24472,Xã Ba\n3,Tổng cộng\n", ["Xã Một", "Q. Hai", "Xã Ba"]),
    ],
)
def test_units_are_read_whatever_their_numbers_and_names(tmp_path: Path, table: str, names: list[str]) -> None:
    assert _unit_names(tmp_path, table) == names


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("1,Total security gateway,tường lửa,10.0.0.8", "Total security gateway"),
        ("1,Tổng số thuê bao,máy chủ,", "Tổng số thuê bao"),
        ("1,Giám đốc,máy chủ,", "Giám đốc"),
        ("2,KT. Máy chủ,máy chủ,", "KT. Máy chủ"),
        ("1.,I. Router lõi,router,", "I. Router lõi"),
    ],
)
def test_row_of_a_known_kind_is_read_whatever_its_name(tmp_path: Path, row: str, name: str) -> None:
    text = f"STT,name,kind,ipv4\n{row}\n9,R9,router,10.0.0.9\n{_SIGNED}"
    assert [subject.name for subject in load_text(tmp_path, text).inventory.subjects] == [name, "R9"]


@pytest.mark.parametrize(
    "row",
    [
        "1,Total security gateway,ips,",
        "1,Tổng số thuê bao,tổng đài,",
        "1,Q. Buôn Ma Thuột,,",
        "1,Giám đốc,Máy in,",
        "2,KT. Máy chủ,,",
        "1,I. Router lõi,,",
    ],
)
def test_numbered_row_is_an_entry_whatever_its_name(tmp_path: Path, row: str) -> None:
    lines = lines_of(tmp_path, f"STT,name,kind,ipv4\n{row}\n9,R9,router,10.0.0.9\n{_SIGNED}")
    assert [line.split(" ")[0] for line in lines] == ["2:kind:", "2:", "4:"]
    assert lines[-1] == '4: the signatures begin with "Sơn Lâm, ngày 12 tháng 3 năm 2026"; rows left out: 3'


def test_row_with_the_words_of_a_signature_hides_no_rows_below_it(tmp_path: Path) -> None:
    text = f"name,kind,site,ipv4\nQ. Ba,Máy in,,\nR1,modem,,\nR9,router,,10.0.0.9\n{_SIGNED}"
    lines = lines_of(tmp_path, text)
    assert [line.split(" ")[0] for line in lines if "kind" in line] == ["2:kind:", "3:kind:"]
    assert lines[-1] == '5: the signatures begin with "Sơn Lâm, ngày 12 tháng 3 năm 2026"; rows left out: 3'


def _agencies(folder: Path, headings: list[str]) -> list[str | None]:
    """Return the agency of one device under each of these headings."""
    rows = [f"{each}\n1,R{number},router,10.0.0.{number}\n" for number, each in enumerate(headings, 1)]
    return [subject.agency for subject in load_text(folder, f"STT,name,kind,ipv4\n{''.join(rows)}").inventory.subjects]


@pytest.mark.parametrize(
    ("headings", "agencies"),
    [
        (["I,Sở Y tế,,", "II,Liên minh hợp tác xã,,"], ["so-y-te", None]),
        (["I. Sở Y tế,,,", "II. Liên minh hợp tác xã,,,"], ["so-y-te", None]),
        (["A,Sở Y tế,,", "B,Liên minh hợp tác xã,,"], ["so-y-te", None]),
        (["I,Sở Y tế,,", "A. Thiết bị mạng,,,", "B,Máy chủ khác,,", "C,Tường lửa biên,,"], ["so-y-te"] * 4),
        (["I,Sở Y tế,,", "C,Liên minh hợp tác xã,,"], ["so-y-te", None]),
        (["A,Sở Y tế,,", "I,Thiết bị mạng,,", "B,Sở Xây dựng,,"], ["so-y-te", "so-y-te", "so-xay-dung"]),
        (["A,Sở Y tế,,", "C,Sở Xây dựng,,", "I,Thiết bị mạng,,"], ["so-y-te", "so-xay-dung", "so-xay-dung"]),
        (["D,Sở Y tế,,", "II,Liên minh hợp tác xã,,"], ["so-y-te", None]),
        (["I,Sở Y tế,,", "Sở Xây dựng,,,", "II,Liên minh hợp tác xã,,"], ["so-y-te", "so-xay-dung", None]),
        (["Sở Y tế,,,", "I,Thiết bị mạng,,"], ["so-y-te", "so-y-te"]),
        (["A,Khối sở,,", "I,Sở Y tế,,", "B,Khối khác,,"], [None, "so-y-te", None]),
        (["I,Liên minh,,", "A,Thiết bị,,", "II,Sở Y tế,,", "A,Thiết bị,,"], [None, None, "so-y-te", "so-y-te"]),
        (["i. Sở Y tế,,,", "ii. Liên minh,,,"], ["so-y-te", None]),
        (["A,Sở Y tế,,", "I,Bệnh viện,,", "B,Liên minh,,"], ["so-y-te", "benh-vien", None]),
        (["A,Sở Y tế,,", "I,Thiết bị,,", "C,Liên minh,,", "I,Thiết bị,,"], ["so-y-te", "so-y-te", None, None]),
        (
            ["A,Sở Y tế,,", "I,Bệnh viện,,", "B,Sở Xây dựng,,", "I,Thiết bị,,"],
            ["so-y-te", "benh-vien", "so-xay-dung", "so-xay-dung"],
        ),
        (
            ["Sở Y tế,,,", "I,Thiết bị,,", "Sở Xây dựng,,,", "II,Thiết bị,,"],
            ["so-y-te", "so-y-te", "so-xay-dung", "so-xay-dung"],
        ),
        (["A,Khối sở,,", "Sở Y tế,,,", "I,Thiết bị,,", "B,Khối khác,,"], [None, "so-y-te", "so-y-te", None]),
    ],
)
def test_heading_of_the_same_numbering_ends_the_agency_above_it(
    tmp_path: Path, headings: list[str], agencies: list[str | None]
) -> None:
    assert _agencies(tmp_path, headings) == agencies


def test_rows_under_a_heading_that_is_no_known_agency_are_told_to_lack_one(tmp_path: Path) -> None:
    text = "STT,name,kind,ipv4\nI,Sở Y tế,,\n1,R1,router,10.0.0.1\nII,Liên minh HTX,,\n1,R2,router,10.0.0.2\n"
    assert warnings_of(tmp_path, text) == [
        '2: "Sở Y tế" understood as the agency of the rows below it',
        '4: the group heading "Liên minh HTX" was left out',
        "5:agency_name: no agency, though other rows have one; if it is that of the row above, write it again or merge"
        " the cells",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "Thị xã Một",
        "Tòa án nhân dân tỉnh",
        "Toà án nhân dân tỉnh",
        "Viện kiểm sát",
        "Trạm Y tế",
        "Hạt Kiểm lâm",
        "Thư viện tỉnh",
        "Bảo tàng tỉnh",
        "Kho bạc Nhà nước",
        "Quỹ Đầu tư phát triển",
        "Liên hiệp các hội",
    ],
)
def test_heading_with_the_name_of_an_agency_is_the_agency_of_its_rows(tmp_path: Path, name: str) -> None:
    loaded = load_text(tmp_path, f"STT,name,kind,ipv4\nI,Sở Y tế,,\nII,{name},,\n1,R1,router,10.0.0.1\n")
    assert [unit.name for unit in loaded.inventory.organisation.walk()] == [name]
