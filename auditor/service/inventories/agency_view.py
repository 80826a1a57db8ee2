"""Restricts an inventory to the part that an agency may see: its own subjects and those of units under it."""

from collections.abc import Mapping

from inventory.comparison import InventoryDifferences, differences
from inventory.inventory import Inventory
from inventory.model import AgencyId
from inventory.organisation import Organisation


class InventoryView:
    """Shows the visible part of one inventory, and its differences from another one.

    ``own``: the agency that the reader is bound to; None for a reader of everything.
    """

    def __init__(self, own: AgencyId | None, inventory: Inventory) -> None:
        self._own, self._organisation = own, inventory.organisation
        self.subjects = tuple(subject for subject in inventory.subjects if self.sees(subject.agency))

    def sees(self, agency: AgencyId | None) -> bool:
        return within(self._own, agency, self._organisation)

    @property
    def whole(self) -> bool:
        return self._own is None

    @property
    def names(self) -> Mapping[AgencyId, str]:
        """The names of the visible agencies by code."""
        return {unit.code: unit.name for unit in self._organisation.walk() if self.sees(unit.code)}

    def differences(self, before: Inventory | None, after: Inventory) -> InventoryDifferences:
        """Return the visible differences; a subject that moved is visible if both of its agencies are.

        Only a reader of everything gets the counts of units and exemptions.
        """
        found = differences(before, after)
        if self.whole:
            return found
        old = Organisation() if before is None else before.organisation
        mine = tuple(
            subject
            for subject in found.subjects
            if (subject.after is None or self.sees(subject.after.agency))
            and (subject.before is None or within(self._own, subject.before.agency, old))
        )
        return InventoryDifferences(subjects=mine, units=(0, 0), exemptions=(0, 0))


def within(own: AgencyId | None, agency: AgencyId | None, organisation: Organisation) -> bool:
    """True if ``agency`` is ``own`` or a unit under it; always if ``own`` is None."""
    if own is None or agency == own:
        return True
    return (
        agency is not None
        and organisation.unit(agency) is not None
        and any(unit.code == own for unit in organisation.ancestors(agency))
    )
