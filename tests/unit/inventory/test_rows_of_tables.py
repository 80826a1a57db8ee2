"""Which rows of a table are read, and what is said about those that are not."""

from pathlib import Path

import pytest

from inventory.loader import load
from tests.unit.inventory.reading import lines_of, load_text, warnings_of

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
    assert [(one.subject, one.check_prefix) for one in exemptions] == [
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
