"""Tests that a store in memory holds nothing of a run or a judgement before anything is added."""

from auditor.service.store.memory.records import HeldJudgement, HeldRun
from inventory.model import SubjectId
from tests.unit.auditor.service.store.examples import judgement, run


def test_what_was_never_put_there_is_empty_and_of_no_other_run() -> None:
    one, other = HeldRun(run()), HeldRun(run())
    assert dict(one.evidence[SubjectId("a")]) == {}
    assert (other.evidence, other.subjects, other.measured, other.judgements) == ({}, {}, set(), [])
    assert (one.seal, one.sealed) == (None, None)
    said = HeldJudgement(judgement())
    assert (said.whole, said.summary, dict(said.findings[SubjectId("a")])) == (True, None, {})
