"""Merged cells filled down, and nothing else."""

import time

from inventory.merges import Merge, fill_down


def _merge(first_row: int, last_row: int, first_column: int = 1, last_column: int = 1) -> Merge:
    return Merge(first_row=first_row, last_row=last_row, first_column=first_column, last_column=last_column)


def _filled(records: list[tuple[int, list[str]]], *merges: Merge) -> list[tuple[int, list[str]]]:
    return [(row, list(cells)) for row, cells in fill_down(records, merges)]


def test_fill_down_repeats_the_first_cell_in_its_column_alone() -> None:
    records = [(1, ["A", "x"]), (2, ["", "y"]), (4, ["", "z"]), (5, ["", "after"])]
    assert _filled(records, _merge(1, 4, 1, 2)) == [
        (1, ["A", "x"]), (2, ["A", "y"]), (4, ["A", "z"]), (5, ["", "after"]),
    ]  # fmt: skip


def test_fill_down_keeps_a_range_empty_whose_first_row_has_no_text() -> None:
    assert _filled([(1, ["old", "a"]), (3, ["", "b"])], _merge(1, 1), _merge(2, 3)) == [
        (1, ["old", "a"]), (3, ["", "b"]),
    ]  # fmt: skip


def test_fill_down_never_writes_over_text() -> None:
    assert _filled([(1, ["A"]), (2, ["B"])], _merge(1, 2)) == [(1, ["A"]), (2, ["B"])]


def test_fill_down_takes_ranges_beside_and_below_each_other() -> None:
    records = [(1, ["A", "1"]), (2, ["", ""]), (3, ["B", ""]), (4, ["", "2"])]
    assert _filled(records, _merge(3, 4), _merge(1, 2), _merge(1, 3, 2, 2)) == [
        (1, ["A", "1"]), (2, ["A", "1"]), (3, ["B", "1"]), (4, ["B", "2"]),
    ]  # fmt: skip


def test_fill_down_of_overlapping_ranges_takes_linear_time() -> None:
    records = [(row, ["", "x"]) for row in range(1, 20_001)]
    started = time.process_time()
    _filled(records, *(_merge(row, 1_000_000) for row in range(1, 20_001)))
    assert time.process_time() - started < 2
