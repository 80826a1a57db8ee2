"""Runs as a program that reads an uploaded inventory, checks it and compares it with the version before.

A large inventory takes many seconds and a gigabyte as values. Here nobody else waits for them, and the service is told
what it shows and what it stores: one line of JSON, and the document after it as it is.
"""

import json
import sys
from typing import BinaryIO

from auditor.service.pipeline.inventory_view import InventoryView
from auditor.service.pipeline.preview import SHOWN, preview_of
from auditor.service.pipeline.reading import load_sent
from auditor.service.pipeline.reading_words import OUT_OF_MEMORY, worded
from inventory.dataclass_json import encode
from inventory.inventory import Inventory
from inventory.loader import LoadedInventory
from inventory.model import AgencyId
from inventory.problems import InventoryError, ProblemSeverity
from probes.net.core import confinement

MEMORY = 3_072
"""Megabytes of address space: two inventories of 200,000 subjects as values, and their documents."""
SECONDS = 120
"""Of the processor, without what the reader of the files takes."""


def main() -> int:
    confinement.confine(MEMORY)
    confinement.allow_seconds(SECONDS)
    try:
        _preview(sys.stdin.buffer, sys.stdout.buffer)
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def _preview(source: BinaryIO, sink: BinaryIO) -> None:
    asked = json.loads(source.readline())
    files = [(str(name), source.read(int(size))) for name, size in asked["files"]]
    document, before = source.read(asked["document"]), source.read(asked["before"])
    try:
        loaded = load_sent(files) if files else LoadedInventory(inventory=Inventory.from_json(document), warnings=())
    except InventoryError as error:
        wrong = sum(problem.severity is ProblemSeverity.ERROR for problem in error.problems)
        shown_problems = [worded(problem) for problem in error.problems[:SHOWN]]
        _say(sink, {"problems": shown_problems, "errors": wrong, "warnings": len(error.problems) - wrong})
        return
    inventory = loaded.inventory
    old = Inventory.from_json(before) if before else None
    view = InventoryView(None if asked["own"] is None else AgencyId(asked["own"]), inventory)
    shown = preview_of(view, view.differences(old, inventory))
    warnings = [warning for warning in loaded.warnings if warning.severity is ProblemSeverity.WARNING][:SHOWN]
    if files:
        document = inventory.to_json()
    _say(
        sink,
        {
            "preview": encode(shown),
            "warnings": [worded(warning) for warning in warnings],
            "files": [source_file.name for source_file in inventory.sources],
            "subjects": len(inventory.subjects),
            "document": len(document),
        },
    )
    sink.write(document)


def _say(sink: BinaryIO, value: object) -> None:
    sink.write(json.dumps(value, separators=(",", ":")).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
