"""Judges one subject from the evidence of each vantage of a round, and combines that into one judgement. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.facts.device import answers
from auditor.facts.device.answers import SeenDevice
from auditor.framework.check import Check
from auditor.framework.context import Context
from auditor.framework.findings import CheckId, Finding
from auditor.judging.combining import combine
from auditor.judging.judge import OnBug, judge
from auditor.judging.seen_from import SeenFrom, seen_from
from inventory.model import Subject
from probes.framework.evidence import EvidenceSet


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Holds one vantage's evidence about a subject, the context in which it is judged, and the checks to run on it."""

    context: Context
    evidence: EvidenceSet
    checks: Sequence[Check]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedViews:
    """Holds the findings of one subject; ``seen_from`` has the vantages of a round."""

    findings: tuple[Finding, ...]
    seen_from: tuple[SeenFrom, ...] = ()


def judge_views(
    subject: Subject, views: Sequence[View], checks: Mapping[CheckId, Check], *, on_bug: OnBug
) -> JudgedViews:
    """Judge a settled subject by the evidence of one vantage or more, each in its own context.

    ``checks`` gives the order of the findings.
    """
    timed = [
        replace(
            view, context=replace(view.context, now=max((e.started for e in view.evidence), default=view.context.now))
        )
        for view in views
    ]
    judged = [judge(subject, view.evidence, view.checks, view.context, on_bug=on_bug) for view in timed]
    if len(timed) == 1:
        return JudgedViews(findings=judged[0])
    names = {view.context.vantage.name: view for view in timed}
    readers = {name for name, view in names.items() if _was_read(subject, view)}
    inside = {name for name, view in names.items() if subject.network in view.context.vantage.networks}
    seen = (seen_from(subject, view.evidence, view.context) for view in timed)
    return JudgedViews(
        findings=combine(subject, judged, checks, readers=readers, inside=inside),
        seen_from=tuple(statement for statement in seen if statement is not None),
    )


def _was_read(subject: Subject, view: View) -> bool:
    """True if the vantage read the subject over SNMP."""
    return isinstance(answers.device(subject, view.evidence, view.context), SeenDevice)
