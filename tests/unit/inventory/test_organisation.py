from datetime import date
from pathlib import Path

import pytest

from inventory.loader import load
from inventory.model import AgencyId, Kind
from inventory.organisation import Organisation, Unit
from inventory.rows.units import code_of_name
from tests.unit.inventory.reading import lines_of, load_text, warnings_of


def _unit(code: str, parent: str | None = None, start: date | None = None, end: date | None = None) -> Unit:
    above = AgencyId(parent) if parent else None
    return Unit(code=AgencyId(code), name=code.upper(), parent=above, valid_from=start, valid_to=end)


_TREE = Organisation(
    units=(_unit("p"), _unit("a", "p"), _unit("b", "p"), _unit("a2", "a"), _unit("a1", "a"), _unit("q"))
)


def test_organisation_gives_parents_children_and_roots() -> None:
    assert [unit.code for unit in _TREE.roots] == ["p", "q"]
    assert [unit.code for unit in _TREE.walk()] == ["p", "a", "a2", "a1", "b", "q"]
    assert [unit.code for unit in _TREE.walk(AgencyId("a"))] == ["a", "a2", "a1"]
    assert [unit.code for unit in _TREE.children(AgencyId("a"))] == ["a2", "a1"]
    assert [unit.code for unit in _TREE.ancestors(AgencyId("a1"))] == ["a", "p"]
    assert _TREE.parent(AgencyId("p")) is None
    assert _TREE.unit(AgencyId("x")) is None
    assert _TREE.unit(None) is None


@pytest.mark.parametrize(
    "units",
    [
        (_unit("a", "b"), _unit("b", "a")),
        (_unit("a", "a"),),
        (_unit("a", "x"),),
        (_unit("a"), _unit("a")),
        (_unit("r"), _unit("a", "b"), _unit("b", "c"), _unit("c", "a")),
    ],
)
def test_organisation_with_unknown_parent_or_cycle_is_refused(units: tuple[Unit, ...]) -> None:
    with pytest.raises(ValueError, match="unit"):
        Organisation(units=units)


def test_units_in_force_and_their_subjects() -> None:
    merged = Organisation(units=(_unit("old", end=date(2025, 6, 30)), _unit("new", start=date(2025, 7, 1))))
    assert [unit.code for unit in merged.units_in_force(date(2025, 6, 30))] == ["old"]
    assert [unit.code for unit in merged.units_in_force(date(2025, 7, 1))] == ["new"]
    (subject,) = merged.subjects_in_force(date(2026, 1, 1))
    assert (subject.id, subject.kind, subject.agency, subject.name) == ("unit:new", Kind.UNIT, "new", "NEW")


_HEAD = "name,kind,ipv4,agency_code,agency_name,parent_code,level\n"


def test_units_come_from_rows(tmp_path: Path) -> None:
    loaded = load_text(
        tmp_path,
        _HEAD
        + "R1,router,10.0.0.1,SXD,Sở Xây dựng,H15,Sở\n"
        + "R2,router,10.0.0.2,sxd,SỞ XÂY DỰNG,h15,\n"
        + "R3,router,10.0.0.3,,Sở Xây Dựng,,\n"
        + "R4,router,10.0.0.4,H15,UBND tỉnh,,tỉnh\n"
        + "R5,router,10.0.0.5,,Sở Y tế,UBND tỉnh,department\n"
        + "R6,router,10.0.0.6,,so y te,,\n",
    )
    assert loaded.warnings == ()
    assert [(unit.code, unit.name, unit.parent, unit.level) for unit in loaded.inventory.organisation.walk()] == [
        ("H15", "UBND tỉnh", None, "province"),
        ("SXD", "Sở Xây dựng", "H15", "department"),
        ("so-y-te", "Sở Y tế", "H15", "department"),
    ]
    assert [subject.agency for subject in loaded.inventory.subjects] == [
        "SXD",
        "SXD",
        "SXD",
        "H15",
        "so-y-te",
        "so-y-te",
    ]
    assert [subject.name for subject in loaded.inventory.of_agency(AgencyId("so-y-te"))] == ["R5", "R6"]


def test_contradictions_name_both_rows(tmp_path: Path) -> None:
    text = (
        _HEAD + "R1,router,10.0.0.1,SXD,Sở Xây dựng,H15,sở\nR2,router,10.0.0.2,SXD,Sở Y tế,H16,tỉnh\n"
        "R3,router,10.0.0.3,H15,,,\nR4,router,10.0.0.4,H16,,,\n"
    )
    first = f"{tmp_path}/inventory.csv:2"
    assert lines_of(tmp_path, text) == [
        f'3:agency_name: the agency_name of unit SXD is "Sở Y tế" here but Sở Xây dựng in {first}',
        f'3:parent_code: the parent_code of unit SXD is "H16" here but H15 in {first}',
        f'3:unit_level: the unit_level of unit SXD is "province" here but department in {first}',
    ]


def test_cycles_are_shown(tmp_path: Path) -> None:
    text = _HEAD + "R1,router,10.0.0.1,A,,B,\nR2,router,10.0.0.2,B,,A,\nR3,router,10.0.0.3,C,,C,\n"
    assert lines_of(tmp_path, text) == [
        '2:parent_code: units that are each other\'s parents: "A < B < A"',
        '4:parent_code: units that are each other\'s parents: "C < C"',
    ]


def test_a_parent_without_a_row_is_the_top(tmp_path: Path) -> None:
    text = _HEAD + "R1,router,10.0.0.1,A,,H15,\nR2,router,10.0.0.2,B,,H15,\n"
    assert warnings_of(tmp_path, text) == [
        '2:parent_code: the parent unit "H15" has no row of its own, taken as the top of the tree'
    ]
    assert [unit.code for unit in load_text(tmp_path, text).inventory.organisation.roots] == ["H15"]


def test_a_level_or_parent_needs_a_unit(tmp_path: Path) -> None:
    assert lines_of(tmp_path, _HEAD + "R1,router,10.0.0.1,,,H15,\n") == [
        "2:agency_code: a unit with neither code nor name"
    ]


def test_rows_without_agency_are_named_when_others_have_one(tmp_path: Path) -> None:
    text = _HEAD + "R1,router,10.0.0.1,A,,,\nR2,router,10.0.0.2,,,,\n"
    (line,) = warnings_of(tmp_path, text)
    assert line.startswith("3:agency_name: no agency, though other rows have one; ")


def test_declared_units_need_no_target_and_make_parents_strict(tmp_path: Path) -> None:
    units = """
units:
  - {agency_code: H15, agency_name: UBND tỉnh, level: tỉnh}
  - {agency_code: X1, agency_name: Xã 1, parent_code: %s, level: xã, valid_from: 2025-07-01}
targets:
  - {name: R1, kind: router, ipv4: 10.0.0.1, agency_code: H15}
"""
    inventory = load_text(tmp_path, units % "H15", "a.yaml").inventory
    assert [unit.code for unit in inventory.organisation.walk()] == ["H15", "X1"]
    assert [unit.code for unit in inventory.organisation.units_in_force(date(2025, 6, 30))] == ["H15"]
    assert lines_of(tmp_path, units % "H155", "a.yaml") == [
        '4:parent_code: there is no parent unit "H155" (did you mean H15?)'
    ]


def test_codes_of_names() -> None:
    assert code_of_name("Sở Xây dựng") == "so-xay-dung"
    assert code_of_name("  Đội 3, phường Tân An ") == "doi-3-phuong-tan-an"
    assert code_of_name("市").startswith("unit-")
    assert code_of_name("市") == code_of_name("市") != code_of_name("州")


def test_units_have_the_contact_that_their_table_names(tmp_path: Path) -> None:
    (tmp_path / "u.csv").write_text('Mã đơn vị,Tên đơn vị,Đầu mối liên hệ\nSYT,Sở Y tế,"Bình, 0262 2"\n', "utf-8")
    (tmp_path / "t.csv").write_text("agency_code,name,kind,contact\nSYT,a.example,portal,An\n", "utf-8")
    inventory = load([tmp_path / "u.csv", tmp_path / "t.csv"])
    assert [unit.contact for unit in inventory.organisation.walk()] == ["Bình, 0262 2"]
    assert [subject.declared.contact for subject in inventory.subjects] == ["An"]
