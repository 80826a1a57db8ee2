"""Derives the state of a check on a subject over many rounds; it changes late, so one bad round is no failure.

Pure. An outcome belongs to one round; a state holds over rounds (CHECKS §4.3). Rounds that decided nothing neither
confirm nor contradict.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from auditor.framework.findings import DEFECTS, Outcome
from auditor.framework.localdate import civil_day

ROUNDS_TO_CHANGE = 3
APART = timedelta(minutes=30)
"""The distance below which a round counts as the same round as the last one that counted."""
LONG_ENOUGH = timedelta(hours=24)
"""The time after which a new outcome is believed even after fewer rounds."""
_UNKNOWN = frozenset({Outcome.INCONCLUSIVE, Outcome.ERROR})


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundOutcome:
    """Holds the outcome of one round, and its time."""

    at: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldState:
    """Holds the outcome held and since when; ``pending`` is another outcome that was seen but is not believed yet.

    ``seen`` is when anything was last decided.
    """

    outcome: Outcome
    since: datetime
    seen: datetime
    pending: Outcome | None = None
    rounds: int = 0


def states(rounds: Iterable[RoundOutcome]) -> Sequence[HeldState]:
    """Return the state after each round that decided something, oldest first; the first one is believed at once."""
    held_states: list[HeldState] = []
    began: datetime | None = None
    for round_ in sorted(rounds, key=lambda each: each.at):
        if round_.outcome in _UNKNOWN:
            continue
        if not held_states:
            held_states.append(HeldState(outcome=round_.outcome, since=round_.at, seen=round_.at))
            continue
        state, began = _after(held_states[-1], round_, began)
        held_states.append(state)
    return held_states


def _after(held: HeldState, latest: RoundOutcome, began: datetime | None) -> tuple[HeldState, datetime | None]:
    if latest.outcome is held.outcome:
        return HeldState(outcome=held.outcome, since=held.since, seen=latest.at), None
    if held.pending is not latest.outcome or began is None:
        return HeldState(
            outcome=held.outcome, since=held.since, seen=latest.at, pending=latest.outcome, rounds=1
        ), latest.at
    apart = latest.at - held.seen >= APART
    rounds = held.rounds + apart
    if rounds >= ROUNDS_TO_CHANGE or latest.at - began >= LONG_ENOUGH:
        return HeldState(outcome=latest.outcome, since=began, seen=latest.at), None
    seen = latest.at if apart else held.seen
    return HeldState(outcome=held.outcome, since=held.since, seen=seen, pending=latest.outcome, rounds=rounds), began


def held(rounds: Iterable[RoundOutcome]) -> HeldState | None:
    """Return the state after the last round; None where no round decided anything."""
    held_states = states(rounds)
    return held_states[-1] if held_states else None


def monthly(rounds: Iterable[RoundOutcome], first: date, last: date) -> Outcome | None:
    """Return the state held on most days from ``first`` to ``last``; of two held equally long the later one.

    Days before any decided round are not counted; None where that is all of them.
    """
    known = states(rounds)
    days: Counter[Outcome] = Counter()
    latest: dict[Outcome, date] = {}
    day = first
    while day <= last:
        until = [state for state in known if civil_day(state.seen) <= day]
        if until:
            days[until[-1].outcome] += 1
            latest[until[-1].outcome] = day
        day += timedelta(days=1)
    return max(days, key=lambda outcome: (days[outcome], latest[outcome]), default=None)


def months(rounds: Sequence[RoundOutcome], last: date) -> list[tuple[date, Outcome]]:
    """Return the first day of each month up to ``last`` with its state, newest first, without months that have none."""
    pairs: list[tuple[date, Outcome]] = []
    began = min((civil_day(round_.at) for round_ in rounds), default=last)
    until = last
    while until >= began:
        first = until.replace(day=1)
        state = monthly(rounds, first, until)
        if state is not None:
            pairs.append((first, state))
        until = first - timedelta(days=1)
    return pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectAge:
    """Describes how long a defect has existed.

    ``first``: the oldest round in which it was one. ``since``: the first round of the unbroken series of defects up to
    the last decided round. ``rounds``: how many rounds decided anything. ``state``: the state held.
    """

    first: datetime
    since: datetime
    rounds: int
    state: HeldState


def life(rounds: Iterable[RoundOutcome]) -> DefectAge | None:
    """Return the age of a defect; None if the last decided round found no defect."""
    known = [round_ for round_ in sorted(rounds, key=lambda each: each.at) if round_.outcome not in _UNKNOWN]
    state = held(known)
    if state is None or known[-1].outcome not in DEFECTS:
        return None
    since = known[-1].at
    for outcome in reversed(known):
        if outcome.outcome not in DEFECTS:
            break
        since = outcome.at
    first = next(each_outcome.at for each_outcome in known if each_outcome.outcome in DEFECTS)
    return DefectAge(first=first, since=since, rounds=len(known), state=state)
