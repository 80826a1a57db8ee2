"""Tests that evidence is read once, kept while there is room, and handed out once."""

from auditor.service.pipeline.judging.evidence_at_hand import EvidenceAtHand
from inventory.model import SubjectId
from tests.unit.auditor.service.store.examples import evidence

A, B, C = SubjectId("a"), SubjectId("b"), SubjectId("c")


def test_it_is_given_once() -> None:
    at_hand = EvidenceAtHand(100)
    pieces = [evidence(A), evidence(A, attempt=2), evidence(B)]
    for piece in pieces:
        at_hand.add(piece, 30)
    assert at_hand.take([B, C]) == {B: [pieces[2]]}
    assert at_hand.take([A, B]) == {A: pieces[:2]}
    assert at_hand.take([A, B]) == {}


def test_of_a_subject_for_which_there_is_no_room_nothing_is_kept_nor_of_any_after_it() -> None:
    at_hand = EvidenceAtHand(100)
    for piece, size in ((evidence(A), 40), (evidence(B), 50), (evidence(B, attempt=2), 20), (evidence(C), 1)):
        at_hand.add(piece, size)
    assert set(at_hand.take([A, B, C])) == {A}


def test_without_room_nothing_is_kept() -> None:
    at_hand = EvidenceAtHand(0)
    at_hand.add(evidence(A), 1)
    assert at_hand.take([A]) == {}
