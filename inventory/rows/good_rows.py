"""Takes the rows of an inventory that have no errors, while the others wait to be corrected."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from inventory.inventory import Inventory
from inventory.model import AgencyId, RowOrigin, SubjectId
from inventory.problems.problem import ProblemCollector
from inventory.tables.table import SourceTable
from inventory.tables.table_rows import TableRow

RowPlace = tuple[str, int | None]
_ROUNDS = 20
"""The most rounds: rows left out can make others wrong, such as those under a unit that has no row any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """Holds a target that has errors: its position, and its id and agency as far as they can be read."""

    id: SubjectId
    agency: AgencyId | None = None
    name: str = ""
    origin: RowOrigin | None = None


def take_good_rows(
    tables: Sequence[SourceTable],
    wrong: AbstractSet[RowPlace],
    assemble: Callable[[Sequence[SourceTable], ProblemCollector], Inventory],
) -> Inventory | None:
    """Return the inventory without the wrong rows; None where there are errors in other places than rows."""
    rows = {_place(row) for table in tables for row in table.rows}
    left_out = set(wrong)
    for _ in range(_ROUNDS):
        if left_out - rows:
            return None
        problems = ProblemCollector()
        kept = [
            replace(table, rows=tuple(row for row in table.rows if _place(row) not in left_out)) for table in tables
        ]
        inventory = assemble(kept, problems)
        if not problems.wrong_rows:
            return inventory
        left_out |= problems.wrong_rows
    return None


def with_ids_of(whole: Inventory, kept: Inventory) -> Inventory:
    """Return ``kept`` with the ids of ``whole``, so that the id of a row does not depend on the rows that wait."""
    ids = {subject.origin: subject.id for subject in whole.subjects}
    renamed = {subject.id: ids[subject.origin] for subject in kept.subjects}
    return replace(
        kept,
        subjects=tuple(replace(subject, id=renamed[subject.id]) for subject in kept.subjects),
        exemptions=tuple(
            replace(exemption, subject=renamed[exemption.subject]) if exemption.subject is not None else exemption
            for exemption in kept.exemptions
        ),
    )


def waiting_rows(whole: Inventory, kept: Inventory) -> tuple[WaitingRow, ...]:
    """Return the targets of ``whole`` that are not among those kept."""
    origins = {subject.origin for subject in kept.subjects}
    return tuple(
        WaitingRow(id=each.id, agency=each.agency, name=each.name, origin=each.origin)
        for each in whole.subjects
        if each.origin not in origins
    )


def _place(row: TableRow) -> RowPlace:
    return row.origin.source, row.origin.row
