"""Tests which attempt follows: one at once after silence, a later one for a result to be confirmed."""

import pytest

from probes.framework.evidence import Failure, FailureKind
from probes.framework.repeats import later_attempt, next_attempt
from tests.unit.probes.framework.examples import REFUSED, TIMEOUT, V6, connect, evidence

BUSY = Failure(kind=FailureKind.CUT_SHORT, detail="this machine was too busy: it stood still for 2.4 s")
CANCELLED = Failure(kind=FailureKind.CUT_SHORT, detail="cancelled")
OFFSETS = (0.0, 0.0, 300.0, 300.0, 900.0)


@pytest.mark.parametrize(("attempt", "wanted"), [(0, 2), (1, 2), (2, 4), (3, 4), (4, None)])
def test_later_attempt_is_the_first_with_a_later_offset(attempt: int, wanted: int | None) -> None:
    assert later_attempt(OFFSETS, attempt) == wanted


@pytest.mark.parametrize(
    ("failure", "attempt", "wanted"),
    [
        (TIMEOUT, 0, 1),
        (TIMEOUT, 1, 2),
        (TIMEOUT, 2, 3),
        (TIMEOUT, 4, None),
        (BUSY, 0, 1),
        (BUSY, 1, 2),
        (BUSY, 4, None),
        (CANCELLED, 0, None),
        (REFUSED, 0, 2),
        (REFUSED, 3, 4),
        (None, 0, None),
        (None, 2, None),
    ],
)
def test_next_attempt_is_at_once_after_silence_and_later_for_what_failed(
    failure: Failure | None, attempt: int, wanted: int | None
) -> None:
    assert next_attempt(OFFSETS, attempt, evidence(connect(V6, 443, failure))) == wanted
