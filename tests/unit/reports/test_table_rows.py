"""Tests that a dangerous first character of a cell is made harmless, and that other text is unchanged."""

from reports.table_rows import safe


def test_harmless_text_is_left_alone() -> None:
    assert safe("Sở Xây dựng") == "Sở Xây dựng"
