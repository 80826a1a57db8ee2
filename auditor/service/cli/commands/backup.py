"""Runs ``auditor backup`` and ``auditor restore``: copies a store and puts a copy back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from auditor.framework.escaping import visible
from auditor.service.cli.audit_entries import note
from auditor.service.cli.failures import EXIT_OK
from auditor.service.cli.global_options import load_config
from auditor.service.cli.words import ui
from auditor.service.store import backup as copies
from auditor.service.store.url import file_of, open_store

_MB = 1_000_000


def backup(file: Path, options: Mapping[str, object]) -> int:
    """Copy the store and say what the copy holds."""
    url = load_config(options).config.store
    made = copies.back_up(file_of(url), file)
    _note(url, "store_copied", file)
    print(
        visible(
            ui(
                "{path}: {runs:n} {runs/run/runs}, {size} MB, read back whole",
                path=str(made.path),
                runs=made.runs,
                size=_megabytes(made.size),
            )
        )
    )
    return EXIT_OK


def restore(file: Path, options: Mapping[str, object]) -> int:
    """Put a copy back and say where the store lies that it replaces."""
    url = load_config(options).config.store
    made = copies.restore(file, file_of(url), datetime.now(UTC))
    _note(url, "store_restored", file)
    print(visible(ui("{path} holds {runs:n} {runs/run/runs} again", path=str(made.path), runs=made.runs)))
    if made.kept is not None:
        print(visible(ui("what stood there is kept: {path}", path=str(made.kept))))
    return EXIT_OK


def _megabytes(size: int) -> str:
    return f"{size / _MB:.1f}"


def _note(url: str, what: str, file: Path) -> None:
    with open_store(url, create=False) as store:
        note(store, what, str(file))
