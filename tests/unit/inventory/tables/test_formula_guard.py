"""No spreadsheet computes a guarded cell, with any separator, and unguarding restores it."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.tables.formula_guard import guarded, unguarded

FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
TEXTS = st.text(alphabet="=+-@＝'a ,;|\t\r\n\u00a0\u3000\u200b\"", max_size=30)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
def test_guarded_no_cell_is_a_formula_whatever_separates(texts: list[str], separator: str) -> None:
    made = io.StringIO(newline="")
    csv.writer(made).writerow([guarded(text) for text in texts])
    for row in csv.reader(io.StringIO(made.getvalue(), newline=""), delimiter=separator):
        for cell in row:
            assert not cell.lstrip().lstrip("\u200b\ufeff \t").startswith(FORMULAS)


@given(TEXTS)
def test_unguarded_gives_back_what_was_guarded(text: str) -> None:
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sở;=cmd|'/C calc'!A0;x", "Sở;'=cmd|'/C calc'!A0;x"),
        (" =1+1", " '=1+1"),
        ("\u00a0=1+1", "\u00a0'=1+1"),
        ("a-b, c-d", "a-b, c-d"),
        ("'=1", "''=1"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_guarded_changes_only_what_could_compute(text: str, expected: str) -> None:
    assert guarded(text) == expected
