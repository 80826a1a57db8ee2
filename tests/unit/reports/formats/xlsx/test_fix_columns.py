"""Tests that headings and states of the sheet of fixes differ, so that they read back."""

from datetime import date

import pytest

from auditor.service.store.kept.problem_states import ProblemState
from auditor.texts.translate import LANGUAGES, Texts
from inventory.word_matching import fold
from reports.document import RemediationStatus
from reports.formats.xlsx.fix_columns import COLUMNS, EDITABLE, STATES, heading, state_word, was


@pytest.mark.parametrize("lang", LANGUAGES)
def test_headings_and_states_are_told_apart(lang: str) -> None:
    texts = Texts(lang)
    assert len({fold(heading(texts, name)) for name in COLUMNS}) == len(COLUMNS)
    assert len({fold(state_word(texts, state)) for state in STATES}) == len(STATES)


def test_states_are_those_of_problems() -> None:
    assert tuple(state.value for state in ProblemState) == STATES
    assert set(EDITABLE) <= set(COLUMNS)


def test_was_tells_all_but_the_comment() -> None:
    work = RemediationStatus(state="fixed", owner="An | Bình", deadline=date(2026, 12, 31), comment="x")
    assert was(work) == "fixed|2026-12-31|An | Bình"
    assert was(RemediationStatus()) == "new||"
