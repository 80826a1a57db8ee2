"""Writes an inventory as tables in which one row is changed or left out, to be read again like any other file."""

from collections.abc import Mapping
from dataclasses import replace

from inventory.columns import Column, TableKind
from inventory.inventory import Inventory
from inventory.model import SubjectId
from inventory.written_tables import ORDER, WrittenTable, written_tables

_OF_THE_UNIT = frozenset({Column.AGENCY_NAME, Column.PARENT_CODE, Column.UNIT_LEVEL})
"""Columns about the agency; its own row in the table of units says them."""
EDITABLE = tuple(column for column in ORDER[TableKind.TARGETS] if column not in _OF_THE_UNIT)


def row_of(inventory: Inventory, subject: SubjectId, lang: str) -> Mapping[Column, str] | None:
    """The texts of a subject's row by column; None where the inventory has no such subject."""
    table = written_tables(inventory, lang)[0]
    position = _position(inventory, subject)
    if position is None:
        return None
    return {column: text for column, text in zip(table.columns, table.rows[position], strict=True) if text}


def with_changed_row(
    inventory: Inventory, subject: SubjectId, texts: Mapping[Column, str], lang: str
) -> tuple[WrittenTable, ...]:
    """The tables with other texts in this subject's row, which keeps its id also under another name."""
    targets, *others = written_tables(inventory, lang)
    columns = tuple(ORDER[TableKind.TARGETS])
    changed = _position(inventory, subject)
    rows = []
    for position, row in enumerate(targets.rows):
        written = dict(zip(targets.columns, row, strict=True))
        if position == changed:
            written = {column: texts.get(column, "") for column in EDITABLE}
            if not written[Column.ID] and written[Column.NAME] != subject:
                written[Column.ID] = subject
        rows.append(tuple(written.get(column, "") for column in columns))
    return (WrittenTable(TableKind.TARGETS, columns, tuple(rows)), *others)


def without_row(inventory: Inventory, subject: SubjectId, lang: str) -> tuple[WrittenTable, ...]:
    """The tables without this subject and its exemptions."""
    rest = replace(
        inventory,
        subjects=tuple(each for each in inventory.subjects if each.id != subject),
        exemptions=tuple(each for each in inventory.exemptions if each.subject != subject),
    )
    return written_tables(rest, lang)


def _position(inventory: Inventory, subject: SubjectId) -> int | None:
    return next((number for number, each in enumerate(inventory.subjects) if each.id == subject), None)
