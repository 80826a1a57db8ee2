"""Rows without errors are taken, the others wait."""

import pytest

from inventory.loader import LoadedInventory, load_sent
from inventory.problems.problem import InventoryError
from tests.unit.inventory import messy_workbooks


def _load(text: str, name: str = "a.csv") -> LoadedInventory:
    return load_sent([(name, text.encode())], good_rows=True)


def test_good_rows_of_two_sheets_are_taken_and_the_others_named() -> None:
    loaded = load_sent([("a.xlsx", messy_workbooks.two_sheets())], good_rows=True)
    assert [subject.name for subject in loaded.inventory.subjects] == [
        "Cổng Sở Y tế",
        "Trang Sở Xây dựng",
        "Cụm máy chủ",
        "Switch tầng 2",
        "Tường lửa",
    ]
    assert [
        (waiting_row.id, waiting_row.agency, waiting_row.origin.row if waiting_row.origin else 0)
        for waiting_row in loaded.waiting
    ] == [("Một cửa", "SXD", 4), ("Camera cổng", "SXD", 5)]
    assert sum(problem.severity.value == "error" for problem in loaded.warnings) == 3


def test_good_rows_keep_their_ids_whatever_waits() -> None:
    loaded = load_sent([("a.xlsx", messy_workbooks.communes())], good_rows=True)
    assert [subject.id for subject in loaded.inventory.subjects] == [
        "ubnd-xa-ea-kar/Trụ sở UBND",
        "Trạm y tế",
        "Công an phường",
    ]
    assert [waiting_row.id for waiting_row in loaded.waiting] == ["ubnd-phuong-tan-lap/Trụ sở UBND"]


def test_rows_under_a_unit_that_waits_wait_too() -> None:
    text = """
targets:
- {agency_code: A, parent_code: B, name: a.example, kind: portal}
- {agency_code: C, name: c.example, kind: portal}
units:
- {agency_code: B, agency_name: Sở B, valid_from: 31/02/2026}
- {agency_code: C, agency_name: Sở C}
"""
    loaded = _load(text, "a.yaml")
    assert [subject.name for subject in loaded.inventory.subjects] == ["c.example"]
    assert [waiting_row.name for waiting_row in loaded.waiting] == ["a.example"]


@pytest.mark.parametrize(
    "text",
    ["name,knd\na.example,portal\n", "name,Tên,kind\na.example,b,portal\n", "name,kind\na.example,portl\n"],
    ids=["no-kind", "column-twice", "no-good-row"],
)
def test_errors_of_a_whole_table_let_nothing_be_taken(text: str) -> None:
    with pytest.raises(InventoryError):
        _load(text)


def test_without_errors_nothing_waits() -> None:
    loaded = _load("name,kind\na.example,portal\n")
    assert ([subject.name for subject in loaded.inventory.subjects], loaded.waiting) == (["a.example"], ())
