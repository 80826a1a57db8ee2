"""Merged cells filled down, and nothing else."""

from collections.abc import Sequence

from inventory.tables.merged_cells import Merge, fill_down


def _merge(first_row: int, last_row: int, first_column: int = 1, last_column: int = 1) -> Merge:
    return Merge(first_row=first_row, last_row=last_row, first_column=first_column, last_column=last_column)


def _filled(records: Sequence[tuple[int, list[str]]], *merges: Merge) -> list[tuple[int, list[str]]]:
    return [(row, list(cells)) for row, cells in fill_down(records, merges)]


def test_fill_down_repeats_the_first_cell_in_its_column_alone() -> None:
    records = [(1, ["A", "x"]), (2, ["", "y"]), (4, ["", "z"]), (5, ["", "after"])]
    assert _filled(records, _merge(1, 4, 1, 2)) == [
        (1, ["A", "x"]),
        (2, ["A", "y"]),
        (4, ["A", "z"]),
        (5, ["", "after"]),
    ]


def test_fill_down_keeps_a_range_empty_whose_first_row_has_no_text() -> None:
    assert _filled([(1, ["old", "a"]), (3, ["", "b"])], _merge(1, 1), _merge(2, 3)) == [
        (1, ["old", "a"]),
        (3, ["", "b"]),
    ]


def test_fill_down_never_writes_over_text() -> None:
    assert _filled([(1, ["A"]), (2, ["B"])], _merge(1, 2)) == [(1, ["A"]), (2, ["B"])]


def test_fill_down_takes_ranges_beside_and_below_each_other() -> None:
    records = [(1, ["A", "1"]), (2, ["", ""]), (3, ["B", ""]), (4, ["", "2"])]
    assert _filled(records, _merge(3, 4), _merge(1, 2), _merge(1, 3, 2, 2)) == [
        (1, ["A", "1"]),
        (2, ["A", "1"]),
        (3, ["B", "1"]),
        (4, ["B", "2"]),
    ]


class _Counted(int):
    """Counts comparisons of numbers with each other."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        _Counted.compared += 1
        return super().__eq__(other)

    def __lt__(self, other: int) -> bool:
        _Counted.compared += 1
        return super().__lt__(other)

    def __le__(self, other: int) -> bool:
        _Counted.compared += 1
        return super().__le__(other)

    def __gt__(self, other: int) -> bool:
        _Counted.compared += 1
        return super().__gt__(other)

    def __ge__(self, other: int) -> bool:
        _Counted.compared += 1
        return super().__ge__(other)

    __hash__ = int.__hash__


def _comparisons(rows: int) -> int:
    """Return the number of row comparisons when as many ranges are filled down, each to the end of the sheet."""
    records = [(_Counted(row), ["", "x"]) for row in range(1, rows + 1)]
    merges = [_merge(_Counted(row), _Counted(1_000_000)) for row in range(1, rows + 1)]
    _Counted.compared = 0
    assert len(_filled(records, *merges)) == rows
    return _Counted.compared


def test_fill_down_of_overlapping_ranges_takes_linear_time() -> None:
    few, many = _comparisons(200), _comparisons(2_000)
    assert 0 < many <= 11 * few
