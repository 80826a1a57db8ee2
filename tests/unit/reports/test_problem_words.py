"""Tests that each word about lists of problems is in both languages and is shown by the page."""

from pathlib import Path

import reports
from auditor.texts.translate import Texts
from reports.problem_words import PROBLEM_WORDS
from reports.report_texts import say

FOLDER = Path(reports.__file__).parent
SOURCES = "".join(
    path.read_text("utf-8") for pattern in ("templates/*.j2", "formats/html/*.py") for path in FOLDER.glob(pattern)
)


def test_problem_words_are_shown_by_the_page() -> None:
    unused = {key for key in PROBLEM_WORDS if f"ui.{key}" not in SOURCES and f'"{key}"' not in SOURCES}
    assert not unused


def test_problem_words_differ_between_the_languages() -> None:
    alike = {key for key in PROBLEM_WORDS if say(Texts("vi"), key, n=2) == say(Texts("en"), key, n=2)}
    assert not alike
