"""Messages have the same fields in both languages, and every code is used."""

import re
from pathlib import Path
from string import Formatter

import pytest

from inventory.problems.codes import WARNINGS, Code
from inventory.problems.problem import LISTED, InventoryError, InventoryProblem, ProblemCollector, ProblemSeverity
from inventory.problems.reasons import REASONS
from inventory.problems.texts import TEXTS

_INVENTORY = Path(__file__).parents[4] / "inventory"


def _fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("code", Code, ids=lambda code: code.name)
def test_every_code_has_both_texts_with_the_same_fields(code: Code) -> None:
    text = TEXTS[code]
    assert _fields(text.vi) == _fields(text.en)
    assert text.vi != text.en


def test_every_code_is_used() -> None:
    reading = _INVENTORY.parent / "auditor" / "service" / "inventories"
    files = [*_INVENTORY.rglob("*.py"), *reading.glob("*.py")]
    sources = "".join(path.read_text("utf-8") for path in files if path.stem not in ("codes", "texts"))
    assert {code.name for code in Code} - set(re.findall(r"Code\.([A-Z_]+)", sources)) == set()


def test_reasons_differ_between_languages() -> None:
    assert [key for key, text in REASONS.items() if text.vi == text.en] == []


def test_a_problem_reads_in_both_languages() -> None:
    problem = InventoryProblem(
        code=Code.UNKNOWN_COLUMN, source="a.csv", row=2, field="x", value="Tenn", suggestion="name"
    )
    assert problem.severity is ProblemSeverity.ERROR
    assert problem.message == 'unknown column "Tenn" (did you mean name?)'
    assert problem.text("vi") == 'cột lạ "Tenn" (ý bạn là Tên?)'
    assert problem.line() == 'a.csv:2:x: unknown column "Tenn" (did you mean name?)'


def test_arguments_that_are_reasons_follow_the_language() -> None:
    problem = InventoryProblem(code=Code.NOT_A_NAME, value="x", args=(("why", "one-label"),))
    assert problem.text("en") == '"x" is not a domain name: one part only, the full name is needed'
    assert problem.text("vi") == '"x" không phải tên miền: chỉ có một phần, cần tên đầy đủ'


def test_hostile_text_cannot_format_or_control() -> None:
    problem = InventoryProblem(code=Code.NOT_AN_ADDRESS, source="a\n.csv", value="{0.__class__}\x1b[2J")
    assert problem.line() == 'a↵.csv: "{0.__class__}\\x1b[2J" is not an IP address'


def test_warnings_alone_raise_nothing() -> None:
    problems = ProblemCollector()
    problems.add(InventoryProblem(code=next(iter(WARNINGS))))
    problems.raise_errors()
    assert len(problems.ordered()) == 1


def test_problems_are_ordered_by_file_then_row_and_sheets_stay_with_their_file() -> None:
    problems = ProblemCollector()
    for source, row in (("b.xlsx[2]", 1), ("a.csv", 9), ("b.xlsx[1]", 5), ("a.csv", None), ("a.csv", 2)):
        problems.add(InventoryProblem(code=Code.MISSING_KIND, source=source, row=row))
    with pytest.raises(InventoryError) as caught:
        problems.raise_errors(["b.xlsx", "a.csv"])
    assert [(each.source, each.row) for each in caught.value.problems] == [
        ("b.xlsx[1]", 5),
        ("b.xlsx[2]", 1),
        ("a.csv", None),
        ("a.csv", 2),
        ("a.csv", 9),
    ]


def test_what_is_kept_is_bounded_and_the_rest_counted() -> None:
    problems = ProblemCollector()
    for row in range(LISTED + 3):
        problems.add(InventoryProblem(code=Code.MISSING_KIND, row=row))
    with pytest.raises(InventoryError) as caught:
        problems.raise_errors()
    assert len(caught.value.problems) == LISTED + 1
    assert caught.value.lines()[-1] == "further problems, not listed: 3"


def test_a_day_that_was_understood_is_written_as_each_language_does() -> None:
    problem = InventoryProblem(code=Code.NUMBER_AMBIGUOUS, value="44317", args=(("number", "2021-05-01"),))
    assert problem.text("vi") == '"44317" đã hiểu là 01/05/2021'
    assert problem.text("en") == '"44317" understood as 2021-05-01'
