"""Reads the requested formats of a report and their destinations, before anything is measured.

The code that writes them is imported when there is a report to write.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from auditor.framework.operator_problems import OperatorError, nearest, problem
from auditor.service.cli.extras import require
from auditor.service.cli.failures import refuse
from auditor.service.cli.replacing import kept_file, kept_in_folder
from auditor.service.cli.words import ui
from auditor.service.store import files
from reports.registry import FOLDERS, FORMATS, NEEDED, WRITES

_STANDARD_OUTPUT = ("", "-")
"""Path texts that mean standard output: the empty text, and ``-`` as in other programs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Holds one format and its destination: a path, or None for standard output."""

    format: str
    path: Path | None


def parse_outputs(words: Sequence[str], *, default: str, force: bool = False) -> tuple[Output, ...]:
    """Read ``--format`` words. Raises OperatorError for an unknown format.

    Raises Ended for a destination that cannot be written or, without ``force``, for a file that would be replaced.
    """
    outputs = []
    for word in words or [default]:
        name, _, path = word.partition("=")
        if name not in FORMATS:
            raise OperatorError(
                [
                    problem(
                        "unknown format '{name}'; there are {known}",
                        name=name,
                        known=", ".join(FORMATS),
                        hint=nearest(name, FORMATS),
                    )
                ]
            )
        require(NEEDED.get(name, ()))
        outputs.append(Output(format=name, path=Path(path) if path not in _STANDARD_OUTPUT else None))
    refused = [line for output in outputs if (line := _refused(output))]
    if refused := refused or ([] if force else replaced(outputs)):
        raise refuse(refused)
    if sum(1 for output in outputs if output.path is None) > 1:
        raise refuse([ui("only one format can go to standard output; give the others a path: --format json=FILE")])
    return tuple(outputs)


def replaced(outputs: Sequence[Output], *, since: datetime | None = None) -> list[str]:
    """Return a line for each file that the outputs would replace, except for files that changed after ``since``."""
    return [line for output in outputs if (line := _replaced(output, since)) is not None]


def _replaced(output: Output, since: datetime | None) -> str | None:
    if output.path is None:
        return None
    if output.format in FOLDERS:
        return kept_in_folder(output.path, WRITES[output.format], since=since)
    return kept_file(output.path, since=since)


def _refused(output: Output) -> str | None:
    """Return why an output cannot be written to its destination; None if it can.

    A format of many files needs a folder.
    """
    if output.format not in FOLDERS:
        return None if output.path is None else _cannot_write(output.path)
    if output.path is None:
        return ui(
            "{format} writes a file for each agency; give it a folder: --format {format}=FOLDER", format=output.format
        )
    if output.path.is_dir():
        return None if os.access(output.path, os.W_OK) else _unwritable(output.path)
    return _cannot_write(output.path)


def _unwritable(path: Path) -> str:
    return ui("{path}: the folder for it cannot be written", path=str(path))


def _cannot_write(path: Path) -> str | None:
    """Return why a file cannot be written there, before anything is measured; None if it can."""
    if (why := files.refusal(path)) is not None:
        return ui(why.template, **why.args_by_name)
    if path.exists() and not path.is_file():  # a terminal, a device, a FIFO
        return None if os.access(path, os.W_OK) else _unwritable(path)
    folder = path.resolve().parent
    if not folder.is_dir():
        return ui("{path}: the folder for it does not exist", path=str(path))
    return None if os.access(folder, os.W_OK) else _unwritable(path)
