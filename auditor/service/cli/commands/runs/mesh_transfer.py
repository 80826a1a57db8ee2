"""Runs ``auditor mesh export|import``: carries one vantage's samples of the others to another store."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from auditor.framework import catalogue
from auditor.service.cli.audit_entries import note
from auditor.service.cli.commands.measuring.sample import planned
from auditor.service.cli.failures import EXIT_OK
from auditor.service.cli.global_options import load_config
from auditor.service.cli.output import writing
from auditor.service.cli.replacing import keep_files
from auditor.service.cli.trusted_keys import trusted_keys
from auditor.service.cli.words import ui
from auditor.service.runs import handover, sealed_file
from auditor.service.store import files as store_files
from auditor.service.store.api import Store
from auditor.service.store.url import open_store
from inventory.inventory import Inventory


def export(path: Path, days: int, key: Path | None, options: Mapping[str, object]) -> int:
    """Write the samples of the last days to a sealed file, and print its digest."""
    config, now = load_config(options).config, datetime.now(UTC)
    keep_files([path], force=config.force)
    made, _ = planned(Inventory(subjects=()), config, catalogue.load())
    with open_store(config.store, create=False) as store, writing(path), store_files.writing(path) as file:
        digest = handover.export_samples(file, made, store, now - timedelta(days=days), now, key)
        note(store, "samples_exported", f"{days} {digest}")  # before the file has its name
    print(f"sha256:{digest}")
    return EXIT_OK


def import_files(paths: Sequence[Path], keys: Sequence[str], options: Mapping[str, object]) -> int:
    """Import files of other vantages; samples that are already in the store stay unchanged."""
    config, now = load_config(options).config, datetime.now(UTC)
    made, _ = planned(Inventory(subjects=()), config, catalogue.load())
    with open_store(config.store) as store:
        for path in paths:
            file = sealed_file.read(path, handover.KIND, trusted_keys(keys), handover.vantage_of)
            count = handover.import_samples(file, made, store, now, noted=partial(_note_import, store, path))
            print(ui("{file}: {count:n} {count/sample/samples}", file=path.name, count=count), file=sys.stderr)
    return EXIT_OK


def _note_import(store: Store, path: Path, count: int) -> None:
    note(store, "samples_imported", f"{path.name} {count}")
