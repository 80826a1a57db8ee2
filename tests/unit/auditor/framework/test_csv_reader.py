"""Tests that tables written by hand are read, and that errors are reported with file, row and field."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.framework.csv_reader import CsvColumn, CsvRow, read_rows
from auditor.framework.operator_problems import OperatorProblem

COLUMNS = (
    CsvColumn(name="name", also=("tên",), needed=True),
    CsvColumn(name="value", also=("giá trị",)),
    CsvColumn(name="until", also=("đến ngày",)),
)


def read(text: str) -> tuple[list[CsvRow], list[str]]:
    problems: list[OperatorProblem] = []
    rows = list(read_rows(text.encode(), "t.csv", COLUMNS, problems))
    for row in rows:
        row.number("value")
        row.day("until")
    return rows, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    "text",
    [
        'name,value,until\na,"2,5",2026-12-31\n',
        "\ufeffTên;Giá trị;Đến ngày\r\na;2,5;31/12/2026\r\n",
        "TEN\tgia tri\tDEN NGAY\na\t2.5\t31.12.2026",
    ],
)
def test_the_same_row_in_three_hands(text: str) -> None:
    (row,), problems = read(text)
    assert problems == []
    assert (row.text("name"), row.number("value"), row.day("until")) == ("a", 2.5, date(2026, 12, 31))
    assert row.place == "t.csv:2"


def test_every_problem_has_its_place() -> None:
    assert read("name,valu,until,until\na,1,2026-02-30,\n,2,,,x\n")[1] == [
        "t.csv:1: unknown column 'valu' (did you mean 'value'?)",
        "t.csv:1: column 'until' stands twice",
        "t.csv:1: column 'until' stands twice",
        "t.csv:3: has more fields than the header",
        "t.csv:3:name: is missing",
        "t.csv:2:until: is not a date (2026-12-31 or 31/12/2026): '2026-02-30'",
    ]


def test_a_number_that_means_two_things_is_refused() -> None:
    rows, problems = read("name;value\na;1.234\nb;80%\nc;viel\n")
    assert [row.number("value") for row in rows] == [None, 80.0, None]
    assert problems[0] == "t.csv:2:value: could be read in two ways: '1.234'; write it without grouping"
    assert problems[1] == "t.csv:4:value: is not a number: 'viel'"


@pytest.mark.parametrize("text", ["", "\n\n", "value\n1\n", "\x00", "name\n" + "x" * 2_000])
def test_what_is_no_such_table_is_a_problem(text: str) -> None:
    assert read(text)[1]


@given(st.binary(max_size=300))
def test_no_bytes_raise(data: bytes) -> None:
    problems: list[OperatorProblem] = []
    for row in read_rows(data, "t.csv", COLUMNS, problems):
        row.number("value")
        row.day("until")
    assert all(str(problem) for problem in problems)
