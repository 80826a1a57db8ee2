"""Runs as a program that reads inventories: files on standard input, subjects and problems on standard output.

It is a process of its own, with bounds, because the files come from anywhere and are opened by foreign code. Its output
is only data, one JSON value a line, and is checked when it is received.
"""

import gc
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import BinaryIO

from auditor.service.inventories.reader_protocol import LINES, MEMORY, OUT_OF_MEMORY, SECONDS, LineType, worded
from inventory.json_pieces import Json
from probes.net.core import confinement

Say = Callable[..., None]


def main() -> int:
    confinement.confine(MEMORY)
    confinement.allow_seconds(SECONDS)
    gc.disable()  # a table is a million objects without cycles, and this process ends when it has read it
    try:
        _read(sys.stdin.buffer, sys.stdout.buffer)
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def _read(source: BinaryIO, sink: BinaryIO) -> None:
    def say(word: LineType, *values: object) -> None:
        sink.write(json.dumps([word, *values], separators=(",", ":")).encode() + b"\n")
        if word is LineType.FILE:
            sink.flush()

    asked = json.loads(source.readline())
    files = [(str(name), source.read(int(size))) for name, size in asked["files"]]
    if asked["sheets"]:
        _say_sheets(files, say)
    else:
        options = {name: bool(asked[name]) for name in ("good_rows", "counted")}
        _say_inventory(files, say, asked["choices"], **options)


def _say_inventory(
    files: Sequence[tuple[str, bytes]], say: Say, chosen: Sequence[Json], *, good_rows: bool, counted: bool
) -> None:
    """Print the subjects and problems of files; only the number of subjects if ``counted``."""
    from inventory.dataclass_json import decode
    from inventory.loader import load_sent
    from inventory.problems.problem import InventoryError
    from inventory.tables.choices import TableChoice

    choices = [decode(TableChoice, choice) for choice in chosen]
    try:
        loaded = load_sent(files, partial(say, LineType.FILE), good_rows=good_rows, choices=choices)
    except InventoryError as error:
        _say_all(say, LineType.LAYOUTS, error.layouts)
        for problem in error.problems:
            say(LineType.PROBLEM, worded(problem))
        say(LineType.END, False)
        return
    for problem in loaded.warnings:
        say(LineType.PROBLEM, worded(problem))
    inventory = loaded.inventory
    lists: dict[LineType, Sequence[object]] = {LineType.LAYOUTS: loaded.layouts, LineType.WAITING: loaded.waiting}
    if counted:
        say(LineType.COUNT, len(inventory.subjects))
    else:
        lists |= {
            LineType.SUBJECTS: inventory.subjects,
            LineType.UNITS: inventory.organisation.units,
            LineType.EXEMPTIONS: inventory.exemptions,
            LineType.SOURCES: inventory.sources,
        }
    for word, many in lists.items():
        _say_all(say, word, many)
    say(LineType.END, True)


def _say_sheets(files: Sequence[tuple[str, bytes]], say: Say) -> None:
    """Print each sheet without its rows, and then its rows."""
    from inventory.problems.problem import ProblemCollector
    from inventory.sources.files import sheets_sent

    problems = ProblemCollector()
    for name, data in files:
        say(LineType.FILE, name)
        for sheet in sheets_sent(name, data, problems):
            _say_all(say, LineType.SHEETS, [replace(sheet, records=())])
            for at in range(0, len(sheet.records), LINES):
                say(LineType.ROWS, sheet.records[at : at + LINES])
    for problem in problems.ordered():
        say(LineType.PROBLEM, worded(problem))
    say(LineType.END, not problems.wrong_rows)


def _say_all(say: Say, word: LineType, many: Sequence[object]) -> None:
    from inventory.dataclass_json import encode

    for at in range(0, len(many), LINES):
        say(word, [encode(one) for one in many[at : at + LINES]])


if __name__ == "__main__":
    sys.exit(main())
