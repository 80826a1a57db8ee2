"""A person's choices about columns replace the meaning of the header."""

import pytest

from inventory.loader import LoadedInventory, load_sent
from inventory.model import Kind
from inventory.problems.codes import Code
from inventory.problems.problem import InventoryError
from inventory.tables.choices import ColumnChoice, TableChoice
from inventory.tables.columns import Column
from tests.unit.inventory.awful_workbooks import hidden_rows_and_columns, portals_without_a_kind


def _load(text: str, *columns: ColumnChoice, kind: Kind | None = None) -> LoadedInventory:
    return load_sent([("a.csv", text.encode())], choices=[TableChoice(source="a.csv", columns=columns, kind=kind)])


def test_applied_column_is_read_as_chosen() -> None:
    loaded = _load("name,kind,xyz\nR1,router,10.0.0.1\n", ColumnChoice(position=3, column=Column.IPV4))
    (subject,) = loaded.inventory.subjects
    assert [str(each) for each in subject.addresses] == ["10.0.0.1"]
    assert subject.declared.note == ""


def test_applied_none_makes_a_known_column_a_note() -> None:
    loaded = _load("name,kind,ipv4,fqdn\na,portal,old,a.example\n", ColumnChoice(position=3))
    (subject,) = loaded.inventory.subjects
    assert (subject.addresses, subject.declared.note) == ((), "ipv4: old")


def test_applied_position_outside_of_the_table_changes_nothing() -> None:
    loaded = _load("name,kind\na.example,portal\n", ColumnChoice(position=9, column=Column.IPV4))
    assert [each.host for each in loaded.inventory.subjects] == ["a.example"]


def test_kind_is_given_to_rows_that_name_none() -> None:
    loaded = _load("name,kind\na.example,\nb.example,zone\n", kind=Kind.PORTAL)
    assert [each.kind for each in loaded.inventory.subjects] == [Kind.PORTAL, Kind.ZONE]


def test_kind_takes_the_place_of_a_missing_column() -> None:
    name = "a.xlsx"
    choices = [TableChoice(source=name, kind=Kind.PORTAL)]
    loaded = load_sent([(name, portals_without_a_kind())], choices=choices)
    assert [each.host for each in loaded.inventory.subjects] == [
        "soyte.sonlam.example",
        "soxaydung.sonlam.example",
        "congthuong.sonlam.example",
    ]


def test_a_table_that_is_left_out_is_counted_and_not_read() -> None:
    choices = [TableChoice(source="a.xlsx[Năm 2025]", left_out=True)]
    loaded = load_sent([("a.xlsx", hidden_rows_and_columns())], choices=choices)
    assert "Router 2025" not in [each.name for each in loaded.inventory.subjects]
    assert [(each.source, each.args) for each in loaded.warnings if each.code is Code.TABLE_LEFT_OUT] == [
        ("a.xlsx[Năm 2025]", (("count", "1"),))
    ]
    assert [(each.rows, each.left_out) for each in loaded.layouts] == [(4, 0), (0, 1)]


def test_a_column_that_is_chosen_twice_is_an_error() -> None:
    with pytest.raises(InventoryError):
        _load("name,kind,x\na.example,portal,b\n", ColumnChoice(position=3, column=Column.NAME))


def test_layout_shows_the_first_text_under_each_title() -> None:
    (layout,) = _load("name,kind,x\na.example,portal,\nb.example,portal,y z\n").layouts
    assert [(each.title, each.example) for each in layout.columns] == [
        ("name", "a.example"),
        ("kind", "portal"),
        ("x", "y z"),
    ]
