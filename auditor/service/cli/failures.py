"""Ends the command line after an error: clear lines on stderr and the exit code, never a traceback."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from auditor.framework.escaping import visible

EXIT_OK, EXIT_INTERNAL, EXIT_USAGE, EXIT_FINDINGS, EXIT_INCOMPLETE, EXIT_REGRESSION = range(6)
EXIT_INTERRUPTED = 130
EXIT_CLOSED_PIPE = 141
"""Exit code that a shell reports for a program ended by SIGPIPE: the reader of standard output is gone."""


class Ended(Exception):
    """Ends the command with this exit code; every message has been printed."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(code)


def refuse(lines: Iterable[str]) -> Ended:
    """Print the problems of the operator's input, one per line, and return the exception that ends the command."""
    for line in lines:
        print(f"auditor: {visible(line)}", file=sys.stderr)
    return Ended(EXIT_USAGE)


@contextmanager
def operator_errors() -> Iterator[None]:
    """Turn the operator's mistakes, from every package, into lines and exit code 2, and a damaged store into 1.

    A missing package that an extra provides is also such a mistake; any other missing package is a bug.
    """
    try:
        yield
    except Exception as error:
        if (ended := _mistake(error)) is None:
            raise
        raise ended from error


def _mistake(error: Exception) -> Ended | None:
    """Print an operator's mistake and return the exception that ends the command; None for another error.

    The modules that know these errors are imported only when there is an error.
    """
    from auditor.framework.operator_problems import OperatorError
    from auditor.service.cli.extras import lacking
    from auditor.service.cli.inventory_texts import refusal_lines
    from auditor.service.cli.words import ui
    from auditor.service.store.records import StoreDamaged, StoreError
    from inventory.problems.problem import InventoryError

    match error:
        case OperatorError():
            return refuse(problem.worded(ui) for problem in error.problems)
        case InventoryError():
            return refuse(refusal_lines(error))
        case StoreError():
            ended = refuse([ui(error.template, **error.args_by_name)])
            return Ended(EXIT_INTERNAL) if isinstance(error, StoreDamaged) else ended
        case ModuleNotFoundError() if (told := lacking(error.name or "")) is not None:
            return refuse([told.worded(ui)])
    return None
