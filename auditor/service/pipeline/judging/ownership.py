"""Assigns zones and mail exchangers that no row names to the agencies of the rows that led to them.

The assignment is computed when a run is read, from all owners together, so that it does not depend on the order of
measurement.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from inventory.inventory import Inventory
from inventory.model import AgencyId, Expectation, ExpectedState, Subject, SubjectId
from inventory.organisation import Organisation


class _Owner(NamedTuple):
    """Holds the values of a row that the subjects derived from it inherit."""

    agency: AgencyId | None
    expected: Expectation


class Ownership:
    """Assigns the derived subjects of one run. ``inventory`` holds the rows, which are the owners.

    Every process that judges is handed one, so it holds only these values of a row, and equal values once.
    """

    def __init__(self, inventory: Inventory, day: date) -> None:
        alike: dict[_Owner, _Owner] = {}
        self._rows: dict[SubjectId, _Owner] = {}
        for subject in inventory.subjects:
            owner = _Owner(subject.agency, subject.expected)
            self._rows[subject.id] = alike.setdefault(owner, owner)
        self._organisation = inventory.organisation
        self._day = day

    def settled(self, subject: Subject) -> Subject:
        """Return the subject with the agency common to all owners, excused from IPv6 only if every owner is."""
        if subject.id in self._rows or not subject.derived_from:
            return subject
        owners = [self._rows[owner] for owner in subject.derived_from if owner in self._rows]
        return replace(
            subject,
            agency=common_agency([owner.agency for owner in owners], self._organisation),
            expected=self._expected(owners),
        )

    def _expected(self, owners: Sequence[_Owner]) -> Expectation:
        excused = [owner for owner in owners if owner.expected.in_force(self._day) is not ExpectedState.REQUIRED]
        return excused[0].expected if owners and len(excused) == len(owners) else Expectation()


def common_agency(agencies: Sequence[AgencyId | None], organisation: Organisation) -> AgencyId | None:
    """Return the lowest unit that all agencies are or belong to; None if there is none."""
    lines = [_line(agency, organisation) for agency in agencies]
    if not lines:
        return None
    return next((unit for unit in lines[0] if all(unit in line for line in lines)), None)


def _line(agency: AgencyId | None, organisation: Organisation) -> tuple[AgencyId, ...]:
    """Return an agency and the units above it, nearest first."""
    if agency is None:
        return ()
    if organisation.unit(agency) is None:
        return (agency,)
    return (agency, *(unit.code for unit in organisation.ancestors(agency)))


def by_agency(owners: Mapping[SubjectId, AgencyId | None]) -> Iterator[tuple[AgencyId | None, list[SubjectId]]]:
    """Group subjects by the agency they belong to, with agencies and ids in the order of their texts."""
    groups: dict[AgencyId | None, list[SubjectId]] = {}
    for subject, agency in owners.items():
        groups.setdefault(agency, []).append(subject)
    for agency in sorted(groups, key=lambda code: code or ""):
        yield agency, sorted(groups[agency])
