"""Reads CSV as spreadsheets write it: any of three separators, quoted line breaks, a ``sep=;`` line."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import PurePath

from inventory.model import RowOrigin
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition, ProblemCollector
from inventory.sources.decoding import to_text
from inventory.sources.sheet import Sheet
from inventory.tables.choices import NO_CHOICES, Choices
from inventory.tables.table import ROW_LIMIT, SourceTable, make_table
from inventory.tables.table_header import Record, known_columns

_SEPARATORS = ",;\t|"
_SNIFFED = 64 * 1024
_SNIFFED_ROWS = 30
_SEP_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_ROWS_READ = ROW_LIMIT + 1000  # titles and blank rows beside those that count


def read_csv(
    source: str, data: bytes, problems: ProblemCollector, choices: Choices = NO_CHOICES
) -> tuple[SourceTable, ...]:
    """Return the one table of a CSV file, or none with its problems."""
    sheets = read_csv_sheet(source, data, problems)
    tables = (make_table(source, sheet.records, problems, choices) for sheet in sheets)
    return tuple(table for table in tables if table is not None)


def read_csv_sheet(source: str, data: bytes, problems: ProblemCollector) -> tuple[Sheet, ...]:
    """Return the rows of a CSV file as its one sheet; none, with a problem, where it cannot be read."""
    place = CellPosition(problems, RowOrigin(source=source))
    text = to_text(data, place)
    if text is None:
        return ()
    if not text.strip():
        place.report(Code.EMPTY_FILE)
        return ()
    records = _records(text, place)
    return () if records is None else (Sheet(source, PurePath(source).stem, tuple(records)),)


def _records(text: str, place: CellPosition) -> list[Record] | None:
    match = _SEP_LINE.match(text)
    skipped = 0
    if match:
        separator, text, skipped = match.group(1), text[match.end() :], 1
    else:
        separator = _sniff(text)
    pairs: list[Record] = []
    try:
        for number, cells in enumerate(_parse(text, separator), 1 + skipped):
            if len(pairs) > _ROWS_READ:
                break
            if cells:
                pairs.append((number, cells))
    except (csv.Error, TypeError, ValueError) as error:
        broken = RowOrigin(source=place.origin.source, row=(pairs[-1][0] if pairs else skipped) + 1)
        CellPosition(place.problems, broken).report(Code.BROKEN_CSV, why=str(error))
        return None
    return pairs


def _parse(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _sniff(text: str) -> str:
    """Return the separator by which the upper rows show the most known columns; a comma if none shows any."""
    head = text[:_SNIFFED]
    return max(_SEPARATORS, key=lambda separator: _columns_seen(head, separator))


def _columns_seen(head: str, separator: str) -> tuple[int, int]:
    most = widest = 0
    try:
        for number, cells in enumerate(_parse(head, separator)):
            if number >= _SNIFFED_ROWS:
                break
            most, widest = max(most, known_columns(cells)), max(widest, len(cells))
    except csv.Error:
        pass  # the last row may be cut in the middle; its cells so far count
    return most, widest
