"""Runs ``auditor inventory import`` and ``list``: inventories that the store keeps by name, each with its versions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from auditor.framework.escaping import visible
from auditor.framework.localdate import civil_day
from auditor.service.cli.audit_entries import note, user
from auditor.service.cli.failures import EXIT_OK, EXIT_USAGE, refuse
from auditor.service.cli.global_options import load_config
from auditor.service.cli.inventory_texts import counts_line, difference_lines, layout_lines, problem_lines
from auditor.service.cli.list_output import print_json, wants_json
from auditor.service.cli.words import language, ui
from auditor.service.inventories.file_reading import load_files
from auditor.service.inventories.partial_import import with_waiting_rows
from auditor.service.store.api import DatabaseStore
from auditor.service.store.kept.inventories import Inventories, pack
from auditor.service.store.kept.inventory_names import is_name
from auditor.service.store.records import InventoryVersion, Retirement
from auditor.service.store.url import open_store
from auditor.texts.translate import Texts
from inventory.comparison import ChangeType, differences
from inventory.inventory import Inventory
from inventory.loader import LoadedInventory
from inventory.problems.problem import InventoryError, ProblemSeverity
from reports.json_data import Plain, iso

_COMPARED = 30
"""Number of versions for which changes are counted; earlier versions are only listed."""


def import_inventory(
    paths: Sequence[Path], name: str, options: Mapping[str, object], *, apply: bool, good_rows: bool
) -> int:
    """Show the rows that files would add, change and retire in a kept inventory; with ``apply``, keep it."""
    if not is_name(name):
        raise refuse([ui("'{name}' cannot be the name of an inventory: letters, digits, blanks, . and -", name=name)])
    try:
        loaded = load_files(paths, good_rows=good_rows)
    except InventoryError as error:
        return _refused(error)
    _print([*layout_lines(loaded.layouts), *_waiting_lines(loaded)])
    with open_store(load_config(options).config.store) as store:
        stock = _stock(store)
        versions = stock.versions(name)
        before = stock.read(versions[0]) if versions else None
        return _compare(store, name, versions, before, with_waiting_rows(loaded, before), apply=apply)


def _refused(error: InventoryError) -> int:
    _print([*layout_lines(error.layouts), *problem_lines(error.problems, error.layouts), counts_line(error.problems)])
    if any(problem.row is not None for problem in error.problems if problem.severity is ProblemSeverity.ERROR):
        print(ui("Nothing was kept. Correct the rows, or take the others now with --good-rows."))
    return EXIT_USAGE


def _waiting_lines(loaded: LoadedInventory) -> list[str]:
    if not loaded.waiting:
        return []
    errors = [problem for problem in loaded.warnings if problem.severity is ProblemSeverity.ERROR]
    return [
        *problem_lines(errors, loaded.layouts),
        ui("Rows that wait to be corrected: {n:n}. What is kept of them stays as it is.", n=len(loaded.waiting)),
    ]


def _compare(
    store: DatabaseStore,
    name: str,
    versions: Sequence[InventoryVersion],
    before: Inventory | None,
    after: Inventory,
    *,
    apply: bool,
) -> int:
    number = versions[0].number if versions else 0
    found = differences(before, after)
    if number:
        print(ui("Compared with version {number} of {day:date}:", number=number, day=civil_day(versions[0].made)))
    else:
        print(visible(ui("The store keeps no inventory '{name}' yet: this is its first version.", name=name)))
    _print(difference_lines(found, after.organisation))
    if before is not None and found.none:
        print(ui("Nothing differs; nothing was kept."))
    elif apply:
        packed = pack(after)
        with store.batch():
            made = _stock(store).add(name, packed, who=user(), now=datetime.now(UTC), on=number)
            note(store, "inventory_imported", f"{made.name} {made.number}")
        print(visible(ui("Kept as version {number} of '{name}'.", number=made.number, name=name)))
    else:
        print(ui("Nothing was kept. --apply keeps this as version {number}.", number=number + 1))
    return EXIT_OK


def list_kept(name: str | None, options: Mapping[str, object], *, form: str, retired: bool) -> int:
    """List the inventories in use, or with ``retired`` the retired ones, or the versions of one with their changes."""
    as_json = wants_json(form)
    with open_store(load_config(options).config.store, create=False) as store:
        stock = _stock(store)
        gone = stock.retirements()
        latest = [stock.version(each) for each in gone] if retired else stock.latest()
        if as_json:
            known = latest if name is None else stock.versions(name) or (stock.version(name),)
            print_json([_data(each, gone.get(each.name)) for each in known])
            return EXIT_OK
        if name is None:
            lines = [f"{visible(each.name)}\t{_version(each)}{_retired(gone.get(each.name))}" for each in latest]
            none = ui("The store keeps no inventory yet: auditor inventory import FILE --name NAME --apply")
            print("\n".join(lines) or (ui("No inventory is retired.") if retired else none))
            return EXIT_OK
        versions = stock.versions(name) or (stock.version(name),)
        earlier: Sequence[InventoryVersion | None] = (*versions[1:], None)
        for number, (version, before) in enumerate(zip(versions, earlier, strict=True)):
            print(_version(version), *([_changes(stock, before, version)] if number < _COMPARED else []), sep="\t")
    return EXIT_OK


def _retired(retirement: Retirement | None) -> str:
    if retirement is None:
        return ""
    return "\t" + visible(ui("retired {day:date} by {who}", day=civil_day(retirement.made), who=retirement.who))


def _data(version: InventoryVersion, retirement: Retirement | None) -> dict[str, Plain]:
    return {
        "name": version.name,
        "version": version.number,
        "made": iso(version.made),
        "subjects": version.subjects,
        "by": version.who,
        "files": list(version.files),
        "retired": None if retirement is None else iso(retirement.made),
    }


def _changes(stock: Inventories, earlier: InventoryVersion | None, later: InventoryVersion) -> str:
    before = stock.read(earlier) if earlier else None
    found = differences(before, stock.read(later))
    return f"+{found.of(ChangeType.ADDED)} ~{found.of(ChangeType.CHANGED)} -{found.of(ChangeType.REMOVED)}"


def _version(version: InventoryVersion) -> str:
    parts = (
        ui("version {number}", number=version.number),
        Texts(language()).day(civil_day(version.made)),
        ui("{n:n} {n/subject/subjects}", n=version.subjects),
        version.who,
        ", ".join(version.files),
    )
    return "\t".join(map(visible, parts))


def _stock(store: DatabaseStore) -> Inventories:
    return Inventories(store.database)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(visible(line))
