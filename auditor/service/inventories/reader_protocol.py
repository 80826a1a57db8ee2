"""Defines the lines that the inventory reader prints, and how much memory and time it may take."""

from enum import StrEnum

from inventory.problems.codes import Code
from inventory.problems.problem import InventoryProblem

MEMORY = 1_024
"""Megabytes of address space: twice of what 200,000 rows take, which are the most that are read."""
SECONDS = 40
"""Of the processor."""
LINES = 200
"""Values in one line: so few that nothing waits for one to be decoded."""
OUT_OF_MEMORY = 12
"""Exit status."""
_VALUE_KEPT = 400
_TEXTS = 6


class Word(StrEnum):
    """The first word of a line."""

    FILE = "file"
    PROBLEM = "problem"
    SUBJECTS = "subjects"
    UNITS = "units"
    EXEMPTIONS = "exemptions"
    SOURCES = "sources"
    LAYOUTS = "layouts"
    WAITING = "waiting"
    COUNT = "count"
    SHEETS = "sheets"
    ROWS = "rows"
    END = "end"


def worded(problem: InventoryProblem) -> list[object]:
    """Return a problem as JSON values; of a cell as much as is ever shown."""
    return [
        problem.code.name,
        problem.source,
        problem.row,
        problem.field,
        problem.value[:_VALUE_KEPT],
        problem.suggestion,
        [list(pair) for pair in problem.args],
    ]


def problem_of(values: object) -> InventoryProblem:
    """What ``worded`` made a list of. Raises ValueError, or KeyError, for anything else."""
    if not isinstance(values, list) or len(values) != _TEXTS + 1:
        raise ValueError("not a problem")
    code, source, row, field, value, suggestion, args = values
    return InventoryProblem(
        code=Code[code],
        source=str(source),
        row=None if row is None else int(row),
        field=str(field),
        value=str(value),
        suggestion=str(suggestion),
        args=tuple((str(name), str(text)) for name, text in args),
    )
