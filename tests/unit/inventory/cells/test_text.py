"""The fast path for usual cells gives the result of the slow path, and leaves all other cells to it."""

import pytest

from inventory.cells.text import CELL_LIMIT, MARKS_LIMIT, clean, clean_usual
from inventory.model import RowOrigin
from inventory.problems.problem import CellPosition, ProblemCollector


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("  a.example.vn ", "a.example.vn"), ("Sở Y tế", "Sở Y tế"), ("So\u031b\u0309", "Sở"), ("", "")],
)
def test_clean_usual_of_a_plain_text_gives_it_composed_and_trimmed(text: str, cleaned: str) -> None:
    assert clean_usual(text) == cleaned


@pytest.mark.parametrize(
    "text", ["'=1", "a\tb", "a\u200bb", "a\u00a0b", "\u202ea", "x" * (CELL_LIMIT + 1), "ê" * (MARKS_LIMIT + 1)]
)
def test_clean_usual_of_a_text_that_needs_a_closer_look_gives_nothing(text: str) -> None:
    assert clean_usual(text) is None


def test_clean_refuses_a_letter_with_too_many_marks() -> None:
    problems = ProblemCollector()
    assert clean("a" + "\u0301" * (MARKS_LIMIT + 1), CellPosition(problems, RowOrigin(source="a"))) == ""
    assert problems.count == 1
