"""Compares two judged runs: reads both subject by subject and pairs their figures."""

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from auditor.figures.comparison import Change, Comparing, Comparison, FigurePair, RunCoverage, areas_of, suspects
from auditor.figures.kpis import KPIS
from auditor.figures.rollup import Rollup
from auditor.framework.catalogue import Catalogue
from auditor.framework.findings import CheckId, Finding, Outline
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.pipeline.judging.settled import SettledSubjects
from auditor.service.pipeline.summaries.summarising import kept_total, summarise
from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import JudgementRecord, RunRecord, RunState, StoreError
from inventory.model import AgencyId, SubjectId
from inventory.organisation import Organisation
from probes.framework.evidence import RunId

_AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RunComparison:
    """Holds a comparison and its judgements. ``findings`` are those of the changes on each side, with their values."""

    before: LoadedJudgement
    after: LoadedJudgement
    comparison: Comparison
    findings: tuple[Mapping[str, Finding], Mapping[str, Finding]]


def judged_run(run: RunId, store: Store, catalogue: Catalogue) -> LoadedJudgement:
    """Return a run by its latest judgement. Raises StoreError if it was never judged."""
    judgement = store.latest_judgement(store.run(run).id)
    if judgement is None:
        raise StoreError("run {run} has not been judged: auditor judge {run}", run=run)
    return stored_judgement(judgement, store, catalogue)


def previous(run: RunId, store: Store) -> RunId:
    """Return the last finished and judged run before this one, of the same name and from the same networks.

    A run of another name is taken only if there is none of the same name, a doubted one only if it was confirmed. A run
    that decided less than half of what this one did, such as a trial, or that was requested for a part while this one
    was not, is taken only if there is no other. For a repeat it is the run with which the doubtful run was compared.
    Raises StoreError if there is none.
    """
    this = store.run(run)
    doubt = store.run(RunId(this.repeats)).doubt if this.repeats else None
    if doubt is not None:
        return doubt.base
    earlier = [
        each_run
        for each_run in store.runs()
        if each_run.started < this.started and each_run.networks == this.networks and each_run.is_base
    ]
    finished = [each_run for each_run in earlier if each_run.state is RunState.FINISHED and not each_run.amends]
    named = [each_run for each_run in finished if each_run.name == this.name]
    latest = store.latest_judgements()
    judged = [candidate for runs in (named, finished) for candidate in reversed(runs) if candidate.id in latest]
    if not judged:
        raise StoreError("the store holds no judged run before {run}", run=run)
    decided = _decided(latest.get(this.id), store)

    def is_little(earlier: RunRecord) -> bool:
        is_part = earlier.is_part and not this.is_part
        return is_part or 2 * _decided(latest[earlier.id], store, unknown=decided) < decided

    return next((earlier for earlier in judged if not is_little(earlier)), judged[0]).id


def _decided(judgement: JudgementRecord | None, store: Store, unknown: int = 0) -> int:
    total = None if judgement is None else kept_total(judgement.id, store)
    return unknown if total is None else total.decided


def same_rules(judged: LoadedJudgement, other: LoadedJudgement) -> bool:
    """True if two runs were judged by the same checks under the same rules; an accepted exception is not a rule."""
    return judged.record.catalogue == other.record.catalogue and judged.policy.rules() == other.policy.rules()


def compare(
    before: LoadedJudgement, after: LoadedJudgement, store: Store, *, agency: AgencyId | None = None
) -> RunComparison:
    """Compare two judgements, with findings. ``agency``: only subjects of this unit and of those under it."""
    comparison = compare_outlines(before, after, store, agency=agency)
    changes = list(comparison.changes)
    findings = (_findings(before, store, changes, old=True), _findings(after, store, changes, old=False))
    return RunComparison(before=before, after=after, comparison=comparison, findings=findings)


def compare_outlines(
    before: LoadedJudgement, after: LoadedJudgement, store: Store, *, agency: AgencyId | None = None
) -> Comparison:
    """Compare two judgements without reading the texts of findings, which are most of their data."""
    compared = comparing(before, after)
    changes: list[Change] = []
    areas: Counter[str] = Counter()
    for subject, old, new in _pairs(before, after, store, agency):
        changes += compared.subject(subject, old, new)
        if old is not None and new is not None:
            areas.update(areas_of(new))
    figures = {} if agency is not None else figures_of(summarise(before, store).rollup, summarise(after, store).rollup)
    return Comparison(changes=tuple(changes), figures=figures, suspect=suspects(changes, areas))


def compare_some(
    before: LoadedJudgement, after: LoadedJudgement, store: Store, *, old: Set[SubjectId], new: Set[SubjectId]
) -> tuple[Change, ...]:
    """Compare only some subjects: those of ``old`` as they were before, those of ``new`` as they are after.

    A subject of only one of the two is compared as if the other run did not have it.
    """
    compared = comparing(before, after)
    changes: list[Change] = []
    for some in chunks(sorted(old | new), _AT_ONCE):
        was = store.outlines_of(before.id, [each_subject for each_subject in some if each_subject in old])
        became = store.outlines_of(after.id, [each_subject for each_subject in some if each_subject in new])
        for subject in some:
            changes += compared.subject(subject, was.get(subject), became.get(subject))
    return tuple(changes)


def comparing(before: LoadedJudgement, after: LoadedJudgement) -> Comparing:
    """Return the rules for comparing findings of two runs.

    A check that only one of them made, or that was judged under other thresholds, is not compared.
    """
    own, other = before.policy.thresholds, after.policy.thresholds
    rules = frozenset(CheckId(name) for name in own.keys() | other.keys() if own.get(name) != other.get(name))
    return Comparing(RunCoverage(checks=before.chosen), RunCoverage(checks=after.chosen), rules)


def _pairs(
    before: LoadedJudgement, after: LoadedJudgement, store: Store, agency: AgencyId | None
) -> Iterator[tuple[SubjectId, tuple[Outline, ...] | None, tuple[Outline, ...] | None]]:
    """Yield every subject of either run, in the order of their ids, with its outlines in each."""
    held = _subjects(before, store, agency), _subjects(after, store, agency)
    for some in chunks(sorted(held[0] | held[1]), _AT_ONCE):
        old = store.outlines_of(before.id, [each_subject for each_subject in some if each_subject in held[0]])
        new = store.outlines_of(after.id, [each_subject for each_subject in some if each_subject in held[1]])
        for subject in some:
            yield subject, old.get(subject), new.get(subject)


def _subjects(judged: LoadedJudgement, store: Store, agency: AgencyId | None) -> frozenset[SubjectId]:
    organisation = judged.inventory.organisation
    return frozenset(
        subject
        for subject, owner in SettledSubjects(judged, store).agencies().items()
        if agency is None or _under(owner, agency, organisation)
    )


def _under(agency: AgencyId | None, top: AgencyId, organisation: Organisation) -> bool:
    if agency is None or agency == top or organisation.unit(agency) is None:
        return agency == top
    return any(unit.code == top for unit in organisation.ancestors(agency))


def figures_of(before: Rollup, after: Rollup) -> Mapping[str, FigurePair]:
    """Return pairs of the figures of the whole run, before and after."""
    own, other = before.total.figures, after.total.figures
    return {name: FigurePair(before=own.get(name), after=other.get(name)) for name in KPIS}


def _findings(judged: LoadedJudgement, store: Store, changes: list[Change], *, old: bool) -> Mapping[str, Finding]:
    """Return the findings of the changes on one side, for their messages."""
    wanted = {change.id for change in changes if (change.before if old else change.after) is not None}
    subjects = list(dict.fromkeys(change.subject for change in changes if change.id in wanted))
    found: dict[str, Finding] = {}
    for some in chunks(subjects, _AT_ONCE):
        for findings in store.findings_of(judged.id, some).values():
            found |= {finding.id: finding for finding in findings if finding.id in wanted}
    return found
