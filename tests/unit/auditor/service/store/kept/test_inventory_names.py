"""Tests that names of stored inventories cannot be taken for files."""

import pytest

from auditor.service.store.kept.inventory_names import is_name


@pytest.mark.parametrize("name", ["Toàn tỉnh", "a", "tinh 2026-11", "x" * 100])
def test_is_name_of_words_true(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    "name", ["", " a", "a ", "a/b", "../a", "a.csv", "A.XLSX", "x" * 101, "a\nb", "a\0", "-x", "."]
)
def test_is_name_of_what_could_be_a_file_false(name: str) -> None:
    assert not is_name(name)
