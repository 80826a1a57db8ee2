"""Rolls a judgement up to figures: each subject once, then the frameworks that rest on them."""

import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date

from auditor.figures.compliance import FrameworkResult, judge_framework, rules
from auditor.figures.kpis import KPIS, MEASURES, SECONDARY, FoldedCheck, SubjectFacts, folded
from auditor.figures.rollup import Rollup, Summing
from auditor.figures.scoring import CheckOutcome, ladders
from auditor.framework.context import ReferenceData
from auditor.framework.findings import CheckId, Outline
from auditor.framework.localdate import civil_day
from auditor.frameworks.model import Framework
from auditor.service.pipeline.holding import Holding
from auditor.service.pipeline.judged import Judged
from auditor.service.pipeline.regulations import frameworks_of
from auditor.service.pipeline.settled import SettledSubjects
from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import JudgementId, SubjectScores
from inventory.model import WEB_KINDS, ExpectedState, Kind, Subject, SubjectId
from probes.framework.codec import CodecError, dump_frozen, load_frozen
from probes.framework.evidence import RunId
from probes.observations.declared import PROBE, DeclaredValue

DECLARED = SubjectId("declared")
"""The subject under which declared values stand in the evidence of a run."""
_AT_ONCE = 200  # subjects; without texts and evidence they are small
_MEASURED_CHECKS = frozenset(CheckId(measure.partition("/")[0]) for measure in MEASURES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The roll-up of one judgement, and each framework held against it."""

    rollup: Rollup
    frameworks: tuple[FrameworkResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """The figures of a judgement and the rules they were made for: what was published stays what it was, whatever a
    later program counts otherwise or a later regulation says."""

    rollup: Rollup
    frameworks: tuple[Framework, ...]


def keep(judged: Judged, store: Store) -> None:
    """Store the figures of a judgement that was just made; without an inventory there is nothing to count in."""
    if judged.inventory.sources:
        chosen = _chosen(judged, store)
        kept = _Kept(rollup=_counted(judged, store, chosen), frameworks=chosen)
        store.add_summary(judged.id, store.put_blob(dump_frozen(kept)))


def summarise(judged: Judged, store: Store, frameworks: Sequence[Framework] | None = None) -> Summary:
    """Figures for the day on which the run began, under the rules in force on that day.

    With no ``frameworks`` given those kept with the judgement, and its kept figures. Declared values are always those
    of now: they are brought in after the run.
    """
    kept = _kept(judged.id, store) if frameworks is None else None
    if kept is None:
        chosen = _chosen(judged, store) if frameworks is None else tuple(frameworks)
        kept = _Kept(rollup=_counted(judged, store, chosen), frameworks=chosen)
    declared = declared_values(judged, store)
    results = (judge_framework(framework, kept.rollup, declared) for framework in kept.frameworks)
    return Summary(rollup=kept.rollup, frameworks=tuple(results))


def _chosen(judged: Judged, store: Store) -> tuple[Framework, ...]:
    """The frameworks that the run was planned with."""
    return frameworks_of(load_frozen(ReferenceData, store.blob(judged.run.reference)).frameworks)


def kept_figures(judgement: JudgementId, store: Store) -> Rollup | None:
    """The figures as they were published; None where none were kept."""
    kept = _kept(judgement, store)
    return None if kept is None else kept.rollup


def _kept(judgement: JudgementId, store: Store) -> _Kept | None:
    """None for a judgement of before figures were kept, or whose figures a later program cannot read."""
    digest = store.summary(judgement)
    try:
        return None if digest is None else load_frozen(_Kept, store.blob(digest))
    except CodecError:
        return None


def _counted(judged: Judged, store: Store, frameworks: Sequence[Framework]) -> Rollup:
    day = civil_day(judged.run.started)
    summing = Summing(judged.inventory.organisation, day, (*KPIS.values(), *rules(frameworks, day)))
    for facts in all_facts(judged, store):
        summing.add(facts)
    return summing.rollup()


def all_facts(judged: Judged, store: Store) -> Iterator[SubjectFacts]:
    """Every subject of the run as arithmetic sees it."""
    rows = frozenset(subject.id for subject in judged.inventory.subjects)
    holding = Holding(judged, store)
    zones = _zones(judged, store, holding) if holding else {}
    for some in SettledSubjects(judged, store).every():
        ids = [subject.id for subject in some]
        outlines = store.outlines_of(judged.id, ids, args_of=_MEASURED_CHECKS)
        scored = store.scores_of(judged.id, ids)
        held = holding.of(outlines) if holding else {}
        for subject in some:
            derived = is_derived(subject, rows)
            facts = facts_of(subject, outlines[subject.id], scored[subject.id], derived=derived)
            yield _as_held(facts, held.get(subject.id, {}), zones.get(subject.id, {})) if holding else facts


def _zones(judged: Judged, store: Store, holding: Holding) -> dict[SubjectId, dict[CheckId, CheckOutcome]]:
    """The outcomes of the zone that a service stands in, as they are held."""
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
            outcomes = _outcomes({**folded(outlines[subject.id]), **held.get(subject.id, {})})
            for owner in subject.derived_from:
                found.setdefault(owner, {}).update(outcomes)
    return found


def _outcomes(seen: Mapping[CheckId, FoldedCheck]) -> dict[CheckId, CheckOutcome]:
    return {
        check: CheckOutcome(outcome=folded_check.outcome, severity=folded_check.severity, level=folded_check.level)
        for check, folded_check in seen.items()
    }


def _as_held(
    facts: SubjectFacts, held: Mapping[CheckId, FoldedCheck], zone: Mapping[CheckId, CheckOutcome]
) -> SubjectFacts:
    """With what is held of its checks, and the ladder that it has climbed by that."""
    seen = {**facts.seen, **held}
    excused = {check for check, folded_check in seen.items() if folded_check.excused}
    climbed = ladders(facts.kind, facts.kinds, _outcomes(seen), zone=zone, excused=excused)
    outcomes_by_check_id = {check: facts.seen[check].outcome for check in held}
    return replace(facts, seen=seen, ladders=climbed, held=outcomes_by_check_id)


def is_derived(subject: Subject, rows: Set[SubjectId]) -> bool:
    """Whether planning found a subject that no row of the inventory names."""
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


def declared_values(judged: Judged, store: Store) -> tuple[DeclaredValue, ...]:
    """What was declared with this run, and with earlier ones for a day after theirs; of two of one requirement and day,
    the one brought in last."""
    declared_values_by_triple: dict[tuple[str, str, date], DeclaredValue] = {}
    for run in store.runs():
        if run.started < judged.run.started:
            day = civil_day(run.started)
            declared_values_by_triple |= {
                key: declared_value
                for key, declared_value in _declared_with(run.id, store).items()
                if declared_value.as_of > day
            }
    return tuple((declared_values_by_triple | _declared_with(judged.run.id, store)).values())


def _declared_with(run: RunId, store: Store) -> dict[tuple[str, str, date], DeclaredValue]:
    evidence = sorted(store.evidence(run, DECLARED), key=lambda envelope: envelope.attempt)
    steps = (step for envelope in evidence if envelope.probe == PROBE for step in envelope.steps)
    return {(step.framework, step.requirement, step.as_of): step for step in steps if isinstance(step, DeclaredValue)}
