"""Sorts problems for readers, errors first, and merges those that repeat for a whole column."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from inventory.problems.problem import ALSO_COUNT, ALSO_ROWS, InventoryProblem, ProblemSeverity

_ALIKE = 4
"""The number of warnings of one kind in one column from which the first stands for all."""
_RANGES = 10
_POINTING = frozenset({"other", "before"})
"""Arguments by which a warning points at another place: such warnings are no repetitions."""


def summary(problems: Sequence[InventoryProblem]) -> tuple[InventoryProblem, ...]:
    """Return the errors, each by itself, and after them the warnings, in the order given.

    If many rows of a column have the same warning, as 300 links that are understood as names, only the first is kept,
    with the rows of the others: else they would hide the problems that have to be corrected.
    """
    errors = [each for each in problems if each.severity is ProblemSeverity.ERROR]
    alike: dict[object, list[InventoryProblem]] = defaultdict(list)
    for number, each in enumerate(problems):
        if each.severity is ProblemSeverity.WARNING:
            alike[(each.code, each.source, each.field) if _is_repeatable(each) else number].append(each)
    return (*errors, *(entry for some in alike.values() for entry in _told(some)))


def _is_repeatable(problem: InventoryProblem) -> bool:
    return problem.row is not None and not any(name in _POINTING for name, _ in problem.args)


def _told(some: Sequence[InventoryProblem]) -> Sequence[InventoryProblem]:
    if len(some) < _ALIKE:
        return some
    first, others = some[0], sorted({each.row for each in some if each.row is not None} - {some[0].row})
    also = ((ALSO_COUNT, str(len(others))), (ALSO_ROWS, _rows(others)))
    return [replace(first, args=(*first.args, *also))] if others else [first]


def _rows(numbers: Sequence[int]) -> str:
    """Return rising numbers as ``5–301, 303``; only the first of very many pieces."""
    runs = [[row for _, row in run] for _, run in groupby(enumerate(numbers), lambda each: each[1] - each[0])]
    pieces = [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]
    return ", ".join(pieces[:_RANGES]) + (", …" if len(pieces) > _RANGES else "")
