"""Computes the record of a round from those of its members: a round has no state and no vantage of its own."""

from collections.abc import Iterable
from dataclasses import replace

from auditor.service.store.records import RunRecord, RunState

_FIRST_FOUND = (RunState.RUNNING, RunState.INTERRUPTED, RunState.CANCELLED, RunState.FINISHED)
"""States in order of precedence: a round has the first of these that any of its members is in."""


def as_round(record: RunRecord, members: Iterable[RunRecord]) -> RunRecord:
    """Complete the record of a round by its members, which are ordered by the names of their vantages.

    So rounds of the same vantages can be compared. A round without members waits for its first and is unchanged.
    """
    ordered = sorted(members, key=lambda member: (member.vantage, member.started, member.id))
    if not ordered:
        return record
    state = next(each for each in _FIRST_FOUND if any(run.state is each for run in ordered))
    ended = [run.finished for run in ordered if run.finished is not None]
    forgotten = [run.forgotten for run in ordered if run.forgotten is not None]
    return replace(
        record,
        started=min(run.started for run in ordered),
        finished=max(ended) if ended and state is not RunState.RUNNING else None,
        state=state,
        vantage=", ".join(run.vantage for run in ordered),
        networks=tuple(sorted({network for run in ordered for network in run.networks})),
        forgotten=min(forgotten, default=None),
        members=tuple(run.id for run in ordered),
    )
