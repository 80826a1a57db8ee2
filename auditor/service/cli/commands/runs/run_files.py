"""Runs ``auditor runs export|import``: carries the measurements of one vantage to the store of another machine."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from auditor.framework.escaping import visible
from auditor.service.cli.audit_entries import note
from auditor.service.cli.failures import EXIT_OK
from auditor.service.cli.global_options import load_config
from auditor.service.cli.output import writing
from auditor.service.cli.replacing import keep_files
from auditor.service.cli.trusted_keys import trusted_keys
from auditor.service.cli.words import ui
from auditor.service.runs import run_transfer, sealed_file
from auditor.service.runs.run_transfer import ImportedRun
from auditor.service.runs.sealed_file import SealedFile
from auditor.service.store import files as store_files
from auditor.service.store.api import Store
from auditor.service.store.url import open_store
from probes.framework.evidence import RunId


def export(run: str, path: Path, key: Path | None, options: Mapping[str, object]) -> int:
    """Write a run to a sealed file, and print the digest of the file."""
    config = load_config(options).config
    keep_files([path], force=config.force)
    with open_store(config.store, create=False) as store:
        store.run(RunId(run))  # before a file is made
        with writing(path), store_files.writing(path) as file:
            digest = run_transfer.export_run(file, RunId(run), store, key)
            note(store, "run_exported", f"{run} {digest}")  # before the file has its name
    print(f"sha256:{digest}")
    return EXIT_OK


def import_files(paths: Sequence[Path], into: str | None, keys: Sequence[str], options: Mapping[str, object]) -> int:
    """Import each file whole; the first unusable file ends the command, and the files imported before it stay."""
    with open_store(load_config(options).config.store) as store:
        for path in paths:
            file = sealed_file.read(path, run_transfer.KIND, trusted_keys(keys), run_transfer.vantage_of)
            round, noted = None if into is None else RunId(into), partial(_note_import, store, file)
            found = run_transfer.import_run(file, store, datetime.now(UTC), round, noted=noted)
            for line in _lines(file, found):
                print(visible(line), file=sys.stderr)
            print(found.run.round or found.run.id)
    return EXIT_OK


def _note_import(store: Store, file: SealedFile, run: RunId) -> None:
    note(store, "run_imported", f"{run} {file.digest} {file.signer}".rstrip())


def _lines(file: SealedFile, found: ImportedRun) -> list[str]:
    """Return the lines about an imported file: its contents, its signature, and the next steps."""
    said = {"file": file.path.name, "run": found.run.id, "vantage": found.run.vantage}
    counts = {"subjects": found.subjects, "evidence": found.evidence}
    told = [
        ui(
            "{file}: run {run} of vantage {vantage}: {subjects:n} {subjects/subject/subjects}, {evidence:n}"
            " {evidence/piece/pieces} of evidence",
            **said,
            **counts,
        )
        if found.new
        else ui("{file}: run {run} of vantage {vantage} is here already", **said)
    ]
    told.append(
        ui("  signed with the key {key}", key=file.signer)
        if file.signer
        else ui("  not signed: whole and unchanged, but nothing shows who made it")
    )
    if found.sealed:
        told.append(ui("  the seal that the run was given where it was measured holds"))
    told.append(ui("  judge it: auditor judge {run}", run=found.run.round or found.run.id))
    return told
