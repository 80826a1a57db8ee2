"""Runs ``auditor runs forget``: deletes evidence of old runs."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from auditor.framework.escaping import visible
from auditor.service.cli.audit_entries import note
from auditor.service.cli.failures import EXIT_OK
from auditor.service.cli.global_options import load_config
from auditor.service.cli.words import ui
from auditor.service.runs import forgetting
from auditor.service.store.url import open_store


def forget(days: int, options: Mapping[str, object], *, dry_run: bool) -> int:
    """Print the old runs, one per line; without ``dry_run``, delete their evidence."""
    now, older_than = datetime.now(UTC), timedelta(days=days)
    with open_store(load_config(options).config.store, create=False) as store:
        if dry_run:
            runs = tuple(forgetting.outdated(store, older_than, now))
        else:
            runs = forgetting.forget(store, older_than, now, lambda run: note(store, "evidence_forgotten", run.id))
    for run in runs:
        print(visible(run.id))
    if not runs:
        print(ui("no run is that old and still has evidence that may go"))
    return EXIT_OK
