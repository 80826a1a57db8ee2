"""Deletes the evidence of old runs: it is most of a store's size, and nobody asks about it any more.

What is forgotten does not come back, and a clock that is a year ahead would have everything forgotten at once. So
nothing is forgotten before the clock has gone without a leap for two days.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from auditor.service.store.api import Store
from auditor.service.store.records import RunRecord, RunState

BACK, FORWARD = timedelta(days=1), timedelta(days=3)
"""A clock that moved further between two looks at it was set, or nobody looked for long: that is not told apart."""
TRUSTED_AFTER = timedelta(days=2)
SERVICE, CLOCK_NOTE = ":service", ":clock"
"""Under which name what is remembered; no vantage has such a one."""


def even_since(since: datetime, last: datetime, now: datetime) -> datetime:
    """Since when the clock has gone without a leap; ``since`` is what was known at the look before, of ``last``."""
    return since if -BACK <= now - last <= FORWARD else now


def is_trusted(since: datetime, now: datetime) -> bool:
    """True if the clock has gone evenly for so long that something may be forgotten by it."""
    return now - since >= TRUSTED_AFTER


def look_at_clock(store: Store, vantage: str, now: datetime) -> bool:
    """Write down what the clock shows, to be compared with the next look. Whether something may be forgotten by it."""
    note = store.recall(vantage).get(CLOCK_NOTE)
    since, last = (now, now) if note is None else map(datetime.fromisoformat, note.decode().split())
    since = even_since(since, last, now)
    store.remember(vantage, {CLOCK_NOTE: f"{since.isoformat()} {now.isoformat()}".encode()})
    return is_trusted(since, now)


def outdated(store: Store, older_than: timedelta, now: datetime) -> Iterator[RunRecord]:
    """Runs that ended longer ago and still have evidence, oldest first; sealed ones are kept whole for ever.

    The latest judged run of each name stays too, however old: it is what pages and comparisons rest on. Beside one
    that is dated ahead so does the latest of the past.
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
    """Let go of the evidence of outdated runs, run by run; ``noted`` writes each down in the same transaction."""
    runs = tuple(outdated(store, older_than, now))
    for run in runs:
        with store.batch():
            store.forget_evidence(run.id, now)
            noted(run)
    return runs
