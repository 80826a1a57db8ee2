import pytest

from inventory.cells.decimals import of_number, unmistakable


@pytest.mark.parametrize(
    ("number", "read"),
    [("1.125", "1.1250"), ("-1.125", "-1.1250"), ("1.5", "1.5"), ("1.1255", "1.1255"), ("1000", "1000"), ("x", "x")],
)
def test_a_number_is_shown_as_it_is_and_read_with_a_decimal_point(number: str, read: str) -> None:
    text = of_number(number)
    assert (text, unmistakable(text)) == (number, read)


def test_a_text_that_looks_like_a_number_is_left_as_it_is() -> None:
    assert unmistakable("1.125") == "1.125"
