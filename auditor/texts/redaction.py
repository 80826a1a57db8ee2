"""Removes subjects of other agencies from findings and evidence for a reader with restricted access.

A check declares which of its arguments name other subjects (``others``); those that the reader may not see are replaced
by a mark, which texts show as "another agency's connection point".
"""

from collections.abc import Container, Set
from dataclasses import replace
from typing import TypeVar

from auditor.framework.check import Check
from auditor.framework.findings import UNSEEN, Arg, Finding
from auditor.texts.messages_en import FRAMEWORK
from inventory.model import Subject, SubjectId
from probes.framework.evidence import Evidence

A = TypeVar("A", bound=Arg)


def finding_for(finding: Finding, check: Check | None, seen: Container[str]) -> Finding:
    """Return the finding without names outside ``seen``; for an undeclared code, without any argument outside it."""
    hidden = _hidden(finding, check)
    if not hidden:
        return finding
    shown = {name: _shown(value, seen) if name in hidden else value for name, value in finding.args.items()}
    return replace(finding, args=shown)


def _hidden(finding: Finding, check: Check | None) -> Set[str]:
    if check is not None and (finding.code in check.messages or finding.code in FRAMEWORK):
        return finding.args.keys() & check.others
    return set() if finding.code in FRAMEWORK else finding.args.keys()


def _shown(value: A, seen: Container[str]) -> A | str | tuple[str, ...]:
    """Return the seen names as they are, and one mark for all others."""
    if isinstance(value, tuple | list):
        marks = (UNSEEN,) if any(text not in seen for text in value) else ()
        return (*(text for text in value if text in seen), *marks)
    return value if value in seen else UNSEEN


def evidence_for(evidence: Evidence, seen: Container[str]) -> Evidence:
    """Return the evidence without facts in its observations about subjects outside ``seen``."""
    steps = tuple(shown for step in evidence.steps if (shown := step.shown_to(seen)) is not None)
    return evidence if steps == evidence.steps else replace(evidence, steps=steps)


def subject_for(subject: Subject, seen: Container[SubjectId]) -> Subject:
    """Return the subject with only the owners that are in ``seen``."""
    if all(owner in seen for owner in subject.derived_from):
        return subject
    return replace(subject, derived_from=tuple(owner for owner in subject.derived_from if owner in seen))
