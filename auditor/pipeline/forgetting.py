"""How long evidence is kept: most of a store's size, and of little use once nobody asks about a run any more."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from auditor.store.api import Store
from auditor.store.records import RunRecord, RunState


def outdated(store: Store, older_than: timedelta, now: datetime) -> Iterator[RunRecord]:
    """Runs that ended longer ago and still have evidence, oldest first; sealed ones are kept whole for ever.

    The latest judged run of each name stays too, however old: it is what pages and comparisons rest on.
    """
    runs = store.runs()
    latest = {one.name: one.id for one in runs if store.latest_judgement(one.id) is not None}
    for one in runs:
        ended = one.finished is not None and now - one.finished > older_than and one.state is not RunState.RUNNING
        if ended and one.forgotten is None and one.id not in latest.values() and not store.is_sealed(one.id):
            yield one


def forget(store: Store, older_than: timedelta, now: datetime) -> tuple[RunRecord, ...]:
    """Let go of the evidence of outdated runs, run by run."""
    found = tuple(outdated(store, older_than, now))
    for one in found:
        store.forget_evidence(one.id, now)
    return found
