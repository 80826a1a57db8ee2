"""Writes a row of texts at once: a workbook has a million cells, and most of their texts stand in many of them."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from io import TextIOWrapper
from typing import Any, BinaryIO, cast

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from auditor.framework.message_format import clean
from reports.table_rows import LONGEST_CELL

_KEPT, _LONGEST_KEPT = 1_024, 200
"""The number of cached cells of one column, and the characters of the longest of them."""
_PLAIN = re.compile("[0-9A-Za-z:./~-]+(?: [0-9A-Za-z:./~-]+)*")
"""Names and identifiers, which need no escaping: each finding has two that are unique to it."""
_LETTERS = tuple(xl_col_to_name(number) for number in range(64))


def cell(text: str) -> str:
    """Text from anywhere; written as a string, no spreadsheet computes it."""
    return clean(text, LONGEST_CELL)


def cell_of_lines(lines: Iterable[str]) -> str:
    """Return the same of several texts, one below the other in one cell."""
    return "\n".join(map(cell, lines))[:LONGEST_CELL]


class _Column(dict[str, str]):
    """Maps the text of a cell to all that stands between the number of its row in it and that in the next cell.

    A look-up and no call for most cells. Where it is full it begins anew: rows that follow each other are alike.
    """

    def __init__(self, style: Format | None, behind: str) -> None:
        super().__init__()
        self._style = "" if style is None else f' s="{style._get_xf_index()}"'
        self._behind = behind

    def __missing__(self, text: str) -> str:
        made = f'"{self._style}{_content(text)}{self._behind}'
        if len(text) <= _LONGEST_KEPT:
            if len(self) == _KEPT:
                self.clear()
            self[text] = made
        return made


class TextSheet(Worksheet):  # type: ignore[misc]  # untyped
    """A sheet that is written row by row (``constant_memory``), and takes whole rows of texts beside single cells."""

    def write_texts(self, row: int, texts: Sequence[str], styles: tuple[Format | None, ...]) -> None:
        """Write a row as ``write_string`` of each cell would, with blank cells for empty texts.

        Rows have to be written in order.
        """
        self._check_dimensions(row, len(texts) - 1)
        self._write_single_row(row)  # the one before
        number = str(row + 1)
        cells = [column[text] for column, text in zip(self._columns(styles), texts, strict=True)]
        self.fh.write(number.join(['<row r="', f'"><c r="{_LETTERS[0]}', *cells]))

    def _columns(self, styles: tuple[Format | None, ...]) -> Sequence[_Column]:
        """Return the columns of these styles; those of one place and style are one."""
        made = self._made_columns.get(styles)
        if made is None:
            behind = [*(f'<c r="{letter}' for letter in _LETTERS[1 : len(styles)]), "</row>"]
            made = self._made_columns[styles] = [
                self._each_column.setdefault(place, _Column(*place)) for place in zip(styles, behind, strict=True)
            ]
        return made

    @cached_property
    def _made_columns(self) -> dict[tuple[Format | None, ...], Sequence[_Column]]:
        return {}

    @cached_property
    def _each_column(self) -> dict[tuple[Format | None, str], _Column]:
        return {}

    def _write_optimized_sheet_data(self) -> None:
        self.row_data_fh: Any = _CopiedRows(self.row_data_fh, self.fh)
        super()._write_optimized_sheet_data()


class _CopiedRows:
    """Stands for the file of rows that the library copies: as bytes, where it would decode and encode each."""

    def __init__(self, rows: TextIOWrapper, sheet: TextIOWrapper) -> None:
        self._rows, self._sheet = cast(BinaryIO, rows.buffer), sheet
        self.seek, self.close = rows.seek, rows.close

    def read(self, size: int) -> str:
        """Copy everything at once; nothing is left to read."""
        self._sheet.flush()
        while piece := self._rows.read(size):
            self._sheet.buffer.write(piece)
        return ""


def _content(text: str) -> str:
    """Return the XML of a cell behind its style."""
    if len(text) <= LONGEST_CELL and _PLAIN.fullmatch(text):
        return f' t="inlineStr"><is><t>{text}</t></is></c>'
    said: str = Worksheet._escape_control_characters(cell(text))
    if not said:
        return "/>"
    space = ' xml:space="preserve"' if said[:1].isspace() or said[-1:].isspace() else ""
    escaped = said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f' t="inlineStr"><is><t{space}>{escaped}</t></is></c>'
