"""Runs ``auditor inventory retire`` and ``reinstate``: takes an inventory out of lists and audits, and puts it back."""

from collections.abc import Mapping
from datetime import UTC, datetime

from auditor.framework.escaping import visible
from auditor.service.cli.audit_entries import note, place, user
from auditor.service.cli.failures import EXIT_OK
from auditor.service.cli.global_options import load_config
from auditor.service.cli.words import ui
from auditor.service.scheduler import retiring
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.live_schedules import LiveSchedules
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.url import open_store


def retire(name: str, options: Mapping[str, object], *, apply: bool) -> int:
    """Show which schedules are paused; with ``apply`` retire the inventory and pause them."""
    config = load_config(options).config
    with open_store(config.store, create=False) as store:
        stock, jobs = Inventories(store.database), JobQueue(store.database)
        stock.version(name)
        schedules = LiveSchedules(config, store.database)
        for schedule in retiring.schedules_of(name, schedules, jobs):
            print(visible(ui("This schedule is paused: {name}", name=schedule.name)))
        if not apply:
            print(ui("Nothing was retired. --apply retires it; its versions, runs and reports stay."))
            return EXIT_OK
        with store.batch():
            retiring.retire(name, stock, jobs, schedules, who=user(), address=place(), now=datetime.now(UTC))
            note(store, "inventory_retired", name)
    print(visible(ui("'{name}' is retired. Take it up again: auditor inventory reinstate", name=name)))
    return EXIT_OK


def reinstate(name: str, options: Mapping[str, object]) -> int:
    """Reinstate a retired inventory; its schedules stay paused."""
    with open_store(load_config(options).config.store, create=False) as store, store.batch():
        Inventories(store.database).reinstate(name, who=user(), now=datetime.now(UTC))
        note(store, "inventory_reinstated", name)
    print(visible(ui("'{name}' is audited again; its schedules stay paused until somebody resumes them.", name=name)))
    return EXIT_OK
