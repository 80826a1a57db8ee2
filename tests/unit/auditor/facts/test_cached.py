"""Tests that a cached fact is repeated for the same subject and context, and for no other."""

import gc
import weakref
from dataclasses import replace

from auditor.facts.cached import remembered
from auditor.framework.context import Context
from inventory.model import Subject
from probes.framework.evidence import EvidenceSet
from tests.unit.auditor.contexts import context
from tests.unit.auditor.service.store.examples import subject as a_subject

CALLS: list[tuple[str, str]] = []


@remembered
def fact(
    subject: Subject, evidence: EvidenceSet, ctx: Context, rtype: str, *, strict: bool = False
) -> tuple[str, bool]:
    CALLS.append((subject.name, rtype))
    return f"{subject.name} {ctx.one_round} {rtype}", strict


def test_it_is_worked_out_once_for_each_question() -> None:
    CALLS.clear()
    evidence, ctx, subject = EvidenceSet([]), context(), a_subject()
    other = replace(subject, name="other")
    assert fact(subject, evidence, ctx, "A") is fact(subject, evidence, ctx, "A")
    assert fact(subject, evidence, ctx, "AAAA") != fact(subject, evidence, ctx, "A")
    assert fact(subject, evidence, ctx, "A", strict=True) != fact(subject, evidence, ctx, "A")
    assert fact(other, evidence, ctx, "A")[0].startswith("other")
    assert fact(subject, evidence, replace(ctx, one_round=not ctx.one_round), "A") != fact(subject, evidence, ctx, "A")
    assert len(CALLS) == 5
    fact(subject, EvidenceSet([]), ctx, "A")
    assert len(CALLS) == 6


def test_what_is_remembered_goes_with_its_evidence_at_once() -> None:
    evidence = EvidenceSet([])
    gone = weakref.ref(evidence)
    gc.disable()
    try:
        fact(a_subject(), evidence, context(), "A")
        del evidence
        assert gone() is None
    finally:
        gc.enable()
