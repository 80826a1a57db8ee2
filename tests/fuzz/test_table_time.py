"""Every column of a table takes any cell within time and memory that are proportional to the cell's length."""

import contextlib
import time
import tracemalloc

import pytest

from inventory.loader import load_sent
from inventory.problems.problem import InventoryError
from inventory.tables.columns import Column

LENGTH, TIMES, GROWTH = 990, 10, 25
SECONDS, BYTES = 0.03, 20 * 2**20
"""Acceptable seconds and bytes for one cell of TIMES * LENGTH characters."""
PARTS = (
    " ",
    "1",
    "1 ",
    "a",
    ";",
    ",",
    "a;",
    "=",
    "-",
    "1-",
    ".",
    "a.",
    ":",
    "::",
    "'",
    "(",
    "é",
    "\u0301\u0323",
    "[",
    "a=b ",
    "80-90,",
)


def _read(column: str, cell: str) -> None:
    table = f'name;kind;{column}\nh.example.vn;portal;"1{cell}!"\n'
    with contextlib.suppress(InventoryError):
        load_sent([("a.csv", table.encode())])


def _seconds(column: str, cell: str) -> float:
    began = time.thread_time()
    _read(column, cell)
    return time.thread_time() - began


def _is_slow(column: str, part: str) -> bool:
    short, long = (part * (length // len(part)) for length in (LENGTH, LENGTH * TIMES))
    for _ in range(5):
        took = _seconds(column, long)
        if took < SECONDS or took <= GROWTH * _seconds(column, short):
            return False
    return True


@pytest.mark.parametrize("column", [each for each in Column if each not in (Column.NAME, Column.KIND)])
def test_any_cell_takes_linear_time(column: Column) -> None:
    assert [part for part in PARTS if _is_slow(column, part)] == []


def test_a_long_cell_takes_little_memory() -> None:
    tracemalloc.start()
    try:
        for part in PARTS:
            _read(Column.NOTE, part * (LENGTH * TIMES // len(part)))
        assert tracemalloc.get_traced_memory()[1] < BYTES
    finally:
        tracemalloc.stop()
