"""Helpers of this folder's tests: run a reader of cells, load texts as files, and show the messages."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from inventory.loader import LoadedInventory, load_with_warnings
from inventory.model import RowOrigin, Subject
from inventory.problems.problem import CellPosition, InventoryError, ProblemCollector

T = TypeVar("T")


def read(parse: Callable[[str, CellPosition], T], text: str, column: str = "") -> tuple[T, list[str]]:
    """Return the value of a cell, and its problems as English lines that begin with the column."""
    problems = ProblemCollector()
    value = parse(text, CellPosition(problems, RowOrigin(source=""), column))
    return value, [problem.line() for problem in problems.ordered()]


def load_text(folder: Path, text: str, name: str = "inventory.csv") -> LoadedInventory:
    path = folder / name
    path.write_text(text, "utf-8")
    return load_with_warnings([path])


def subject_of(folder: Path, header: str, row: str) -> Subject:
    """Return the one subject of a table of one row."""
    (subject,) = load_text(folder, f"{header}\n{row}\n").inventory.subjects
    return subject


def lines_of(folder: Path, text: str, name: str = "inventory.csv") -> list[str]:
    """Return all errors of a text, with the file's name in place of its path."""
    with pytest.raises(InventoryError) as caught:
        load_text(folder, text, name)
    return [line.removeprefix(f"{folder}/{name}").removeprefix(":") for line in caught.value.lines()]


def warnings_of(folder: Path, text: str, name: str = "inventory.csv") -> list[str]:
    warnings = load_text(folder, text, name).warnings
    return [warning.line().removeprefix(f"{folder}/{name}").removeprefix(":") for warning in warnings]
