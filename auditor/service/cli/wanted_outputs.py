"""Reads which formats of a report are wanted and where they go, before anything is measured.

What writes them is imported when there is something to write.
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
"""What may stand for a path: nothing, or what other programs mean standard output by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One format and where it goes: a path, or standard output."""

    format: str
    path: Path | None


def parse_outputs(words: Sequence[str], *, default: str, force: bool = False) -> tuple[Output, ...]:
    """``--format`` words; raises OperatorError, or Ended for a folder that is not there or, without ``force``, for a
    file that would be replaced."""
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
    """Lines about files that the outputs would replace, but for those that changed after ``since``."""
    return [line for output in outputs if (line := _replaced(output, since)) is not None]


def _replaced(output: Output, since: datetime | None) -> str | None:
    if output.path is None:
        return None
    if output.format in FOLDERS:
        return kept_in_folder(output.path, WRITES[output.format], since=since)
    return kept_file(output.path, since=since)


def _refused(output: Output) -> str | None:
    """Why an output cannot be written where it is to go; a format of many files goes into a folder of its own."""
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
    """Why a file cannot be written there, said before anything is measured."""
    if (why := files.refusal(path)) is not None:
        return ui(why.template, **why.args_by_name)
    if path.exists() and not path.is_file():  # a terminal, a device, a FIFO
        return None if os.access(path, os.W_OK) else _unwritable(path)
    folder = path.resolve().parent
    if not folder.is_dir():
        return ui("{path}: the folder for it does not exist", path=str(path))
    return None if os.access(folder, os.W_OK) else _unwritable(path)
