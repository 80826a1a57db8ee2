"""Runs as a program that reads an uploaded inventory, checks it and compares it with the version before.

A large inventory takes many seconds and a gigabyte as Python values. In a program of its own it delays nobody else, and
the service receives only the data to show and to store: one line of JSON, and the document after it as it is.
"""

import json
import sys
from collections.abc import Sequence
from typing import BinaryIO

from auditor.service.inventories.agency_view import InventoryView
from auditor.service.inventories.file_reading import load_sent, sheets_of
from auditor.service.inventories.partial_import import with_waiting_rows
from auditor.service.inventories.preview import SHOWN, preview_of
from auditor.service.inventories.reader_protocol import OUT_OF_MEMORY, worded
from inventory.dataclass_json import decode, encode
from inventory.inventory import Inventory
from inventory.json_pieces import Json
from inventory.model import AgencyId
from inventory.problems.problem import InventoryError, InventoryProblem, ProblemSeverity
from inventory.problems.summary import summary
from inventory.tables.choices import TableChoice
from inventory.tables.layout import TableLayout
from probes.net.core import confinement

MEMORY = 3_072
"""Megabytes of address space: enough for two inventories of 200,000 subjects as values, and their documents."""
_TABLES = 40
"""Tables with columns that are shown, at most."""
SECONDS = 120
"""Seconds of processor time, without that of the reader of the files."""


def main() -> int:
    confinement.confine(MEMORY)
    confinement.allow_seconds(SECONDS)
    try:
        _answer(sys.stdin.buffer, sys.stdout.buffer)
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def _answer(source: BinaryIO, sink: BinaryIO) -> None:
    asked = json.loads(source.readline())
    files = [(str(name), source.read(int(size))) for name, size in asked["files"]]
    before = source.read(asked["before"])
    choices = [decode(TableChoice, choice) for choice in asked["choices"]]
    if asked["marked"] is not None:
        _mark(files, choices, int(asked["marked"]), str(asked["lang"]), sink)
        return
    try:
        loaded = load_sent(files, good_rows=bool(asked["good_rows"]), choices=choices)
    except InventoryError as error:
        _say(sink, {**_told(error.problems, error.layouts), "problems": _first(error.problems)})
        return
    old = Inventory.from_json(before) if before else None
    inventory = with_waiting_rows(loaded, old)
    view = InventoryView(None if asked["own"] is None else AgencyId(asked["own"]), inventory)
    shown = preview_of(view, view.differences(old, inventory))
    document = inventory.to_json()
    _say(
        sink,
        {
            "preview": encode(shown),
            **_told(loaded.warnings, loaded.layouts),
            "listed": _first(loaded.warnings),
            "waiting": len(loaded.waiting),
            "files": [source_file.name for source_file in inventory.sources],
            "subjects": len(inventory.subjects),
            "document": len(document),
        },
    )
    sink.write(document)


def _mark(
    files: Sequence[tuple[str, bytes]], choices: Sequence[TableChoice], number: int, lang: str, sink: BinaryIO
) -> None:
    """Write a coloured copy of the file with this number, counted from 0; empty for a file without sheets."""
    from inventory.workbooks.marked_copy import marked_copy  # slow to import

    try:
        loaded = load_sent(files, choices=choices)
        problems, layouts = loaded.warnings, loaded.layouts
    except InventoryError as error:
        problems, layouts = error.problems, error.layouts
    name, data = files[number]
    try:
        sheets = sheets_of(name, data)
    except InventoryError:
        sheets = ()
    own = [each for each in problems if each.source == name or each.source.startswith(f"{name}[")]
    copy = marked_copy(sheets, own, layouts, lang) if sheets else b""
    _say(sink, {"copy": len(copy)})
    sink.write(copy)


def _told(problems: Sequence[InventoryProblem], layouts: Sequence[TableLayout]) -> dict[str, Json]:
    wrong = sum(problem.severity is ProblemSeverity.ERROR for problem in problems)
    shown = [encode(layout) for layout in layouts[:_TABLES]]
    return {"errors": wrong, "warnings": len(problems) - wrong, "layouts": shown}


def _first(problems: Sequence[InventoryProblem]) -> list[list[object]]:
    """Return the first problems, errors before warnings, at most SHOWN."""
    return [worded(problem) for problem in summary(problems)[:SHOWN]]


def _say(sink: BinaryIO, value: object) -> None:
    sink.write(json.dumps(value, separators=(",", ":")).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
