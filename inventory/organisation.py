"""Defines the tree of organisation units that own subjects; levels are data, not code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from inventory.model import AgencyId, Coordinates, Kind, Subject, SubjectId


def unit_subject(code: AgencyId) -> SubjectId:
    """Return the id under which an organisation unit is a subject."""
    return SubjectId(f"unit:{code}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Holds one unit.

    ``name`` is the code where no name is given; ``level`` is a word such as province or commune; ``contact`` is the
    person or office that answers for it; ``coordinates`` are those of its seat.
    """

    code: AgencyId
    name: str
    parent: AgencyId | None = None
    level: str = ""
    contact: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    coordinates: Coordinates | None = None

    def in_force(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Holds units with known parents, without cycles; raise ValueError for others.

    Siblings keep the order in which they were written.
    """

    units: tuple[Unit, ...] = ()
    _by_code: Mapping[AgencyId, Unit] = field(init=False, repr=False, compare=False)
    _children: Mapping[AgencyId | None, tuple[Unit, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_code = {unit.code: unit for unit in self.units}
        children: dict[AgencyId | None, list[Unit]] = {}
        for unit in self.units:
            if unit.parent is not None and unit.parent not in by_code:
                raise ValueError(f"unit {unit.code!r}: unknown parent {unit.parent!r}")
            children.setdefault(unit.parent, []).append(unit)
        object.__setattr__(self, "_by_code", MappingProxyType(by_code))
        object.__setattr__(self, "_children", {parent: tuple(units) for parent, units in children.items()})
        if len(by_code) < len(self.units):
            raise ValueError("two units with one code")
        if sum(1 for _ in self.walk()) < len(self.units):
            raise ValueError("units that are their own ancestors")

    @property
    def roots(self) -> tuple[Unit, ...]:
        return self._children.get(None, ())

    def roots_in_force(self, day: date) -> tuple[Unit, ...]:
        """Return the units at the top without those that have become part of another."""
        return tuple(unit for unit in self.roots if unit.in_force(day))

    def unit(self, code: AgencyId | None) -> Unit | None:
        return None if code is None else self._by_code.get(code)

    def children(self, code: AgencyId) -> tuple[Unit, ...]:
        return self._children.get(code, ())

    def parent(self, code: AgencyId) -> Unit | None:
        return self.unit(self._by_code[code].parent)

    def ancestors(self, code: AgencyId) -> tuple[Unit, ...]:
        """Return the units above a unit, from its parent up to the root."""
        units: list[Unit] = []
        above = self.parent(code)
        while above is not None:
            units.append(above)
            above = self.unit(above.parent)
        return tuple(units)

    def walk(self, top: AgencyId | None = None) -> Iterator[Unit]:
        """Yield every unit, or ``top`` and those under it, in pre-order: parents first, siblings in their order."""
        start = self.roots if top is None else (self._by_code[top],)
        waiting = list(reversed(start))
        while waiting:
            unit = waiting.pop()
            yield unit
            waiting.extend(reversed(self.children(unit.code)))

    def units_in_force(self, day: date) -> tuple[Unit, ...]:
        return tuple(unit for unit in self.walk() if unit.in_force(day))

    def subjects_in_force(self, day: date) -> tuple[Subject, ...]:
        """Return units as subjects (``unit:CODE``), so that a unit without any row of its own is shown too."""
        return tuple(
            Subject(
                id=unit_subject(unit.code),
                kind=Kind.UNIT,
                kinds=frozenset({Kind.UNIT}),
                agency=unit.code,
                name=unit.name,
                valid_from=unit.valid_from,
                valid_to=unit.valid_to,
            )
            for unit in self.units_in_force(day)
        )
