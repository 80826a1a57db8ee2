"""Tests published figures by agency: they add up, and none covers only a few subjects."""

from datetime import date

from hypothesis import given

from auditor.figures.kpis import KPIS, SubjectFacts
from auditor.figures.publishable import NAMES, SMALL, PublicRow, rows
from auditor.figures.rollup import Rollup, Summing
from inventory.model import Kind
from tests.unit.auditor.figured import ORGANISATION, SUBJECTS, facts


def rolled(subjects: list[SubjectFacts]) -> Rollup:
    summing = Summing(ORGANISATION, date(2026, 11, 1), KPIS.values())
    for subject in subjects:
        summing.add(subject)
    return summing.rollup()


def portals(**numbers: int) -> list[SubjectFacts]:
    return [
        facts(f"{agency}-{number}.vn", Kind.PORTAL, agency, ladder=(2, False))
        for agency, many in numbers.items()
        for number in range(many)
    ]


def of(figure: str, rollup: Rollup) -> list[PublicRow]:
    return [row for row in rows(rollup) if row.figure == figure]


@given(SUBJECTS)
def test_rows_of_a_figure_add_up_to_the_whole_and_none_is_small(subjects: list[SubjectFacts]) -> None:
    rollup = rolled(subjects)
    for name in NAMES:
        whole, shown = rollup.total.figures.get(name), of(name, rollup)
        if whole is None or whole.of < SMALL:
            assert shown == []
            continue
        assert all(row.count.of >= SMALL for row in shown)
        for count in ("of", "met", "unknown"):
            assert sum(getattr(row.count, count) for row in shown) == getattr(whole, count)


def test_large_agency_is_named_and_small_ones_of_a_level_stand_together() -> None:
    shown = of("K08", rolled(portals(S1=6, X1=3, X2=3)))
    assert [(row.name, row.level, row.units, row.count.of) for row in shown] == [
        ("Sở Một", "department", 1, 6),
        ("", "", 2, 6),
    ]


def test_lone_small_agency_is_not_the_whole_less_what_is_shown() -> None:
    shown = of("K08", rolled(portals(S1=6, S2=2)))
    assert [(row.name, row.units, row.count.of) for row in shown] == [("", 2, 8)]


def test_security_is_not_told_by_agency() -> None:
    assert not any(row.figure in ("K15", "K16", "K17", "K18", "K19") for row in rows(rolled(portals(S1=9, S2=9))))
