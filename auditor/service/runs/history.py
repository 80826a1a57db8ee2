"""Compares a report's run with earlier ones: changes since the last comparable run, and figures over time.

It reads outlines subject by subject and keeps counts, and only the gravest changes of each agency, so that memory grows
with the number of agencies and not of subjects.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from auditor.figures.comparison import Change, ChangeKind, Incomparable, areas_of, suspects
from auditor.framework.catalogue import Catalogue
from auditor.framework.findings import Finding, Outline
from auditor.framework.policy import Policy
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.pipeline.judging.settled import SettledSubjects
from auditor.service.pipeline.summaries.summarising import kept_total
from auditor.service.runs.comparing import comparing, judged_run, previous
from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import JudgementRecord, RunState, StoreError
from inventory.model import AgencyId, SubjectId
from probes.framework.codec import load_frozen
from reports.earlier_runs import MOST_LISTED, EarlierRuns, HistoryPoint, LatestChanges, ListedChange

MOST_POINTS = 8
"""Maximum number of runs of a trend, including the report's own run."""
_TOLD = (ChangeKind.NEW, ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.FIXED, ChangeKind.EASED, ChangeKind.GONE)
_AT_ONCE = 200


def history(judged: LoadedJudgement, store: Store, catalogue: Catalogue) -> EarlierRuns:
    """Return the earlier runs of a report; empty without an inventory, without changes for a re-check of a part."""
    if not judged.inventory.sources:
        return EarlierRuns()
    return EarlierRuns(since=_since(judged, store, catalogue), points=tuple(trend_points(judged, store)))


def _since(judged: LoadedJudgement, store: Store, catalogue: Catalogue) -> LatestChanges | None:
    if judged.run.amends:
        return None
    try:
        before = judged_run(previous(judged.run.id, store), store, catalogue)
    except StoreError:
        return None
    return _Comparison(before, judged, store).since()


class _Comparison:
    """Counts the changes between two judgements, and keeps some of them."""

    def __init__(self, before: LoadedJudgement, after: LoadedJudgement, store: Store) -> None:
        self._before, self._after, self._store = before, after, store
        self._agencies: dict[AgencyId | None, Counter[ChangeKind]] = defaultdict(Counter)
        self._kept: dict[tuple[AgencyId | None, ChangeKind], list[Change]] = defaultdict(list)
        self._why: Counter[Incomparable] = Counter()
        self._moved: list[Change] = []
        self._compared: Counter[str] = Counter()

    def since(self) -> LatestChanges:
        compared = comparing(self._before, self._after)
        for subject, agency, old, new in self._pairs():
            if old is not None and new is not None:
                self._compared.update(areas_of(new))
            for change in compared.subject(subject, old, new):
                self._add(agency, change)
        return self._told()

    def _add(self, agency: AgencyId | None, change: Change) -> None:
        self._agencies[agency][change.kind] += 1
        if change.kind is ChangeKind.NOT_COMPARABLE and change.why is not None:
            self._why[change.why] += 1
        if change.kind in (ChangeKind.NEW, ChangeKind.FIXED, ChangeKind.EASED):
            self._moved.append(change)
        kept = self._kept[agency, change.kind]
        if change.kind in _TOLD:
            kept.append(change)
            if len(kept) >= 2 * MOST_LISTED:
                kept.sort(key=_gravity)
                del kept[MOST_LISTED:]

    def _told(self) -> LatestChanges:
        listed: dict[AgencyId | None, list[Change]] = {}
        for kind in _TOLD:
            for agency in self._agencies:
                listed.setdefault(agency, []).extend(sorted(self._kept[agency, kind], key=_gravity)[:MOST_LISTED])
        changes = [change for some in listed.values() for change in some]
        before, after = (self._findings(changes, old=old) for old in (True, False))
        return LatestChanges(
            run=self._before.run.id,
            name=self._before.run.name,
            started=self._before.run.started,
            judgement=self._before.id,
            notes=tuple(self._notes()),
            counts=sum(self._agencies.values(), Counter[ChangeKind]()),
            why=dict(self._why),
            agencies={agency: dict(counts) for agency, counts in self._agencies.items()},
            listed={
                agency: [
                    ListedChange(change=change, before=before.get(change.id), after=after.get(change.id))
                    for change in some
                ]
                for agency, some in listed.items()
                if some
            },
            suspect=suspects(self._moved, self._compared),
        )

    def _notes(self) -> Iterator[str]:
        judged, other = self._before, self._after
        if judged.record.catalogue != other.record.catalogue:
            yield "other_catalogue"
        if judged.policy.rules() != other.policy.rules():
            yield "other_policy"

    def _pairs(
        self,
    ) -> Iterator[tuple[SubjectId, AgencyId | None, tuple[Outline, ...] | None, tuple[Outline, ...] | None]]:
        """Yield every subject of either run with its current agency, or its earlier one if the later run lacks it."""
        held = [SettledSubjects(side, self._store).agencies() for side in (self._before, self._after)]
        for some in chunks(sorted(held[0].keys() | held[1].keys()), _AT_ONCE):
            old = self._store.outlines_of(
                self._before.id, [each_subject for each_subject in some if each_subject in held[0]]
            )
            new = self._store.outlines_of(
                self._after.id, [each_subject for each_subject in some if each_subject in held[1]]
            )
            for subject in some:
                yield subject, held[1].get(subject, held[0].get(subject)), old.get(subject), new.get(subject)

    def _findings(self, changes: list[Change], *, old: bool) -> Mapping[str, Finding]:
        wanted = {change.id for change in changes if (change.before if old else change.after) is not None}
        subjects = dict.fromkeys(change.subject for change in changes if change.id in wanted)
        side = self._before if old else self._after
        found: dict[str, Finding] = {}
        for some in chunks(subjects, _AT_ONCE):
            for findings in self._store.findings_of(side.id, some).values():
                found |= {finding.id: finding for finding in findings if finding.id in wanted}
        return found


def _gravity(change: Change) -> tuple[bool, int, str, str]:
    """Return the key that orders changes: regressions first, then by severity."""
    return not change.regression, change.outline.severity.rank, change.check, change.subject


def _rules(judgement: JudgementRecord, store: Store) -> Policy:
    """Return the policy of a judgement without its accepted exceptions, which change no rule."""
    return load_frozen(Policy, store.blob(judgement.policy)).rules()


def trend_points(judged: LoadedJudgement, store: Store) -> Iterator[HistoryPoint]:
    """Yield the last runs from the same networks that have kept figures, with the judged run at the end.

    Trials, which decided less than half of what the judged run did, are left out: their figures are of other subjects.
    """
    own, own_total = judged.record, kept_total(judged.record.id, store)
    earlier = [
        run
        for run in store.runs()
        if run.started < judged.run.started
        and run.networks == judged.run.networks
        and run.state is RunState.FINISHED
        and not run.amends
        and run.is_part == judged.run.is_part
        and not run.is_blamed
    ]
    history_points: list[HistoryPoint] = []
    latest = store.latest_judgements()
    for record, judgement in ((judged.run, own), *((run, latest.get(run.id)) for run in reversed(earlier))):
        if judgement is None or len(history_points) == MOST_POINTS:
            continue
        total = kept_total(judgement.id, store)
        if total is not None and (own_total is None or 2 * total.decided >= own_total.decided):
            history_points.append(
                HistoryPoint(
                    run=record.id,
                    name=record.name,
                    started=record.started,
                    judgement=judgement.id,
                    figures=total.figures,
                    same_rules=judgement.catalogue == own.catalogue
                    and (judgement.policy == own.policy or _rules(judgement, store) == judged.policy.rules()),
                )
            )
    yield from reversed(history_points)
