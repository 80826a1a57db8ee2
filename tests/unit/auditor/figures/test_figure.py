"""Tests one figure added up: its reasons are as many as the undecided subjects."""

import pytest

from auditor.figures.figure import Figure, FigureSum, difference
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


def test_difference_of_two_figures_is_truncated_towards_zero() -> None:
    def of(met: int, number: int = 300) -> Figure:
        return Figure(of=number, met=met)

    assert difference(of(0), of(299)) == 99.6
    assert difference(of(299), of(0)) == -99.6
    assert difference(of(100), of(100)) == 0
    assert {
        difference(Figure(of=10, met=5, unknown=2), of(1)),
        difference(of(1), Figure()),
        difference(None, of(1)),
    } == {None}
