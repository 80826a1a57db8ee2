"""Lists of problems show errors first, and report a column that is read in one way once."""

from pathlib import Path

import pytest

from inventory.problems.codes import Code
from inventory.problems.problem import InventoryProblem
from inventory.problems.summary import summary
from tests.unit.inventory.reading import load_text


def _warning(row: int, code: Code = Code.NAME_FROM_URL, **args: str) -> InventoryProblem:
    return InventoryProblem(
        code=code, source="a.csv", row=row, field="fqdn", value=f"https://{row}.vn/", args=tuple(args.items())
    )


def test_summary_puts_what_is_wrong_before_what_was_understood() -> None:
    wrong = InventoryProblem(code=Code.NOT_A_DATE, source="a.csv", row=290, field="activated", value="2024")
    assert summary([_warning(2, name="2.vn"), wrong]) == (wrong, _warning(2, name="2.vn"))


def test_summary_tells_a_column_of_the_same_kind_once_with_its_rows() -> None:
    some = [_warning(row, name=f"{row}.vn") for row in (2, 3, 4, 7, 9, 10)]
    (told,) = summary(some)
    assert told.told == 6
    assert told.text("en") == (
        '"https://2.vn/" understood as the name 2.vn; likewise in further rows (5): 3–4, 7, 9–10'
    )
    assert told.text("vi").endswith("; tương tự ở 5 dòng nữa: 3–4, 7, 9–10")


@pytest.mark.parametrize("rows", [(2, 3, 4), (2, 2, 2, 2)])
def test_summary_of_few_warnings_or_of_one_row_names_no_further_rows(rows: tuple[int, ...]) -> None:
    assert all("likewise" not in each.text("en") for each in summary([_warning(row, name="a.vn") for row in rows]))


def test_summary_keeps_warnings_that_point_at_different_places_apart() -> None:
    some = [_warning(row, Code.ADDRESS_TWICE, other=f"a.csv:{row + 9}") for row in range(2, 12)]
    assert summary(some) == tuple(some)


def test_summary_of_rows_here_and_there_is_bounded(tmp_path: Path) -> None:
    rows = "".join(f"h{n},host,{'https://' if n % 2 else ''}h{n}.vn\n" for n in range(400))
    (told,) = summary(load_text(tmp_path, f"name,kind,fqdn\n{rows}").warnings)
    assert (told.told, len(told.text("vi")) < 250) == (200, True)
