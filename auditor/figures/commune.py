"""Combines the findings of a commune with those of its connection points."""

from datetime import date

from auditor.figures.kpis import FoldedCheck, SubjectFacts
from auditor.framework.findings import WORST_FIRST, CheckId, Outcome
from inventory.model import Kind
from inventory.organisation import Unit, unit_subject
from inventory.word_matching import fold


class Commune:
    """Holds a commune with its findings and those of its connection points, the worst of each check.

    Findings of secondary points count only if there are no others, since the main office must be connected.
    """

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self._points = {False: 0, True: 0}
        self._seen: dict[bool, dict[CheckId, FoldedCheck]] = {False: {}, True: {}}
        self._planned_until: date | None = None

    def add(self, facts: SubjectFacts) -> None:
        if facts.planned_until is not None:
            self._planned_until = max(self._planned_until or facts.planned_until, facts.planned_until)
        self._points[facts.secondary] += facts.kind is not Kind.UNIT
        kept = self._seen[facts.secondary]
        for check, seen in facts.seen.items():
            held = kept.get(check)
            kept[check] = seen if held is None else worse(held, seen)

    @property
    def is_spoken_of(self) -> bool:
        return bool(any(self._points.values()) or any(self._seen.values()) or self._planned_until)

    def facts(self) -> SubjectFacts:
        return SubjectFacts(
            id=unit_subject(self.unit.code),
            kind=Kind.UNIT,
            kinds=frozenset({Kind.UNIT}),
            agency=self.unit.code,
            level=fold(self.unit.level),
            planned_until=self._planned_until,
            points=sum(self._points.values()),
            seen=self._seen[False] if self._points[False] else {**self._seen[True], **self._seen[False]},
        )


def worse(folded: FoldedCheck, other: FoldedCheck) -> FoldedCheck:
    """Return the worse of two; of two equal ones, one with the reasons of both, waived or exempt only if both are.

    A check planned for later counts as not met, even if another one passed or does not apply.
    """
    first, second = sorted((folded, other), key=_badness)
    if _badness(first) != _badness(second):
        return first
    return FoldedCheck(
        outcome=first.outcome,
        severity=min(first.severity, second.severity, key=lambda severity: severity.rank),
        level=first.level,
        reasons=first.reasons | second.reasons,
        excused=first.excused and second.excused,
        exempt=first.exempt and second.exempt,
        waived=first.waived and second.waived,
    )


def _badness(seen: FoldedCheck) -> tuple[int, bool]:
    is_planned = seen.outcome is Outcome.NOT_APPLICABLE and seen.planned
    return WORST_FIRST.index(Outcome.FAIL if is_planned else seen.outcome), is_planned
