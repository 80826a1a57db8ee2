"""Tells where each unit is, by its own coordinates or by those of its subjects."""

from collections.abc import Mapping

from inventory.inventory import Inventory
from inventory.model import AgencyId, Coordinates, Kind


def positions(inventory: Inventory) -> Mapping[AgencyId, Coordinates]:
    """Return the coordinates of each unit: as its row says, else of its first connection point, else of its first
    subject that has any. Units of which none are written are left out."""
    subjects = [subject for subject in inventory.subjects if subject.agency is not None]
    ordered = sorted(subjects, key=lambda subject: subject.kind is not Kind.CONNECTION_POINT)
    placed: dict[AgencyId, Coordinates] = {}
    for subject in ordered:
        if subject.agency is not None and subject.declared.coordinates is not None:
            placed.setdefault(subject.agency, subject.declared.coordinates)
    units = inventory.organisation.units
    return placed | {unit.code: unit.coordinates for unit in units if unit.coordinates is not None}
