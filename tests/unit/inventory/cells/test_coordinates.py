"""Coordinates as people write them."""

import pytest

from inventory.cells.coordinates import parse_coordinates, parse_latitude, parse_longitude
from inventory.model import Coordinates, RowOrigin
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition, ProblemCollector
from inventory.tables.columns import Column


@pytest.fixture
def problems() -> ProblemCollector:
    return ProblemCollector()


@pytest.fixture
def place(problems: ProblemCollector) -> CellPosition:
    return CellPosition(problems, RowOrigin(source="a.csv", row=7), Column.COORDINATES)


@pytest.mark.parametrize(
    "text",
    [
        "12.68, 108.04",
        "12.68,108.04",
        "12.68 108.04",
        "12,68; 108,04",
        "12,68 108,04",
        "12,68, 108,04",
        "(12.68; 108.04)",
        "12.68°N 108.04°E",
        "12.68B, 108.04Đ",
        "12°40'48\"N 108°2'24\"E",
        "12° 40' 48\" N, 108° 2' 24\" E",
        "12.6800000, 108.0400000",
    ],
)
def test_parse_coordinates_in_a_usual_form_are_read(text: str, place: CellPosition, problems: ProblemCollector) -> None:
    assert parse_coordinates(text, place) == Coordinates(latitude=12.68, longitude=108.04)
    assert problems.count == 0


def test_parse_coordinates_south_and_west_are_negative(place: CellPosition) -> None:
    assert parse_coordinates("33.5S 70.5W", place) == Coordinates(latitude=-33.5, longitude=-70.5)
    assert (parse_latitude("-33,5", place), parse_longitude("-70.5", place)) == (-33.5, -70.5)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("108.04, 12.68", Code.NUMBER_OUTSIDE),
        ("12.68, 181", Code.NUMBER_OUTSIDE),
        ("12°61'0\"N 108°2'24\"E", Code.NUMBER_OUTSIDE),
        ("12.68", Code.NOT_COORDINATES),
        ("12,68", Code.NOT_COORDINATES),
        ("Buôn Ma Thuột", Code.NOT_COORDINATES),
        ("12.68, 108.04, 500", Code.NOT_COORDINATES),
        ("nan, inf", Code.NOT_COORDINATES),
        ("1" * 5_000, Code.NOT_COORDINATES),
    ],
)
def test_parse_coordinates_that_are_none_are_one_problem_of_the_cell(
    text: str, code: Code, place: CellPosition, problems: ProblemCollector
) -> None:
    assert parse_coordinates(text, place) is None
    assert [(problem.code, problem.row, problem.field) for problem in problems.whole()] == [(code, 7, "coordinates")]
