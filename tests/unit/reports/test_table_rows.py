"""What a cell may not begin with is made harmless; everything else is left as it is."""

from reports.table_rows import safe


def test_harmless_text_is_left_alone() -> None:
    assert safe("Sở Xây dựng") == "Sở Xây dựng"
