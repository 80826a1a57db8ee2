"""Tests over all golden cases that a table or object that a device did not give in time creates no defect.

Slow routers and lossy lines lose single answers while all others come. What the complete answers do not show as a
defect must not become one, nor a warning a failure.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from auditor.framework.check import Check
from auditor.framework.findings import CheckId, Outcome
from probes.framework.evidence import Evidence, Failure, FailureKind, Observation
from probes.observations.snmp import SnmpGet, SnmpWalk
from tests.golden.test_missing import CHECKS, cases, defects, is_read, without

OF_DEVICES = sorted(id_ for id_, check in CHECKS.items() if SnmpWalk in (*check.needs, *check.beside))
SILENCE = Failure(kind=FailureKind.TIMEOUT, detail="no answer in time")


def asked(step: Observation) -> object:
    """Return what a step asks a device for, None if nothing."""
    if isinstance(step, SnmpWalk):
        return step.root, step.context
    return step.oids if isinstance(step, SnmpGet) else None


def losing_one(piece: Evidence) -> Iterator[tuple[object, Evidence]]:
    """Yield a piece without the answers to each question."""
    for lost in dict.fromkeys(filter(None, map(asked, piece.steps))):
        steps = (
            replace(step, rows=(), failure=SILENCE)
            if isinstance(step, SnmpWalk | SnmpGet) and asked(step) == lost
            else step
            for step in piece.steps
        )
        yield lost, replace(piece, steps=tuple(steps))


def created(check: Check) -> Iterator[str]:
    """Yield each defect that only the lost answers create or worsen."""
    for stem, case in cases(check.id):
        if all(said["outcome"] == Outcome.FAIL for said in case.findings):
            continue  # nothing is left to become worse
        whole = defects(case, check)
        for piece in case.evidence:
            if not is_read(check, piece):
                continue
            for lost, left in losing_one(piece):
                for key, (outcome, code) in defects(without(case, left), check).items():
                    if key not in whole or (outcome is Outcome.FAIL and whole[key][0] is Outcome.WARN):
                        yield f"{code}: {stem}, {piece.id} without {lost}"


def test_there_are_such_checks() -> None:
    assert len(OF_DEVICES) > 20


@pytest.mark.parametrize("check_id", OF_DEVICES)
def test_lost_answer_creates_no_defect(check_id: CheckId) -> None:
    assert not list(created(CHECKS[check_id]))
