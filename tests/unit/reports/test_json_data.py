"""Tests that lines of JSON hold every value, without characters that a terminal would obey."""

import json

import pytest

from reports.json_data import Plain, encode

VALUES: tuple[Plain, ...] = (
    {"whole": 10**30, "small": 5e-324, "large": 1e300, "negative": -0.0, "tuple": (1, "a"), "none": None, "yes": True},
    "đơn vị “Sở Y tế” 🌐",
    "\x00\x1b[31m\x7f\x85\u200b\u202e\u2028\ufeff",
)


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_what_is_written_is_read_again(value: Plain) -> None:
    assert json.loads(encode(value)) == json.loads(json.dumps(value))


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_a_line_holds_nothing_that_a_terminal_obeys(value: Plain) -> None:
    assert encode([value, "x"]).decode().isprintable()


def test_half_of_a_surrogate_pair_is_an_escape_between_other_text() -> None:
    assert json.loads(encode({"tên": "\ud83d!", "đúng": "\u202e"})) == {"tên": "\ud83d!", "đúng": "\u202e"}


def test_a_number_that_is_not_finite_is_null() -> None:
    assert encode([float("nan"), float("inf"), 1.5]) == b"[null,null,1.5]"
