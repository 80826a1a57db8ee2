"""Tests that a failure without its second look is held against no subject (CHECKS §0.7, G4)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from auditor.framework.context import Context
from auditor.framework.findings import Outcome, Reason, Verdict
from inventory.model import Subject
from probes.framework.evidence import Evidence, EvidenceSet, Failure, FailureKind
from tests.unit.auditor.contexts import (
    A6,
    REFUSED,
    TIMEOUT,
    check,
    connect,
    context,
    each_connect,
    evidence,
    judged,
    point,
    vantage,
)

FIRST = connect(A6, REFUSED)
TRANSPORTS = ((6, "tcp/443"), (4, "tcp/443"))
STEADY = context(vantage(controls=TRANSPORTS))
SICK_LATER = context(vantage(point(-60, 4, 6), point(10, 4, 6), point(60, 4), controls=TRANSPORTS))


def _judged(second: Evidence, ctx: Context = STEADY) -> tuple[Outcome, Reason | None]:
    (found,) = judged(check(_by_the_first), FIRST, second, ctx=ctx)
    return found.outcome, found.reason


def _by_the_first(subject: Subject, found: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from each_connect(subject, EvidenceSet(look for look in found if look.attempt == 1), ctx)


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (FailureKind.REFUSED, Outcome.FAIL),
        (FailureKind.TIMEOUT, Outcome.FAIL),
        (FailureKind.OVER_BUDGET, Outcome.INCONCLUSIVE),
        (FailureKind.NO_ROUTE_HERE, Outcome.INCONCLUSIVE),
    ],
)
def test_a_look_in_which_we_failed_is_none(kind: FailureKind, outcome: Outcome) -> None:
    second = connect(A6, Failure(kind=kind), minutes=30, attempt=2)
    assert _judged(second)[0] is outcome


def test_nor_is_one_whose_silence_proves_nothing() -> None:
    second = connect(A6, TIMEOUT, minutes=30, attempt=2)
    assert _judged(second, context()) == (Outcome.INCONCLUSIVE, Reason.EGR)


def test_nor_one_that_ended_in_a_bug_of_ours() -> None:
    second = replace(evidence(to=A6, attempt=2, minutes=30), failure=Failure(kind=FailureKind.BUG))
    assert _judged(second) == (Outcome.INCONCLUSIVE, Reason.CUT)


def test_nor_one_that_was_set_aside_because_the_vantage_was_sick() -> None:
    second = connect(A6, REFUSED, minutes=30, attempt=2)
    assert _judged(second, SICK_LATER) == (Outcome.INCONCLUSIVE, Reason.CUT)


def test_one_round_needs_no_second_look() -> None:
    second = connect(A6, Failure(kind=FailureKind.OVER_BUDGET), attempt=2)
    assert _judged(second, replace(STEADY, one_round=True))[0] is Outcome.FAIL
