"""One figure added up: its reasons are as many as the subjects that are not decided."""

import pytest

from auditor.figures.figure import FigureSum
from auditor.figures.kpis import Kpi, Standing, SubjectFacts, SubjectStanding
from inventory.model import Kind, SubjectId

FACTS = SubjectFacts(id=SubjectId("a"), kind=Kind.PORTAL, kinds=frozenset({Kind.PORTAL}))


def summed(*reasons: set[str]) -> dict[str, int]:
    total = FigureSum(Kpi(id="K", judge=lambda _: None))
    for some in reasons:
        total.add(SubjectStanding(standing=Standing.UNKNOWN, reasons=frozenset(some)), FACTS)
    figure = total.figure()
    assert sum(figure.reasons.values()) == figure.unknown == len(reasons)
    return dict(figure.reasons)


@pytest.mark.parametrize(
    ("reasons", "counted"),
    [
        ({"U-SCOPE", "U-VP"}, "U-SCOPE"),
        ({"U-VP", "U-INV"}, "U-INV"),
        ({"U-AMB", "NOT_RUN"}, "U-AMB"),
        ({"NOT_RUN"}, "NOT_RUN"),
        ({"BUG", "NOT_RUN"}, "BUG"),
    ],
)
def test_reasons_subject_with_several_counts_once(reasons: set[str], counted: str) -> None:
    assert summed(reasons) == {counted: 1}


def test_reasons_add_up_to_the_undecided_subjects() -> None:
    assert summed({"U-SCOPE", "U-VP"}, {"U-VP"}, {"U-SCOPE"}) == {"U-SCOPE": 2, "U-VP": 1}
