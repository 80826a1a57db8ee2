"""Runs ``auditor mesh export|import``: carries one measuring point's samples of the others to another store."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from auditor.framework import catalogue
from auditor.service.cli.audit_entries import note
from auditor.service.cli.commands.sample import planned
from auditor.service.cli.failures import EXIT_OK
from auditor.service.cli.global_options import load_config
from auditor.service.cli.words import ui
from auditor.service.runs import handover
from auditor.service.store.url import open_store
from inventory.inventory import Inventory


def export(days: int, options: Mapping[str, object]) -> int:
    """Print the samples of the last days, as JSON lines."""
    config, now = load_config(options).config, datetime.now(UTC)
    made, _ = planned(Inventory(subjects=()), config, catalogue.load())
    with open_store(config.store, create=False) as store:
        for line in handover.lines(made, store, now - timedelta(days=days), now):
            print(line)
        note(store, "samples_exported", str(days))
    return EXIT_OK


def import_samples(files: Sequence[Path], options: Mapping[str, object]) -> int:
    """Import files of other points; samples that are present already stay unchanged."""
    config, now = load_config(options).config, datetime.now(UTC)
    made, _ = planned(Inventory(subjects=()), config, catalogue.load())
    with open_store(config.store) as store:
        for file in files:
            count = handover.take(file, made, store, now)
            note(store, "samples_imported", f"{file.name} {count}")
            print(ui("{file}: {count:n} {count/sample/samples}", file=file.name, count=count), file=sys.stderr)
    return EXIT_OK
