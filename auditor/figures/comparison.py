"""Compares two judgements: findings that became worse, were fixed, stayed, and those that cannot be compared.

Pure. Findings are matched by their ids, which are stable across runs. Nothing is called better or worse where one side
decided nothing, was judged by another version of the check or under other thresholds.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import NamedTuple

from auditor.figures.figure import Figure
from auditor.figures.kpis import EXCUSED
from auditor.figures.scoring import AREAS, area_of
from auditor.framework.findings import DEFECTS, CheckId, FindingId, Outcome, Outline
from inventory.model import SubjectId

_UNKNOWN = frozenset({Outcome.INCONCLUSIVE, Outcome.ERROR})
SUSPECT_SHARE = 0.30
"""The share of an area that, if it changes at once, points to the vantage rather than to the subjects."""
SUSPECT_FROM = 10
"""The number of subjects below which a share shows nothing."""


class ChangeKind(Enum):
    """Names the kinds of change of one finding, the most urgent first.

    ``ADDED``: of a subject that was not there before, so that nothing became worse. ``EASED``: it failed and is a
    warning now, so the defect goes on.
    """

    NEW = "new"
    ADDED = "added"
    CHANGED = "changed"
    STILL_FAILING = "still_failing"
    FIXED = "fixed"
    EASED = "eased"
    GONE = "gone"
    NOT_COMPARABLE = "not_comparable"


class Credibility(StrEnum):
    """States whether a run is believed in which suspiciously much changed. ``UNSETTLED``: no repeat decided it."""

    WAITING = "waiting"
    REAL = "real"
    VANTAGE = "vantage"
    UNSETTLED = "unsettled"


class Incomparable(Enum):
    """Names the reason why two sides cannot be compared."""

    CHECK_VERSION = "check_version"
    THRESHOLDS = "thresholds"
    NOT_RUN = "not_run"
    COVERAGE = "coverage"
    SUBJECT = "subject"


_UNDOING = {
    ChangeKind.NEW: frozenset({ChangeKind.FIXED, ChangeKind.EASED, ChangeKind.GONE, ChangeKind.CHANGED}),
    ChangeKind.FIXED: frozenset({ChangeKind.NEW}),
    ChangeKind.EASED: frozenset({ChangeKind.NEW}),
}


_BETTER = {Outcome.PASS: ChangeKind.FIXED, Outcome.WARN: ChangeKind.EASED, Outcome.NOT_APPLICABLE: ChangeKind.CHANGED}
"""The kind of change of a former fail, by its outcome now."""
_MOVES = frozenset({ChangeKind.NEW, ChangeKind.FIXED, ChangeKind.EASED})


class _Difference(NamedTuple):
    """Holds the difference of a finding on two sides. ``why``: if not comparable; ``regression`` as in ``Change``."""

    kind: ChangeKind
    why: Incomparable | None = None
    regression: bool = False


class _Fault(NamedTuple):
    """Identifies a fault without its address; only the address family counts, where there is an address."""

    check: CheckId
    check_version: int
    code: str
    outcome: Outcome
    detail: str | None
    has_no_ipv4_address: bool


class _Move(NamedTuple):
    """Holds a finding that became worse or better."""

    id: FindingId
    kind: ChangeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCoverage:
    """Holds the checks that one run was made for; it could decide no others."""

    checks: Set[CheckId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Holds one finding on both sides, None on a side that lacks it.

    ``regression``: it fails now without a waiver, and was decided not to fail before.
    """

    kind: ChangeKind
    id: FindingId
    subject: SubjectId
    before: Outline | None
    after: Outline | None
    why: Incomparable | None = None
    regression: bool = False

    @property
    def outline(self) -> Outline:
        """The outline of the later side that has the finding."""
        outline = self.after or self.before
        assert outline is not None
        return outline

    @property
    def check(self) -> CheckId:
        return self.outline.check


@dataclass(frozen=True, slots=True, kw_only=True)
class FigurePair:
    """Holds one figure on both sides, None where a side has none."""

    before: Figure | None
    after: Figure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Holds all changes, the most urgent first within a subject, and the figures of the whole by name.

    ``suspect``: the areas in which so many changed at once that the vantage is the likelier cause.
    """

    changes: tuple[Change, ...]
    figures: Mapping[str, FigurePair] = field(default_factory=dict)
    suspect: tuple[str, ...] = ()

    @property
    def counts(self) -> Mapping[ChangeKind, int]:
        return Counter(change.kind for change in self.changes)

    @property
    def regressions(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.regression)


class Comparing:
    """Compares subject by subject. ``other_rules``: checks whose thresholds differ between the two."""

    def __init__(self, before: RunCoverage, after: RunCoverage, other_rules: Set[CheckId] = frozenset()) -> None:
        self._before, self._after, self.other_rules = before, after, other_rules

    def subject(
        self, subject: SubjectId, before: Sequence[Outline] | None, after: Sequence[Outline] | None
    ) -> list[Change]:
        """Return the changes of a subject, the most urgent first; None on a side means that the run lacks the subject.

        A finding that is as good as before is no change and is left out. The same fault at an address in place of
        another one is one finding.
        """
        new = {outline.id: outline for outline in after or ()}
        old = _readdressed({outline.id: outline for outline in before or ()}, new)
        changes = []
        for id_ in sorted(old.keys() | new.keys()):
            difference = self._difference(old.get(id_), new.get(id_), before, after)
            if difference is not None:
                changes.append(
                    Change(
                        kind=difference.kind,
                        id=id_,
                        subject=subject,
                        before=old.get(id_),
                        after=new.get(id_),
                        why=difference.why,
                        regression=difference.regression,
                    )
                )
        order = tuple(ChangeKind)
        return sorted(
            changes,
            key=lambda change: (order.index(change.kind), change.outline.severity.rank, change.check, change.id),
        )

    def _difference(
        self,
        old: Outline | None,
        new: Outline | None,
        before: Sequence[Outline] | None,
        after: Sequence[Outline] | None,
    ) -> _Difference | None:
        if old is not None and new is not None:
            return self._both(old, new)
        if new is not None:
            return self._appeared(new, before)
        assert old is not None
        return self._vanished(old, after)

    def _both(self, old: Outline, new: Outline) -> _Difference | None:
        telling = old.outcome is not new.outcome or old.outcome is Outcome.FAIL
        why = self._incomparable(old, new)
        if why is not None:
            return _Difference(ChangeKind.NOT_COMPARABLE, why) if telling else None
        if {old.outcome, new.outcome} & _UNKNOWN:
            both = old.outcome in _UNKNOWN and new.outcome in _UNKNOWN
            return None if both else _Difference(ChangeKind.NOT_COMPARABLE, Incomparable.COVERAGE)
        if new.outcome is Outcome.FAIL:
            if old.outcome is Outcome.FAIL:
                return _Difference(ChangeKind.STILL_FAILING if old.code == new.code else ChangeKind.CHANGED)
            return _Difference(ChangeKind.NEW, regression=not new.waived and old.code not in EXCUSED)
        if old.outcome is Outcome.FAIL:
            return _Difference(_BETTER[new.outcome])
        return _Difference(ChangeKind.CHANGED) if {old.outcome, new.outcome} & DEFECTS and telling else None

    def _incomparable(self, old: Outline, new: Outline) -> Incomparable | None:
        if old.check_version != new.check_version:
            return Incomparable.CHECK_VERSION
        return Incomparable.THRESHOLDS if old.check in self.other_rules and old.outcome is not new.outcome else None

    def _appeared(self, new: Outline, before: Sequence[Outline] | None) -> _Difference | None:
        """Return the change for a finding that is only in the later run, else None.

        It is of a new address or detail, a new subject, or a check that was not run before.
        """
        if new.outcome is not Outcome.FAIL:
            return None
        if before is None:
            return _Difference(ChangeKind.ADDED, Incomparable.SUBJECT)
        why = self._one_sided(new, before, self._before)
        if why is not None:
            return _Difference(ChangeKind.NOT_COMPARABLE, why)
        return _Difference(ChangeKind.NEW, regression=not new.waived)

    def _vanished(self, old: Outline, after: Sequence[Outline] | None) -> _Difference | None:
        if old.outcome not in DEFECTS:
            return None
        if after is None:
            return _Difference(ChangeKind.GONE, Incomparable.SUBJECT)
        why = self._one_sided(old, after, self._after)
        return _Difference(ChangeKind.GONE) if why is None else _Difference(ChangeKind.NOT_COMPARABLE, why)

    def _one_sided(self, outline: Outline, others: Sequence[Outline], side: RunCoverage) -> Incomparable | None:
        """Return why the side without this finding may lack it though nothing changed at the subject.

        None where its check was run there by the same rules and decided everything.
        """
        of_check = [other for other in others if other.check == outline.check]
        if outline.check not in side.checks or not of_check:
            return Incomparable.NOT_RUN
        if any(other.check_version != outline.check_version for other in of_check):
            return Incomparable.CHECK_VERSION
        if outline.check in self.other_rules:
            return Incomparable.THRESHOLDS
        return Incomparable.COVERAGE if any(other.outcome in _UNKNOWN for other in of_check) else None


def _readdressed(old: Mapping[FindingId, Outline], new: Mapping[FindingId, Outline]) -> dict[FindingId, Outline]:
    """Return the earlier findings; those of a fault that is at another address now have the later id."""
    outlines_by_finding_id = dict(old)
    appeared: dict[_Fault, list[FindingId]] = {}
    for id_ in sorted(new.keys() - old.keys()):
        appeared.setdefault(_fault(new[id_]), []).append(id_)
    for id_ in sorted(old.keys() - new.keys()):
        there = appeared.get(_fault(old[id_]))
        if there and old[id_].address is not None and old[id_].outcome in DEFECTS:
            outlines_by_finding_id[there.pop(0)] = outlines_by_finding_id.pop(id_)
    return outlines_by_finding_id


def _fault(outline: Outline) -> _Fault:
    return _Fault(
        check=outline.check,
        check_version=outline.check_version,
        code=outline.code,
        outcome=outline.outcome,
        detail=outline.detail,
        has_no_ipv4_address=outline.address is None or ":" in outline.address,
    )


def suspects(changes: Iterable[Change], compared: Mapping[str, int]) -> tuple[str, ...]:
    """Return the areas in which more than ``SUSPECT_SHARE`` of the compared subjects became worse or better at once."""
    moved = moved_in(changes)
    return tuple(
        area
        for area in AREAS
        if compared.get(area, 0) >= SUSPECT_FROM and len(moved.get(area, ())) > SUSPECT_SHARE * compared[area]
    )


def moved_in(changes: Iterable[Change]) -> Mapping[str, Set[SubjectId]]:
    """Return by area the subjects that became worse or better."""
    moved: dict[str, set[SubjectId]] = {}
    for change in filter(_is_move, changes):
        moved.setdefault(area_of(change.check), set()).add(change.subject)
    return moved


def settle(
    doubted: Iterable[Change], repeated: Iterable[Change], between: Iterable[Change], areas: Sequence[str]
) -> Credibility:
    """Decide by a repeat whether to believe a run in which very much of ``areas`` changed at once.

    ``doubted`` are the changes from the run before to the doubtful one, ``repeated`` those from the run before to the
    repeat, ``between`` those from the doubtful run to the repeat. Each area is decided by the greater part of the
    subjects that had moved there; one in which they went back is enough not to believe the run.
    """
    moved = [change for change in doubted if _is_move(change) and area_of(change.check) in areas]
    stayed = {_Move(change.id, change.kind) for change in repeated if _is_move(change)}
    undone = {change.id: change for change in between if change.why is None}
    verdicts = {
        _of_area([change for change in moved if area_of(change.check) == area], stayed, undone) for area in areas
    }
    return next(
        (verdict for verdict in (Credibility.VANTAGE, Credibility.UNSETTLED) if verdict in verdicts), Credibility.REAL
    )


def _of_area(moved: Sequence[Change], stayed: Set[_Move], undone: Mapping[FindingId, Change]) -> Credibility:
    """Decide one area by the majority of its subjects, each by the majority of its findings that the repeat decided."""
    votes: Counter[SubjectId] = Counter({each_change.subject: 0 for each_change in moved})
    for change in moved:
        back = undone.get(change.id)
        if _Move(change.id, change.kind) in stayed:
            votes[change.subject] += 1
        elif back is not None and back.kind in _UNDOING[change.kind]:
            votes[change.subject] -= 1
    if 2 * sum(vote < 0 for vote in votes.values()) > len(votes):
        return Credibility.VANTAGE
    return Credibility.REAL if 2 * sum(vote > 0 for vote in votes.values()) > len(votes) else Credibility.UNSETTLED


def _is_move(change: Change) -> bool:
    """True if a finding became worse or better, and was decided on both sides."""
    return change.kind in _MOVES and change.why is None


def areas_of(outlines: Iterable[Outline]) -> Iterator[str]:
    """Yield the areas in which a subject has findings, each once."""
    yield from {area_of(outline.check) for outline in outlines}
