"""Marks a run doubtful if so many subjects changed at once that the vantage is the likely cause.

It reads outlines subject by subject, no evidence. The audit is repeated, and the repeat decides.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from auditor.figures.comparison import Change, Credibility, areas_of, settle, suspects
from auditor.framework.catalogue import Catalogue
from auditor.framework.findings import Outline
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.runs.comparing import comparing, judged_run, previous
from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import Doubt, StoreError
from inventory.model import SubjectId
from probes.framework.evidence import RunId

_AT_ONCE = 200


def doubtful(run: RunId, store: Store, catalogue: Catalogue, now: datetime) -> Doubt | None:
    """Return the doubt about a judged run, compared with the last comparable run; None if there is no doubt."""
    try:
        before = judged_run(previous(run, store), store, catalogue)
    except StoreError:  # there is no earlier run
        return None
    after = judged_run(run, store, catalogue)
    compared, changes = comparing(before, after), list[Change]()
    areas: Counter[str] = Counter()
    for subject, (old, new) in _outlines((before, after), store):
        changes += compared.subject(subject, old, new)
        if old is not None and new is not None:
            areas.update(areas_of(new))
    found = suspects(changes, areas)
    return Doubt(base=before.run.id, areas=found, since=now) if found else None


def decided(doubted: RunId, doubt: Doubt, repeat: RunId, store: Store, catalogue: Catalogue) -> Credibility:
    """Return the decision of the judged repeat about the doubtful run."""
    sides = [judged_run(each, store, catalogue) for each in (doubt.base, doubted, repeat)]
    base, first, second = sides
    pairs = comparing(base, first), comparing(base, second), comparing(first, second)
    moved, repeated, between = list[Change](), list[Change](), list[Change]()
    for subject, (old, new, again) in _outlines(sides, store):
        moved += pairs[0].subject(subject, old, new)
        repeated += pairs[1].subject(subject, old, again)
        between += pairs[2].subject(subject, new, again)
    return settle(moved, repeated, between, doubt.areas)


def _outlines(
    sides: Sequence[LoadedJudgement], store: Store
) -> Iterator[tuple[SubjectId, Sequence[tuple[Outline, ...] | None]]]:
    """Yield every subject of any of the runs, with its outlines in each; None where a run lacks it."""
    held = [frozenset(each_subject.id for each_subject in store.subjects(side.run.id)) for side in sides]
    for some in chunks(sorted(frozenset().union(*held)), _AT_ONCE):
        read = [
            store.outlines_of(side.id, [each_subject for each_subject in some if each_subject in ids])
            for side, ids in zip(sides, held, strict=True)
        ]
        for subject in some:
            yield subject, [each.get(subject) for each in read]
