"""Changing or removing one row of an inventory keeps all others, and the data of units."""

from inventory.comparison import ChangeType, differences
from inventory.inventory import Inventory
from inventory.loader import load_sent
from inventory.model import AgencyId, SubjectId
from inventory.tables.columns import Column
from inventory.tables.edited_rows import row_of, unit_row, with_changed_row, with_new_row, with_unit, without_row
from inventory.tables.written_tables import WrittenTable

_TARGETS = (
    "agency_code,agency_name,name,kind,ipv4,tags\n"
    "A,Sở A,Máy chủ,host,10.0.0.1,\nB,Sở B,Máy chủ,host,10.0.0.2,\nB,Sở B,b.example,portal,,jump-host\n"
)
_UNITS = "agency_code,agency_name,level,contact\nA,Sở A,sở,An\nB,Sở B,sở,Bình\n"
_EXEMPTIONS = "subject,check_prefix,reason,signatory\nb.example,ipv6,cũ,GĐ\n"
PORTAL, HOST = SubjectId("b.example"), SubjectId("A/Máy chủ")


def _inventory() -> Inventory:
    texts = {"a.csv": _TARGETS, "b.csv": _UNITS, "c.csv": _EXEMPTIONS}
    return load_sent([(name, text.encode()) for name, text in texts.items()]).inventory


def _read(tables: tuple[WrittenTable, ...]) -> Inventory:
    files = []
    for table in tables:
        lines = [table.header("vi"), *table.rows]
        files.append((f"{table.kind}.csv", "\n".join(";".join(line) for line in lines).encode()))
    return load_sent(files).inventory


def test_row_of_gives_the_texts_of_a_row() -> None:
    texts = row_of(_inventory(), HOST, "vi")
    assert texts is not None
    assert (texts[Column.ID], texts[Column.KIND], texts[Column.IPV4]) == ("A/Máy chủ", "máy chủ", "10.0.0.1")
    assert row_of(_inventory(), SubjectId("none"), "vi") is None


def test_with_changed_row_changes_one_subject() -> None:
    before = _inventory()
    texts = row_of(before, HOST, "vi") or {}
    after = _read(with_changed_row(before, HOST, {**texts, Column.IPV4: "10.0.0.9"}, "vi"))
    (changed,) = differences(before, after).subjects
    assert (changed.id, changed.turn, set(changed.fields)) == (HOST, ChangeType.CHANGED, {"addresses"})


def test_with_changed_row_keeps_the_id_under_another_name() -> None:
    before = _inventory()
    texts = row_of(before, PORTAL, "vi") or {}
    after = _read(with_changed_row(before, PORTAL, {**texts, Column.NAME: "Cổng B"}, "vi"))
    assert [(each.id, each.turn) for each in differences(before, after).subjects] == [(PORTAL, ChangeType.CHANGED)]


def test_with_changed_row_may_move_a_subject_to_another_agency() -> None:
    before = _inventory()
    texts = row_of(before, PORTAL, "vi") or {}
    after = _read(with_changed_row(before, PORTAL, {**texts, Column.AGENCY_CODE: "A"}, "vi"))
    (changed,) = differences(before, after).subjects
    assert changed.fields == {"agency": ("B", "A")}


def test_with_new_row_adds_one_subject_after_the_others() -> None:
    before = _inventory()
    texts = {Column.NAME: "Biên", Column.KIND: "router", Column.IPV4: "10.0.0.3", Column.AGENCY_CODE: "A"}
    after = _read(with_new_row(before, texts, "vi"))
    assert [(each.id, each.turn) for each in differences(before, after).subjects] == [
        (SubjectId("Biên"), ChangeType.ADDED)
    ]
    assert after.subjects[-1].agency == "A"


def test_without_row_retires_a_subject_and_its_exemptions() -> None:
    before = _inventory()
    after = _read(without_row(before, PORTAL, "vi"))
    assert [(each.id, each.turn) for each in differences(before, after).subjects] == [(PORTAL, ChangeType.REMOVED)]
    assert after.exemptions == ()


def test_unit_row_gives_the_texts_of_an_agency() -> None:
    texts = unit_row(_inventory(), AgencyId("B"), "vi")
    assert texts is not None
    assert (texts[Column.AGENCY_NAME], texts[Column.CONTACT]) == ("Sở B", "Bình")
    assert unit_row(_inventory(), AgencyId("none"), "vi") is None


def test_with_unit_changes_an_agency_and_what_its_rows_say_of_it() -> None:
    before = _inventory()
    texts = {Column.AGENCY_CODE: "B", Column.AGENCY_NAME: "Sở B mới", Column.PARENT_CODE: "A", Column.CONTACT: "Chi"}
    after = _read(with_unit(before, texts, "vi"))
    changed = after.organisation.unit(AgencyId("B"))
    assert changed is not None
    assert (changed.name, changed.parent, changed.contact) == ("Sở B mới", "A", "Chi")
    assert after.organisation.unit(AgencyId("A")) == before.organisation.unit(AgencyId("A"))
    assert [each.name for each in after.subjects] == [each.name for each in before.subjects]
    assert len(after.exemptions) == 1


def test_with_unit_adds_an_agency_that_has_no_subjects_yet() -> None:
    before = _inventory()
    after = _read(with_unit(before, {Column.AGENCY_CODE: "C", Column.AGENCY_NAME: "Xã C"}, "vi"))
    assert [unit.code for unit in after.organisation.units] == ["A", "B", "C"]
    assert [each.agency for each in after.subjects] == [each.agency for each in before.subjects]
