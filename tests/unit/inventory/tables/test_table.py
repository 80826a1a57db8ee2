"""A table of text is found, described and read as the operator chose, or its problem is told."""

import pytest

from inventory.problems.codes import Code
from inventory.problems.problem import ProblemCollector
from inventory.tables.choices import Choices, TableChoice
from inventory.tables.columns import Column, TableKind
from inventory.tables.table import SourceTable, make_table

_FORM = "Danh sách;;\nSTT;Tên;Loại\n(1);(2);(3)\n1;a.vn;portal\nSTT;Tên;Loại\n;Tổng cộng: 1;\n"


def _make(text: str, choices: Choices | None = None) -> tuple[SourceTable | None, list[Code]]:
    """Return a table written with semicolons, and the codes of what is reported of it."""
    problems = ProblemCollector()
    records = [(row, line.split(";")) for row, line in enumerate(text.splitlines(), 1)]
    return make_table("a.csv", records, problems, choices or {}), [each.code for each in problems.ordered()]


def test_every_record_is_counted_as_title_entry_or_left_out() -> None:
    table, told = _make(_FORM)
    assert table is not None
    assert table.layout is not None
    layout = table.layout
    assert (layout.above, layout.header, layout.titles, layout.rows, layout.left_out) == (1, 2, 3, 1, 1)
    assert [(each.title, each.column, each.example) for each in layout.columns] == [
        ("STT", Column.ORDINAL, "1"),
        ("Tên", Column.NAME, "a.vn"),
        ("Loại", Column.KIND, "portal"),
    ]
    assert told == [Code.ROWS_ABOVE_HEADER, Code.TOTAL_ROW]


def test_a_table_that_the_operator_left_out_has_no_rows_but_is_counted() -> None:
    table, told = _make(_FORM, {"a.csv": TableChoice(source="a.csv", left_out=True)})
    assert table is not None
    assert table.layout is not None
    assert (table.kind, table.rows, table.layout.left_out) == (TableKind.TARGETS, (), 3)
    assert told == [Code.ROWS_ABOVE_HEADER, Code.TABLE_LEFT_OUT]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("x;y\n1;2\n", [Code.NO_HEADER]),
        ("C¬ quan, ®¬n vÞ;Tªn hÖ thèng;Lo¹i\nSë Y tÕ;Cæng Së Y tÕ;Cæng TT§T\n", [Code.OLD_FONT]),
        ("Tên;Tên hệ thống;Loại;Hãng\n", [Code.COLUMN_TWICE, Code.COLUMN_AS_NOTE]),
        ("Loại;Ghi chú\nportal;x\n", [Code.MISSING_COLUMN]),
        ("Tên;Ghi chú\na.vn;x\n", [Code.MISSING_KINDS]),
    ],
)
def test_problems_of_a_header_are_told_once_for_the_table(text: str, codes: list[Code]) -> None:
    assert _make(text)[1] == codes
