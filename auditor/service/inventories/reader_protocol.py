"""Defines the lines that the inventory reader prints, and how much memory and time it may take."""

from enum import StrEnum

from inventory.problems.codes import Code
from inventory.problems.problem import InventoryProblem

MEMORY = 1_024
"""Megabytes of address space: twice the need of 200,000 rows, the most that are read."""
SECONDS = 40
"""Seconds of processor time."""
LINES = 200
"""Values in one line: few, so that decoding one never delays anything."""
OUT_OF_MEMORY = 12
"""The exit status of a program that ran out of memory."""
_VALUE_KEPT = 400
_TEXTS = 6


class LineType(StrEnum):
    """Lists the first words of lines."""

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
    """Return a problem as JSON values; the value of a cell is cut to the longest that is shown."""
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
    """Return the problem that ``worded`` made a list of. Raises ValueError or KeyError for anything else."""
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
