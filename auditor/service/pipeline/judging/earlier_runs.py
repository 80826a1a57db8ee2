"""Finds the judged runs before a run that measured from the same networks."""

from collections.abc import Iterator

from auditor.service.store.api import Store
from auditor.service.store.records import JudgementId, RunRecord, RunState

MOST_RUNS = 24
"""Maximum number of earlier runs: two years of monthly runs."""


def earlier_judged_runs(run: RunRecord, store: Store) -> Iterator[tuple[RunRecord, JudgementId]]:
    """Yield earlier runs from the same networks with their latest judgements, the newest first."""
    before = [earlier for earlier in store.runs() if earlier.started < run.started and earlier.networks == run.networks]
    finished = [earlier for earlier in before if earlier.state is RunState.FINISHED and not earlier.is_blamed]
    latest = store.latest_judgements() if finished else {}
    for earlier in list(reversed(finished))[:MOST_RUNS]:
        if earlier.id in latest:
            yield earlier, latest[earlier.id].id
