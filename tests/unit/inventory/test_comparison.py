"""Two inventories side by side, and files that came as bytes."""

from pathlib import Path

import pytest

from inventory.comparison import ChangeType, differences
from inventory.inventory import Inventory
from inventory.loader import load_sent
from inventory.model import AgencyId
from inventory.problems.problem import InventoryError
from tests.unit.inventory.reading import load_text

HEADER = "agency_code,agency_name,name,kind,ipv6,contact,snmp_profile\n"
OLD = f"""{HEADER}S1,Sở Một,www.tinh.vn,portal,,An,
S1,Sở Một,dvc.tinh.vn,dvc,,An,
S2,Sở Hai,rt-1,router,2001:db8::1,,core
"""
NEW = f"""{HEADER}S2,Sở Hai,rt-1,router,2001:db8::2,,core
S3,Sở Ba,moi.tinh.vn,portal,,,
S1,Sở Một,www.tinh.vn,portal,,Bình,
"""


def read(text: str) -> Inventory:
    return load_sent([("inventory.csv", text.encode())]).inventory


def test_what_is_new_gone_and_described_otherwise_agency_by_agency() -> None:
    found = differences(read(OLD), read(NEW))
    triples_by_agency = {
        agency: [(difference.turn.value, str(difference.id), dict(difference.fields)) for difference in some]
        for agency, some in found.by_agency().items()
    }
    assert triples_by_agency == {
        AgencyId("S1"): [("removed", "dvc.tinh.vn", {}), ("changed", "www.tinh.vn", {"contact": ("An", "Bình")})],
        AgencyId("S2"): [("changed", "rt-1", {"addresses": ("2001:db8::1", "2001:db8::2")})],
        AgencyId("S3"): [("added", "moi.tinh.vn", {})],
    }
    assert (found.of(ChangeType.ADDED), found.of(ChangeType.REMOVED), found.of(ChangeType.CHANGED)) == (1, 1, 2)
    assert found.units == (1, 0)


def test_another_order_and_another_file_are_no_difference() -> None:
    lines = OLD.splitlines()
    shuffled = "\n".join([lines[0], *reversed(lines[1:])]) + "\n"
    other = load_sent([("khac.csv", shuffled.encode())]).inventory
    assert differences(read(OLD), other).subjects == ()


def test_against_nothing_all_is_new() -> None:
    assert differences(None, read(OLD)).of(ChangeType.ADDED) == 3
    assert differences(read(OLD), read(OLD)).none


def test_bytes_are_read_as_the_file_is(tmp_path: Path) -> None:
    by_path = load_text(tmp_path, OLD).inventory
    assert {subject.id for subject in by_path.subjects} == {subject.id for subject in read(OLD).subjects}
    assert [(source.name, source.sha256) for source in read(OLD).sources] == [
        ("inventory.csv", by_path.sources[0].sha256)
    ]
    origin = read(OLD).subjects[1].origin
    assert origin is not None
    assert (origin.source, origin.row) == ("inventory.csv", 3)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.exe", b"x", "a.exe"),
        ("a.csv", b"", "a.csv"),
        ("a.csv", f"{HEADER}S1,Sở,www.tinh.vn,portall,,,\n".encode(), "a.csv:2:kind"),
        ("a.xlsx", b"PK\x03\x04 no workbook", "a.xlsx"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(name: str, data: bytes, said: str) -> None:
    with pytest.raises(InventoryError) as caught:
        load_sent([(name, data)])
    assert caught.value.lines()[0].startswith(f"{said}: ")


MERGED = """agency_code,agency_name,id,name,kind,ipv6
X1,Xã Một,,Bộ định tuyến,router,2001:db8:1::1
X2,Xã Hai,,Bộ định tuyến,router,2001:db8:2::1
X2,Xã Hai,,www.x2.vn,portal,
"""


def test_subject_whose_agency_was_merged_is_told_to_change_its_id() -> None:
    after = MERGED.replace("X1,Xã Một", "X9,Xã Mới").replace("X2,Xã Hai", "X8,Xã Khác")
    found = differences(read(MERGED), read(after))
    assert [(change.former, change.present) for change in found.id_changes] == [
        ("X1/Bộ định tuyến", "X9/Bộ định tuyến"),
        ("X2/Bộ định tuyến", "X8/Bộ định tuyến"),
    ]
    kept = after.replace("Mới,,", "Mới,X1/Bộ định tuyến,").replace("Khác,,Bộ", "Khác,X2/Bộ định tuyến,Bộ")
    again = differences(read(MERGED), read(kept))
    assert (again.id_changes, {difference.turn for difference in again.subjects}) == ((), {ChangeType.CHANGED})


def test_namesake_elsewhere_changes_the_id_of_a_subject_that_stays() -> None:
    one = "".join(line for line in MERGED.splitlines(keepends=True) if not line.startswith("X2,Xã Hai,,Bộ"))
    found = differences(read(one), read(MERGED))
    assert [(change.former, change.present) for change in found.id_changes] == [("Bộ định tuyến", "X1/Bộ định tuyến")]


def test_another_subject_is_no_other_id_of_one_that_is_gone() -> None:
    moved = OLD.replace("dvc.tinh.vn,dvc", "www2.tinh.vn,portal").replace(
        "rt-1,router,2001:db8::1", "rt-2,router,2001:db8::2"
    )
    assert differences(read(OLD), read(moved)).id_changes == ()
    doubled = MERGED.replace("2001:db8:2::1", "2001:db8:1::1")
    other = doubled.replace("X1,", "X5,").replace("X2,", "X6,")
    assert [change.former for change in differences(read(doubled), read(other)).id_changes] == []
