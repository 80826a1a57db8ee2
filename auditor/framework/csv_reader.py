"""Reads small CSV tables that an operator writes by hand, and locates each problem by file, row and field.

Header names are English or Vietnamese; fields are separated by comma, semicolon or tab. Problems are collected, not
raised.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from auditor.framework.message_format import clean
from auditor.framework.operator_problems import OperatorProblem, nearest, problem
from inventory.word_matching import fold

MOST_BYTES = 5_000_000
MOST_ROWS = 50_000
LONGEST_CELL = 1_000
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_GROUPED = re.compile(r"-?\d{1,3}[.,]\d{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvColumn:
    """Describes one column: its name in the program, and other names that a header may use."""

    name: str
    also: tuple[str, ...] = ()
    needed: bool = False


@dataclass(frozen=True, slots=True)
class CsvRow:
    """Holds one row with its cells as text; ``place`` is ``FILE:ROW``. Unreadable values are added to ``problems``."""

    place: str
    cells: Mapping[str, str]
    problems: list[OperatorProblem]

    def at(self, column: str) -> str:
        return f"{self.place}:{column}"

    def text(self, column: str) -> str:
        return self.cells.get(column, "")

    def day(self, column: str) -> date | None:
        """Return the date of a cell, ``2026-12-31`` or ``31/12/2026``; None if empty, None and a problem if no date."""
        text = self.text(column)
        if not text:
            return None
        match = _DAY.fullmatch(text)
        try:
            if match is None:
                return date.fromisoformat(text)
            return date(int(match[3]), int(match[2]), int(match[1]))
        except ValueError:
            self.problems.append(
                problem("is not a date (2026-12-31 or 31/12/2026): '{text}'", at=self.at(column), text=clean(text))
            )
        return None

    def number(self, column: str) -> float | None:
        """Return a number with a decimal point or comma, or None; a problem if it is none or ambiguous (``1.234``)."""
        text = self.text(column).removesuffix("%").strip()
        if _GROUPED.fullmatch(text):
            self.problems.append(
                problem("could be read in two ways: '{text}'; write it without grouping", at=self.at(column), text=text)
            )
        elif _NUMBER.fullmatch(text) and len(text) <= 18:
            return float(text.replace(",", "."))
        elif text:
            self.problems.append(problem("is not a number: '{text}'", at=self.at(column), text=clean(text)))
        return None


def read_rows(
    data: bytes, source: str, columns: Sequence[CsvColumn], problems: list[OperatorProblem]
) -> Iterator[CsvRow]:
    """Yield the rows under the header; a file that is no such table yields none and adds its problems."""
    text = _decoded(data, source, problems)
    if text is None:
        return
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
    header: list[str | None] | None = None
    try:
        for cells in lines:
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = _header(cells, f"{source}:{lines.line_num}", columns, problems)
                continue
            row = _row(cells, f"{source}:{lines.line_num}", header, problems)
            _complete(row, columns, header)
            yield row
            if lines.line_num > MOST_ROWS:
                problems.append(problem("has more than {most:n} {most/row/rows}", at=source, most=MOST_ROWS))
                return
    except csv.Error as error:
        problems.append(problem("is not a table: {why}", at=f"{source}:{lines.line_num}", why=str(error)))
    if header is None:
        problems.append(problem("has no rows", at=source))


def _decoded(data: bytes, source: str, problems: list[OperatorProblem]) -> str | None:
    if len(data) > MOST_BYTES:
        problems.append(problem("is larger than {most:n} bytes", at=source, most=MOST_BYTES))
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        problems.append(problem("is not text in UTF-8", at=source))
        return None


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return max(",;\t", key=head.count)


def _header(
    cells: Sequence[str], place: str, columns: Sequence[CsvColumn], problems: list[OperatorProblem]
) -> list[str | None]:
    words = {fold(word): column.name for column in columns for word in (column.name, *column.also)}
    found: list[str | None] = [words.get(fold(cell)) for cell in cells]
    for cell, name in zip(cells, found, strict=True):
        if name is None and cell.strip():
            hint = nearest(cell, [column.name for column in columns])
            problems.append(problem("unknown column '{column}'", at=place, column=clean(cell), hint=hint))
        elif name is not None and found.count(name) > 1:
            problems.append(problem("column '{column}' stands twice", at=place, column=name))
    missing = [column.name for column in columns if column.needed and column.name not in found]
    problems += [problem("column '{column}' is missing", at=place, column=name) for name in missing]
    return found


def _row(cells: Sequence[str], place: str, header: Sequence[str | None], problems: list[OperatorProblem]) -> CsvRow:
    held: dict[str, str] = {}
    for cell, name in zip(cells, header, strict=False):
        text = " ".join(cell.split())
        if name is not None and len(text) > LONGEST_CELL:
            problems.append(problem("is longer than {most:n} characters", at=f"{place}:{name}", most=LONGEST_CELL))
        elif name is not None and text:
            held[name] = text
    if any(cell.strip() for cell in cells[len(header) :]):
        problems.append(problem("has more fields than the header", at=place))
    return CsvRow(place, held, problems)


def _complete(row: CsvRow, columns: Sequence[CsvColumn], header: Sequence[str | None]) -> None:
    for column in columns:
        if column.needed and column.name in header and not row.text(column.name):
            row.problems.append(problem("is missing", at=row.at(column.name)))
