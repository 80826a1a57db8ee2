"""Deletes the evidence of old runs, which is most of a store's size and is no longer used.

Deleted evidence cannot be restored, and with a clock that is a year ahead everything would be deleted at once. So
nothing is deleted before the clock has gone without a leap for two days.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from auditor.service.store.api import Store
from auditor.service.store.records import RunRecord, RunState

BACK, FORWARD = timedelta(days=1), timedelta(days=3)
"""Limits of the change of the clock between two observations; beyond them it was set, or not observed for long."""
TRUSTED_AFTER = timedelta(days=2)
SERVICE, CLOCK_NOTE = ":service", ":clock"
"""Names under which the observations of the clock are stored; no vantage has such a name."""


def even_since(since: datetime, last: datetime, now: datetime) -> datetime:
    """Return the time since which the clock has gone without a leap.

    ``since`` is the result of the observation before, made at ``last``.
    """
    return since if -BACK <= now - last <= FORWARD else now


def is_trusted(since: datetime, now: datetime) -> bool:
    """True if the clock has gone without a leap for long enough to delete evidence by it."""
    return now - since >= TRUSTED_AFTER


def look_at_clock(store: Store, vantage: str, now: datetime) -> bool:
    """Store the time that the clock shows, and return whether evidence may be deleted by this clock."""
    note = store.recall(vantage).get(CLOCK_NOTE)
    since, last = (now, now) if note is None else map(datetime.fromisoformat, note.decode().split())
    since = even_since(since, last, now)
    store.remember(vantage, {CLOCK_NOTE: f"{since.isoformat()} {now.isoformat()}".encode()})
    return is_trusted(since, now)


def outdated(store: Store, older_than: timedelta, now: datetime) -> Iterator[RunRecord]:
    """Yield runs that ended longer ago and still have evidence, oldest first; sealed runs are kept whole for ever.

    The latest judged run of each name is also kept, regardless of its age, because pages and comparisons use it. If it
    is dated ahead, the latest run of the past is kept as well.
    """
    runs, latest_judgements = store.runs(), store.latest_judgements()
    judged = [each_run for each_run in runs if each_run.id in latest_judgements]
    dated_right = [each_run for each_run in judged if each_run.started <= now]
    latest = {run.id for some in (judged, dated_right) for run in {run.name: run for run in some}.values()}
    for run in runs:
        ended = run.finished is not None and now - run.finished > older_than and run.state is not RunState.RUNNING
        if ended and run.forgotten is None and run.id not in latest and not store.is_sealed(run.id):
            yield run


def forget(
    store: Store, older_than: timedelta, now: datetime, noted: Callable[[RunRecord], None] = lambda _: None
) -> tuple[RunRecord, ...]:
    """Delete the evidence of outdated runs, run by run; ``noted`` records each run in the same transaction."""
    runs = tuple(outdated(store, older_than, now))
    for run in runs:
        with store.batch():
            store.forget_evidence(run.id, now)
            noted(run)
    return runs
