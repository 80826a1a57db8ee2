"""Marks of a sheet are remembered, and no more of them than are read."""

from inventory.sources.sheet_marks import ERRORS, HIDDEN, SheetMarks
from inventory.tables.merged_cells import Merge


def test_hide_rows_without_a_last_row_hides_one() -> None:
    marks = SheetMarks()
    marks.hide_rows(3)
    marks.hide_rows(5, 7)
    assert marks.hidden_rows == {3, 5, 6, 7}


def test_hide_rows_without_end_is_bounded() -> None:
    marks = SheetMarks()
    marks.hide_rows(1, 10**9)
    assert len(marks.hidden_rows) == HIDDEN


def test_add_error_keeps_texts_up_to_the_limit() -> None:
    marks = SheetMarks()
    marks.add_error(1, 1, " ")
    for row in range(ERRORS + 5):
        marks.add_error(row, 1, "#REF!")
    assert len(marks.errors) == ERRORS
    assert set(marks.errors.values()) == {"#REF!"}


def test_merge_of_a_single_cell_is_none() -> None:
    marks = SheetMarks()
    marks.merge(2, 3, 1, 1)
    marks.merge(2, 3, 4, 1)
    assert marks.merges == [Merge(first_row=2, last_row=5, first_column=3, last_column=3)]
