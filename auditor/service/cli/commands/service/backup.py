"""Runs ``auditor backup`` and ``auditor restore``: copies a store and puts a copy back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from auditor.framework.escaping import visible
from auditor.service.cli.audit_entries import note
from auditor.service.cli.failures import EXIT_OK
from auditor.service.cli.global_options import load_config
from auditor.service.cli.words import ui
from auditor.service.store.api import DatabaseStore
from auditor.service.store.database import backup as copies
from auditor.service.store.url import database_of, file_of, is_file, open_store

_MB = 1_000_000


def backup(file: Path, options: Mapping[str, object]) -> int:
    """Copy the store and print the size and the number of runs of the copy."""
    url = load_config(options).config.store
    made = _copied(url, file)
    with open_store(url, create=False) as copied:  # after the copy, which a full disk must not prevent
        note(copied, "store_copied", str(file))
    print(
        visible(
            ui(
                "{path}: {runs:n} {runs/run/runs}, {size:n} MB, read back whole",
                path=str(made.path),
                runs=made.runs,
                size=_megabytes(made.size),
            )
        )
    )
    return EXIT_OK


def restore(file: Path, options: Mapping[str, object]) -> int:
    """Put a copy back and print the new path of the store that it replaced."""
    url = load_config(options).config.store
    store, runs, kept = _restored(url, file)
    print(visible(ui("{path} holds {runs:n} {runs/run/runs} again", path=store, runs=runs)))
    if kept is not None:
        print(visible(ui("what stood there is kept: {path}", path=kept)))
    return EXIT_OK


def _copied(url: str, file: Path) -> copies.Copied:
    if is_file(url):
        return copies.back_up(file_of(url), file)
    from auditor.service.store.database.postgresql_backup import back_up

    return back_up(database_of(url), file)


def _restored(url: str, file: Path) -> tuple[str, int, str | None]:
    """Return the store, the number of its runs, and the place of the store that it replaced, None if there was none."""
    now, noted = datetime.now(UTC), partial(_note_restored, file)
    if is_file(url):
        made = copies.restore(file, file_of(url), now, noted=noted)
        return str(made.path), made.runs, None if made.kept is None else str(made.kept)
    from auditor.service.store.database.postgresql_backup import restore

    put = restore(file, database_of(url), now, noted=noted)
    return put.store, put.runs, None if put.kept is None else ui("schema {name} of the database", name=put.kept)


def _megabytes(size: int) -> float:
    return round(size / _MB, 1)


def _note_restored(file: Path, store: DatabaseStore) -> None:
    note(store, "store_restored", str(file))
