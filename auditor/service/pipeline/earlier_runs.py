"""The runs before a run that measured from the same networks."""

from collections.abc import Iterator

from auditor.service.store.api import Store
from auditor.service.store.records import JudgementId, RunRecord, RunState

MOST_RUNS = 24
"""Earlier runs that are looked at: two years of monthly ones."""


def runs_before(run: RunRecord, store: Store) -> Iterator[tuple[RunRecord, JudgementId]]:
    """Earlier runs from the same networks with their latest judgements, the newest first."""
    before = [one for one in store.runs() if one.started < run.started and one.networks == run.networks]
    finished = [one for one in before if one.state is RunState.FINISHED and not one.is_blamed]
    for one in list(reversed(finished))[:MOST_RUNS]:
        judgement = store.latest_judgement(one.id)
        if judgement is not None:
            yield one, judgement.id
