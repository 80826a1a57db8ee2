"""Writes an inventory as a file that is edited and imported again: XLSX, or CSV with one file for each table."""

import csv
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from inventory.inventory import Inventory
from inventory.tables.formula_guard import guarded
from inventory.tables.written_tables import WrittenTable, written_tables

FILE_TYPES = ("xlsx", "csv")


@dataclass(frozen=True, slots=True)
class WrittenInventory:
    data: bytes
    suffix: str
    content_type: str


def written_inventory(inventory: Inventory, kind: str, lang: str) -> WrittenInventory:
    """Return the inventory as one of ``FILE_TYPES``; several tables of CSV come as a ZIP archive."""
    tables = written_tables(inventory, lang)
    if kind == "xlsx":
        from inventory.workbooks.editable import filled_workbook  # needs an extra; CSV does not

        workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return WrittenInventory(filled_workbook(tables, lang), "xlsx", workbook)
    files = csv_files(tables, lang)
    if len(files) == 1:
        return WrittenInventory(files[0][1], "csv", "text/csv")
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return WrittenInventory(written.getvalue(), "zip", "application/zip")


def csv_files(tables: Iterable[WrittenTable], lang: str) -> list[tuple[str, bytes]]:
    """Return a file for each table, in UTF-8 with the byte order mark by which spreadsheets recognise it."""
    return [(f"{table.kind.value}.csv", csv_text(table, lang).encode("utf-8-sig")) for table in tables]


def csv_text(table: WrittenTable, lang: str) -> str:
    """Return the table as CSV in which no cell begins a formula."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(table.header(lang))
    rows.writerows([guarded(cell) for cell in row] for row in table.rows)
    return written.getvalue()
