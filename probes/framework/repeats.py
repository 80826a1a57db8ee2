"""Decides which attempt at a task is next: one at once after silence, a later one to confirm a result."""

from collections.abc import Sequence

from probes.framework.evidence import Evidence
from probes.framework.registry import ConfirmationTest, is_worth_confirming


def next_attempt(
    offsets: Sequence[float], attempt: int, seen: Evidence, confirm_if: ConfirmationTest | None = None
) -> int | None:
    """Return the next attempt, None if there is none: at once after silence, later for a result to be confirmed."""
    at_once = attempt + 1 < len(offsets) and offsets[attempt + 1] == offsets[attempt]
    if at_once and any(step.worth_repeating for step in seen.steps):
        return attempt + 1
    return later_attempt(offsets, attempt) if is_worth_confirming(seen.steps, confirm_if) else None


def later_attempt(offsets: Sequence[float], attempt: int) -> int | None:
    """Return the first attempt at a later offset than ``attempt``, None if there is none."""
    return next((n for n in range(attempt + 1, len(offsets)) if offsets[n] > offsets[attempt]), None)
