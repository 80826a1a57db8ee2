"""Merges a partly readable table into a kept inventory: rows that await correction keep their old version."""

from collections.abc import Iterable
from dataclasses import replace

from inventory.inventory import Inventory
from inventory.loader import LoadedInventory
from inventory.model import Subject
from inventory.organisation import Organisation, Unit
from inventory.rows.good_rows import WaitingRow


def with_waiting_rows(loaded: LoadedInventory, before: Inventory | None) -> Inventory:
    """Return the loaded inventory, with the old version of the subject for each row that awaits correction.

    So an error in a row does not retire its subject.
    """
    old = _of_waiting_rows(loaded.waiting, before) if before else ()
    taken = {subject.id for subject in loaded.inventory.subjects}
    kept = tuple(subject for subject in old if subject.id not in taken)
    if before is None or not kept:
        return loaded.inventory
    exemptions = (exemption for exemption in before.exemptions if exemption.subject in {subject.id for subject in kept})
    return replace(
        loaded.inventory,
        subjects=(*loaded.inventory.subjects, *kept),
        organisation=_with_units_of(kept, before.organisation, loaded.inventory.organisation),
        exemptions=tuple(dict.fromkeys((*loaded.inventory.exemptions, *exemptions))),
    )


def _of_waiting_rows(waiting: Iterable[WaitingRow], before: Inventory) -> tuple[Subject, ...]:
    """Return the kept subjects of waiting rows: by id, else by name within the agency."""
    by_id = {subject.id: subject for subject in before.subjects}
    by_name = {(subject.agency, subject.name): subject for subject in before.subjects}
    subjects = (by_id.get(row.id) or by_name.get((row.agency, row.name)) for row in waiting)
    return tuple({subject.id: subject for subject in subjects if subject is not None}.values())


def _with_units_of(subjects: Iterable[Subject], before: Organisation, after: Organisation) -> Organisation:
    """Return ``after`` plus the agencies of these subjects and the units above them, if it lacks them."""
    known = {unit.code for unit in after.units}
    missing: dict[str, Unit] = {}
    for subject in subjects:
        unit = before.unit(subject.agency)
        while unit is not None and unit.code not in known:
            missing.setdefault(unit.code, unit)
            unit = before.unit(unit.parent)
    return Organisation(units=(*after.units, *missing.values()))
