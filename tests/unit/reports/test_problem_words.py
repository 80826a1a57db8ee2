"""Each word about lists of problems is in both languages and is shown by a template of the page."""

from pathlib import Path

import reports
from auditor.texts.translate import Texts
from reports.problem_words import PROBLEM_WORDS
from reports.report_texts import say

TEMPLATES = "".join(path.read_text("utf-8") for path in Path(reports.__file__).parent.glob("templates/*.j2"))


def test_problem_words_are_shown_by_a_template() -> None:
    unused = {key for key in PROBLEM_WORDS if f"ui.{key}" not in TEMPLATES and f'"{key}"' not in TEMPLATES}
    assert not unused


def test_problem_words_differ_between_the_languages() -> None:
    alike = {key for key in PROBLEM_WORDS if say(Texts("vi"), key, n=2) == say(Texts("en"), key, n=2)}
    assert not alike
