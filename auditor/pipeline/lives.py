"""The life of each defect: when it was first seen, since when it is there, and the state held over all rounds.

Read from the latest judgements of earlier runs in the store that measured from the same networks.
"""

from collections.abc import Iterator, Mapping

from auditor.findings import FindingId
from auditor.pipeline.judged import Judged
from auditor.states import DEFECTS, Life, Round, life
from auditor.store.api import Store
from auditor.store.chunks import chunks
from auditor.store.records import JudgementId, RunRecord, RunState
from inventory.model import SubjectId

MOST_RUNS = 24
"""Earlier runs that are looked at: two years of monthly ones."""
_AT_ONCE = 200


def lives(judged: Judged, store: Store) -> Mapping[FindingId, Life]:
    """Of every failing or warning finding of the judgement."""
    earlier = list(_earlier(judged.run, store))
    found: dict[FindingId, Life] = {}
    for some in chunks(store.subjects(judged.run.id), _AT_ONCE):
        ids = [subject.id for subject in some]
        rounds = _defects(judged, store, ids)
        concerned = [one for one in ids if one in {subject for subject, _ in rounds.values()}]
        for run, judgement in earlier:
            _add(rounds, run, store, judgement, concerned)
        lived = ((id_, life(listed)) for id_, (_, listed) in rounds.items())
        found |= {id_: one for id_, one in lived if one is not None}
    return found


def _earlier(run: RunRecord, store: Store) -> Iterator[tuple[RunRecord, JudgementId]]:
    """The newest first."""
    before = [one for one in store.runs() if one.started < run.started and one.networks == run.networks]
    finished = [one for one in before if one.state is RunState.FINISHED]
    for one in list(reversed(finished))[:MOST_RUNS]:
        judgement = store.latest_judgement(one.id)
        if judgement is not None:
            yield one, judgement.id


Rounds = dict[FindingId, tuple[SubjectId, list[Round]]]


def _defects(judged: Judged, store: Store, subjects: list[SubjectId]) -> Rounds:
    at = judged.run.started
    return {
        one.id: (subject, [Round(at=at, outcome=one.outcome)])
        for subject, outlines in store.outlines_of(judged.id, subjects).items()
        for one in outlines
        if one.outcome in DEFECTS
    }


def _add(rounds: Rounds, run: RunRecord, store: Store, judgement: JudgementId, subjects: list[SubjectId]) -> None:
    for outlines in store.outlines_of(judgement, subjects).values():
        for one in outlines:
            if one.id in rounds:
                rounds[one.id][1].append(Round(at=run.started, outcome=one.outcome))
