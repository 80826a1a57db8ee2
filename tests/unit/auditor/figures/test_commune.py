"""Tests that a commune counts as the worst of its connection points, and that a planned point is not met."""

from datetime import date
from itertools import permutations

import pytest

from auditor.figures.rollup import Summing
from auditor.framework.findings import Outcome
from inventory.model import AgencyId, Kind
from tests.unit.auditor.figured import ORGANISATION, facts, said

PASS, FAIL, NA = Outcome.PASS, Outcome.FAIL, Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("outcome", "code", "met", "planned"),
    [(PASS, "DUAL", 1, 0), (NA, "PLANNED", 0, 1), (NA, "EXEMPT", 1, 0), (FAIL, "NONE", 0, 0)],
)
def test_commune_with_a_point_that_is_planned_is_not_met(outcome: Outcome, code: str, met: int, planned: int) -> None:
    points = [
        facts("p0", Kind.CONNECTION_POINT, "X1", [said("tslcd.ip.dual-stack", PASS)]),
        facts("p1", Kind.CONNECTION_POINT, "X1", [said("tslcd.ip.dual-stack", outcome, code=code)]),
    ]
    for some in (points, points[::-1]):
        summing = Summing(ORGANISATION, date(2026, 10, 1))
        for subject in some:
            summing.add(subject)
        unit = summing.rollup().unit(AgencyId("X1"))
        assert unit is not None
        found = unit.figures["K04"]
        assert (found.of, found.met, found.planned, found.unknown) == (1, met, planned, 0)


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_commune_with_a_planned_point_beside_one_that_needs_nothing_is_not_met(order: tuple[int, ...]) -> None:
    outcomes = [(PASS, "DUAL"), (NA, "PLANNED"), (NA, "ELSEWHERE")]
    summing = Summing(ORGANISATION, date(2026, 10, 1))
    for number in order:
        outcome, code = outcomes[number]
        point = facts(f"p{number}", Kind.CONNECTION_POINT, "X1", [said("tslcd.ip.dual-stack", outcome, code=code)])
        summing.add(point)
    unit = summing.rollup().unit(AgencyId("X1"))
    assert unit is not None
    found = unit.figures["K04"]
    assert (found.of, found.met, found.planned, found.unknown) == (1, 0, 1, 0)
