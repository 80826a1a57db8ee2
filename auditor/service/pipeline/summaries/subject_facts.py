"""Reads the facts about a judgement's subjects that figures count, with outcomes held back by earlier rounds."""

import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace

from auditor.figures.cause_gains import outcomes
from auditor.figures.cause_keys import NAMED
from auditor.figures.kpis import MEASURES, SECONDARY, FoldedCheck, SubjectFacts, folded
from auditor.figures.scoring import CheckOutcome, ladders
from auditor.framework.findings import CheckId, Outline
from auditor.service.pipeline.judging.held_outcomes import Holding
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.pipeline.judging.settled import SettledSubjects
from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import SubjectScores
from inventory.model import WEB_KINDS, ExpectedState, Kind, Subject, SubjectId

_AT_ONCE = 200  # subjects; without texts and evidence they are small
_WITH_VALUES = frozenset(CheckId(measure.partition("/")[0]) for measure in MEASURES) | NAMED
"""Checks with values that figures add up, or with names that show a shared cause."""


class FactsReader:
    """Reads the facts about subjects of a run, with the outlines of their findings."""

    def __init__(self, judged: LoadedJudgement, store: Store) -> None:
        self._judged, self._store = judged, store
        self._rows = frozenset(subject.id for subject in judged.inventory.subjects)
        self._settled = SettledSubjects(judged, store)
        self._holding = Holding(judged, store)
        self._zones = _zones(judged, store, self._holding) if self._holding else {}

    def every(self) -> Iterator[tuple[Subject, Sequence[Outline], SubjectFacts, SubjectScores]]:
        """Yield all subjects; the scores are those of the judgement, without outcomes held back."""
        for some in self._settled.every():
            yield from self._of(some)

    def read(self, ids: Set[SubjectId]) -> Mapping[SubjectId, tuple[SubjectFacts, Sequence[Outline]]]:
        """Return the facts and outlines of some subjects."""
        found: dict[SubjectId, tuple[SubjectFacts, Sequence[Outline]]] = {}
        for some in chunks(iter(sorted(ids)), _AT_ONCE):
            subjects = self._store.subjects_of(self._judged.run.id, some)
            settled = self._settled.settled(subjects)
            for subject, outlines, facts, _ in self._of([settled[each.id].applied_to(each) for each in subjects]):
                found[subject.id] = facts, outlines
        return found

    def _of(self, some: Sequence[Subject]) -> Iterator[tuple[Subject, Sequence[Outline], SubjectFacts, SubjectScores]]:
        ids = [subject.id for subject in some]
        outlines = self._store.outlines_of(self._judged.id, ids, args_of=_WITH_VALUES)
        scored = self._store.scores_of(self._judged.id, ids)
        held = self._holding.of(outlines) if self._holding else {}
        for subject in some:
            own = outlines[subject.id]
            facts = facts_of(subject, own, scored[subject.id], derived=is_derived(subject, self._rows))
            if self._holding:
                facts = _as_held(facts, held.get(subject.id, {}), self._zones.get(subject.id, {}))
            yield subject, own, facts, scored[subject.id]


def _zones(judged: LoadedJudgement, store: Store, holding: Holding) -> dict[SubjectId, dict[CheckId, CheckOutcome]]:
    """Return for each service the outcomes of its zones, with outcomes held back by earlier rounds."""
    found: dict[SubjectId, dict[CheckId, CheckOutcome]] = {}
    zones = (
        each_subject
        for each_subject in store.subjects(judged.run.id)
        if Kind.ZONE in each_subject.kinds and not each_subject.kinds & WEB_KINDS
    )
    for some in chunks((zone for zone in zones if zone.derived_from), _AT_ONCE):
        outlines = store.outlines_of(judged.id, [each_subject.id for each_subject in some])
        held = holding.of(outlines)
        for subject in some:
            zone_outcomes = outcomes({**folded(outlines[subject.id]), **held.get(subject.id, {})})
            for owner in subject.derived_from:
                found.setdefault(owner, {}).update(zone_outcomes)
    return found


def _as_held(
    facts: SubjectFacts, held: Mapping[CheckId, FoldedCheck], zone: Mapping[CheckId, CheckOutcome]
) -> SubjectFacts:
    """Return the facts with the held outcomes of checks, and the ladders that follow from them."""
    seen = {**facts.seen, **held}
    excused = {check for check, folded_check in seen.items() if folded_check.excused}
    climbed = ladders(facts.kind, facts.kinds, outcomes(seen), zone=zone, excused=excused)
    outcomes_by_check_id = {check: facts.seen[check].outcome for check in held}
    return replace(facts, seen=seen, ladders=climbed, held=outcomes_by_check_id)


def is_derived(subject: Subject, rows: Set[SubjectId]) -> bool:
    """True if planning derived the subject and no row of the inventory names it."""
    return subject.id not in rows and bool(subject.derived_from)


def facts_of(subject: Subject, outlines: Sequence[Outline], scored: SubjectScores, *, derived: bool) -> SubjectFacts:
    return SubjectFacts(
        id=subject.id,
        kind=subject.kind,
        kinds=subject.kinds,
        agency=subject.agency,
        network=subject.network,
        planned_until=subject.expected.due if subject.expected.state is ExpectedState.PLANNED else None,
        derived=derived,
        secondary=subject.has_tag(SECONDARY),
        security_level=subject.declared.security_level,
        seen=folded(outlines),
        scores=scored.scores,
        ladders=scored.ladders,
        addresses=frozenset(outline.address for outline in outlines if outline.address is not None),
        values=_values(outlines),
    )


def _values(outlines: Sequence[Outline]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for outline in outlines:
        for name, value in outline.args.items():
            key = f"{outline.check}/{name}"
            if key in MEASURES and isinstance(value, int | float) and math.isfinite(value):
                found.setdefault(key, []).append(float(value))
    return {key: math.fsum(values) for key, values in found.items()}
