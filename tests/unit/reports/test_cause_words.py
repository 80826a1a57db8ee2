"""Tests the words about shared causes: each kind, and each reason for naming an owner, has its own."""

from auditor.figures.causes import CauseKind, OwnerBasis
from reports.cause_words import CAUSE_WORDS
from reports.report_texts import UI


def test_words_exist_for_each_kind_and_basis() -> None:
    kinds = {f"cause_{kind.name.lower()}" for kind in CauseKind}
    bases = {f"cause_owner_{basis.value}" for basis in OwnerBasis}
    assert CAUSE_WORDS.keys() >= kinds | bases


def test_words_are_part_of_the_reports_words() -> None:
    assert UI.items() >= CAUSE_WORDS.items()
