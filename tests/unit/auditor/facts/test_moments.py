"""Tests that a subject is judged for the day of its own evidence."""

from dataclasses import replace
from datetime import timedelta

from auditor.facts.moments import day_of
from probes.framework.evidence import EvidenceSet
from tests.golden import lab
from tests.unit.auditor.contexts import context

CTX = context()
EARLY, LATE = (
    replace(lab.evidence("declared", task=task), started=CTX.now - timedelta(days=days))
    for task, days in (("a", 2), ("b", 0))
)


def test_day_of_two_pieces_of_evidence_is_that_of_the_last_named() -> None:
    both = EvidenceSet([EARLY, LATE])
    day = day_of(both, [LATE.id], CTX)
    assert day_of(both, [EARLY.id], CTX) == day - timedelta(days=2)
    assert day_of(both, [EARLY.id, LATE.id], CTX) == day


def test_day_of_no_evidence_is_that_of_the_run() -> None:
    assert day_of(EvidenceSet([EARLY]), [], CTX) == day_of(EvidenceSet([LATE]), [LATE.id], CTX)
