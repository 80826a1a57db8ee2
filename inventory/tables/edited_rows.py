"""Writes an inventory as tables in which one row or agency is new or changed, to be read again like any other file."""

from collections.abc import Mapping
from dataclasses import replace

from inventory.inventory import Inventory
from inventory.model import AgencyId, SubjectId
from inventory.tables.columns import Column, TableKind
from inventory.tables.written_tables import ORDER, WrittenTable, written_tables

_OF_THE_UNIT = frozenset({Column.AGENCY_NAME, Column.PARENT_CODE, Column.UNIT_LEVEL})
"""Columns about the agency, which its own row in the table of units has."""
EDITABLE = tuple(column for column in ORDER[TableKind.TARGETS] if column not in _OF_THE_UNIT)


def row_of(inventory: Inventory, subject: SubjectId, lang: str) -> Mapping[Column, str] | None:
    """Return the texts of a subject's row by column; None where the inventory has no such subject."""
    table = written_tables(inventory, lang)[0]
    position = _position(inventory, subject)
    if position is None:
        return None
    return {column: text for column, text in zip(table.columns, table.rows[position], strict=True) if text}


def with_changed_row(
    inventory: Inventory, subject: SubjectId, texts: Mapping[Column, str], lang: str
) -> tuple[WrittenTable, ...]:
    """Return the tables with other texts in this subject's row, which keeps its id also under another name."""
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


def with_new_row(inventory: Inventory, texts: Mapping[Column, str], lang: str) -> tuple[WrittenTable, ...]:
    """Write the tables with one more row, after those that there are."""
    targets, *others = written_tables(inventory, lang)
    columns = tuple(ORDER[TableKind.TARGETS])
    new = {column: texts.get(column, "") for column in EDITABLE}
    rows = tuple(_cells(row, columns) for row in (*_rows(targets), new))
    return (WrittenTable(TableKind.TARGETS, columns, rows), *others)


def unit_row(inventory: Inventory, code: AgencyId, lang: str) -> Mapping[Column, str] | None:
    """Return the texts of an agency's row by column; None where the inventory has no such agency."""
    for table in written_tables(inventory, lang):
        if table.kind is TableKind.UNITS:
            for row in table.rows:
                written = dict(zip(table.columns, row, strict=True))
                if written[Column.AGENCY_CODE] == code:
                    return written
    return None


def with_unit(inventory: Inventory, texts: Mapping[Column, str], lang: str) -> tuple[WrittenTable, ...]:
    """Return the tables with these texts for the agency of this code: changed where it exists, else added."""
    code = texts.get(Column.AGENCY_CODE, "")
    tables = {table.kind: table for table in written_tables(inventory, lang)}
    targets = _with_texts(tables[TableKind.TARGETS], code, {column: texts.get(column, "") for column in _OF_THE_UNIT})
    columns = tuple(ORDER[TableKind.UNITS])
    units = tables.get(TableKind.UNITS, WrittenTable(TableKind.UNITS, columns, ()))
    others = [row for row in _rows(units) if row[Column.AGENCY_CODE] != code]
    position = next((at for at, row in enumerate(_rows(units)) if row[Column.AGENCY_CODE] == code), len(others))
    others.insert(position, {column: texts.get(column, "") for column in columns})
    written = WrittenTable(TableKind.UNITS, columns, tuple(_cells(row, columns) for row in others))
    rest = (table for kind, table in tables.items() if kind not in (TableKind.TARGETS, TableKind.UNITS))
    return (targets, written, *rest)


def _with_texts(targets: WrittenTable, code: str, texts: Mapping[Column, str]) -> WrittenTable:
    """Return the rows of one agency's subjects with other texts about the agency."""
    columns = tuple(ORDER[TableKind.TARGETS])
    rows = ({**row, **texts} if row[Column.AGENCY_CODE] == code else row for row in _rows(targets))
    return WrittenTable(TableKind.TARGETS, columns, tuple(_cells(row, columns) for row in rows))


def _rows(table: WrittenTable) -> list[dict[Column, str]]:
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def _cells(row: Mapping[Column, str], columns: tuple[Column, ...]) -> tuple[str, ...]:
    return tuple(row.get(column, "") for column in columns)


def without_row(inventory: Inventory, subject: SubjectId, lang: str) -> tuple[WrittenTable, ...]:
    """Return the tables without this subject and its exemptions."""
    rest = replace(
        inventory,
        subjects=tuple(each for each in inventory.subjects if each.id != subject),
        exemptions=tuple(each for each in inventory.exemptions if each.subject != subject),
    )
    return written_tables(rest, lang)


def _position(inventory: Inventory, subject: SubjectId) -> int | None:
    return next((number for number, each in enumerate(inventory.subjects) if each.id == subject), None)
