"""Tests that the word lists of injected content are complete, in the form pages are compared with, and read once."""

from dataclasses import fields

import pytest

from auditor.facts.web.injected_words import WordLists, word_lists

LISTS = [field.name for field in fields(WordLists) if "int" not in str(field.type)]


@pytest.mark.parametrize("name", LISTS)
def test_word_lists_hold_lower_case_words_each_once(name: str) -> None:
    words = list(getattr(word_lists(), name))
    assert words
    assert [word for word in words if word != word.lower().strip() or words.count(word) > 1] == []


def test_word_lists_count_codes_as_topics_and_common_words() -> None:
    assert "vn88" in word_lists().topics
    assert "vn88" in word_lists().common


def test_word_lists_of_exceptions_belong_to_the_lists_that_they_except_from() -> None:
    assert word_lists().common <= set(word_lists().topics)
    assert word_lists().headlined <= set(word_lists().offers)


def test_word_lists_are_read_once() -> None:
    assert word_lists() is word_lists()
