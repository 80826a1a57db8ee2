"""Writes a row of texts at once: a workbook has a million cells, and most of their texts stand in many of them."""

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from auditor.framework.message_format import clean
from reports.table_rows import LONGEST_CELL

_KEPT, _LONGEST_KEPT = 16_384, 200
"""Texts whose cells are kept, and characters of the longest of them."""
_LETTERS = tuple(xl_col_to_name(number) for number in range(64))


def cell(text: str) -> str:
    """Text from anywhere; written as a string, no spreadsheet computes it."""
    return clean(text, LONGEST_CELL)


def cell_of_lines(lines: Iterable[str]) -> str:
    """The same of several texts, one below the other in one cell."""
    return "\n".join(map(cell, lines))[:LONGEST_CELL]


class TextSheet(Worksheet):  # type: ignore[misc]  # untyped
    """A sheet that is written row by row (``constant_memory``), and takes whole rows of texts beside single cells."""

    def write_texts(self, row: int, texts: Sequence[str], styles: tuple[Format | None, ...]) -> None:
        """Write what ``write_string`` of each cell, in its style, would write. Rows come in their order."""
        self._check_dimensions(row, len(texts) - 1)
        self._write_single_row(row)  # the one before
        number = str(row + 1)
        cells = "".join(
            [
                f"{before}{number}{after}{_inline(text)}</c>"
                for (before, after), text in zip(self._around(styles), texts, strict=True)
            ]
        )
        self.fh.write(f'<row r="{number}">{cells}</row>')

    def _around(self, styles: tuple[Format | None, ...]) -> Sequence[tuple[str, str]]:
        """Give what stands before and after the number of the row in the cells of these styles."""
        made = self._made_around.get(styles)
        if made is None:
            made = self._made_around[styles] = [
                (f'<c r="{letter}', f'"{_style(style)} t="inlineStr">')
                for letter, style in zip(_LETTERS, styles, strict=False)
            ]
        return made

    @cached_property
    def _made_around(self) -> dict[tuple[Format | None, ...], Sequence[tuple[str, str]]]:
        return {}


def _style(style: Format | None) -> str:
    return "" if style is None else f' s="{style._get_xf_index()}"'


def _inline(text: str) -> str:
    """The content of a cell; a text of any length, made anew where it is long."""
    return _kept(text) if len(text) <= _LONGEST_KEPT else _made(text)


def _made(text: str) -> str:
    said: str = Worksheet._escape_control_characters(cell(text))
    space = ' xml:space="preserve"' if said[:1].isspace() or said[-1:].isspace() else ""
    escaped = said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<is><t{space}>{escaped}</t></is>"


_kept = lru_cache(maxsize=_KEPT)(_made)
