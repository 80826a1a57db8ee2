"""Finds the coordinates of each unit, from its own row or from its subjects."""

from collections.abc import Mapping

from inventory.inventory import Inventory
from inventory.model import AgencyId, Coordinates, Kind


def positions(inventory: Inventory) -> Mapping[AgencyId, Coordinates]:
    """Return the coordinates of each unit: its own, else its first connection point's, else its first subject's.

    Units without any are left out.
    """
    subjects = [subject for subject in inventory.subjects if subject.agency is not None]
    ordered = sorted(subjects, key=lambda subject: subject.kind is not Kind.CONNECTION_POINT)
    placed: dict[AgencyId, Coordinates] = {}
    for subject in ordered:
        if subject.agency is not None and subject.declared.coordinates is not None:
            placed.setdefault(subject.agency, subject.declared.coordinates)
    units = inventory.organisation.units
    return placed | {unit.code: unit.coordinates for unit in units if unit.coordinates is not None}
