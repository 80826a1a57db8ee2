"""Keeps the units and their positions with the figures of a judgement.

Pages then need no inventory with all its subjects.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from inventory.dataclass_json import SerialError, from_bytes, to_bytes
from inventory.inventory import Inventory
from inventory.model import AgencyId, Coordinates
from inventory.organisation import Organisation
from inventory.positions import positions


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPosition:
    """Holds the position of one unit."""

    unit: AgencyId
    coordinates: Coordinates


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedUnits:
    """Holds the units of an inventory and the positions of those that have one."""

    organisation: Organisation
    places: tuple[UnitPosition, ...] = ()

    @property
    def positions(self) -> Mapping[AgencyId, Coordinates]:
        return {place.unit: place.coordinates for place in self.places}


def units_of(inventory: Inventory) -> PlacedUnits:
    """Return the units of an inventory with their positions, to be kept."""
    places = (UnitPosition(unit=unit, coordinates=where) for unit, where in positions(inventory).items())
    return PlacedUnits(organisation=inventory.organisation, places=tuple(places))


def written(units: PlacedUnits) -> bytes:
    """Return units as bytes to keep."""
    return to_bytes(units)


def read(data: bytes) -> PlacedUnits | None:
    """Return units from kept bytes; None if their format differs."""
    try:
        return from_bytes(PlacedUnits, data)
    except SerialError:
        return None
