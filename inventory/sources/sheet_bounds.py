"""Rewrites workbooks small and plain before a spreadsheet library reads them, and notes facts that it leaves out.

calamine holds a sheet as a full rectangle, so one cell in the last corner, or one repeated cell, would ask for more
memory than there is and end the process. It also looks for its parts by itself: so it is given an archive of our own
that contains only the parts that were inspected.

Not every sheet lies where Excel puts it, and not every cell names its position: a cell without one follows the one
before, a row without one follows the row above.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

from inventory.sources.sheet_marks import SheetMarks

UNPACKED_LIMIT = 200 * 2**20
CELLS_LIMIT = 2_000_000
_MEMBERS_LIMIT = 5_000
_CHUNK = 2**20
_SHEET = b"sheetData"  # the element around the cells; no other member of a workbook has it
_KEPT = (".xml", ".rels")
_TRUE = ("1", "true")
_ERROR = 20
"""The most characters of a formula's error, such as ``#REF!``."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_MOST_LETTERS = 6
_ODS_CELLS = ("table:table-cell", "table:covered-table-cell")
_ODS_AXES = ("rows", "columns")
_FAR = 10**9
"""The number for any row or column beyond those of every spreadsheet."""


class TooManyCellsError(ValueError):
    """Raised for a sheet with a rectangle of more cells than are read."""


@dataclass(frozen=True, slots=True)
class Repacked:
    """Holds the members with text as an archive; ``marks`` by the name of the member, in ODS by that of the sheet."""

    archive: bytes
    marks: Mapping[str, SheetMarks] = field(default_factory=dict)


def repacked(data: bytes) -> Repacked | None:
    """Keep only the members that hold text; return None where they are too large once unpacked.

    Raise TooManyCellsError; BadZipFile, or errors of the decompressors that ``zipfile`` passes on, for a broken one.
    """
    made = io.BytesIO()
    marks: dict[str, SheetMarks] = {}
    left = UNPACKED_LIMIT
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as ours:
        members = {each.filename: each for each in archive.infolist() if _is_kept(each.filename)}
        if len(archive.infolist()) > _MEMBERS_LIMIT:
            raise zipfile.BadZipFile("more members than a workbook has")
        for name, member in members.items():
            with archive.open(member) as opened:
                text = opened.read(left + 1)
            left -= len(text)
            if left < 0:
                return None
            marks |= _look_through(name, text)
            ours.writestr(name, text)
    return Repacked(made.getvalue(), marks)


def _is_kept(name: str) -> bool:
    return name == "mimetype" or name.lower().endswith(_KEPT)


def _look_through(name: str, text: bytes) -> Mapping[str, SheetMarks]:
    marks: Mapping[str, SheetMarks] = {}
    if name == "content.xml":
        sheets = _OdsExtent()
        sheets.measure(text)
        marks = sheets.sheets
    if _SHEET in text:
        sheet = _Extent()
        sheet.measure(text)
        marks = {**marks, name: sheet.marks}
    return marks


class _Extent:
    """Measures the rectangle around the cells of one sheet, and collects its marks."""

    def __init__(self) -> None:
        self._row = self._column = self._rows = self._columns = 0
        self._error: list[str] | None = None  # the text of a formula's error while it is read
        self._parser = expat.ParserCreate()
        self.marks = SheetMarks()

    def measure(self, text: bytes) -> None:
        parser = self._parser
        parser.StartElementHandler = self._start
        try:
            for at in range(0, len(text), _CHUNK):
                parser.Parse(text[at : at + _CHUNK], False)
                self._check()
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise zipfile.BadZipFile(str(error)) from error
        self._check()

    def _check(self) -> None:
        if self._rows * self._columns > CELLS_LIMIT:
            raise TooManyCellsError

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition(":")[2] if ":" in tag else tag
        if name == "c":
            column, row = _position(attributes.get("r", ""))
            self._column = max(self._column + 1, column)
            self._rows = max(self._rows, self._row, row)
            self._columns = max(self._columns, self._column)
            self._listen([] if attributes.get("t") == "e" else None)
        elif name == "row":
            self._row, self._column = max(self._row + 1, _count(attributes.get("r", ""))), 0
            if attributes.get("hidden") in _TRUE:
                self.marks.hide_rows(self._row)
        elif name == "col" and attributes.get("hidden") in _TRUE:
            self.marks.hide_columns(_count(attributes.get("min", "")), _count(attributes.get("max", "")))

    def _text(self, text: str) -> None:
        if self._error is not None:
            self._error.append(text[:_ERROR])

    def _end(self, tag: str) -> None:
        if self._error is not None and tag.rpartition(":")[2] == "v":
            self.marks.add_error(self._row, self._column, "".join(self._error)[:_ERROR])
            self._listen(None)

    def _listen(self, error: list[str] | None) -> None:
        """Set the handlers of texts and ends only within a cell with an error: calls for every cell would be slow."""
        if error is not None or self._error is not None:
            self._error = error
            self._parser.CharacterDataHandler = None if error is None else self._text
            self._parser.EndElementHandler = None if error is None else self._end


def _position(reference: str) -> tuple[int, int]:
    """Return the column and row of a reference such as ``B12``; ``_FAR`` for an invalid one, and 0 for none at all."""
    digits = reference.lstrip(_LETTERS)
    letters = len(reference) - len(digits)
    if not letters or not digits.isdecimal() or not digits.isascii():
        return (_FAR if reference else 0), 0
    return _column_number(reference[:letters]) if letters <= _MOST_LETTERS else _FAR, _count(digits)


@lru_cache(maxsize=1024)
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _count(digits: str) -> int:
    """Return a number, also with zeros in front or a sign; 0 for an empty one and ``_FAR`` for an invalid one."""
    stripped = digits.strip(" \t\r\n").lstrip("+").lstrip("0")
    if not digits or not stripped:
        return 0
    return int(stripped) if stripped.isascii() and stripped.isdecimal() and len(stripped) < 10 else _FAR


class _OdsExtent(_Extent):
    """Measures a sheet of ODS up to the last cell with anything in it, repeats counted; trailing empty ones are not."""

    def __init__(self) -> None:
        super().__init__()
        self._parser.EndElementHandler = self._end
        self._inside = 0
        self._titled = 0  # the number of declared columns
        self.sheets: dict[str, SheetMarks] = {}

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "table:table" and not self._inside:
            self._check()
            self._row = self._column = self._rows = self._columns = self._titled = 0
            self.marks = self.sheets[attributes.get("table:name", "")] = SheetMarks()
        elif tag == "table:table-column" and not self._inside:
            first, self._titled = self._titled + 1, self._titled + _repeated(attributes, "columns")
            if _is_hidden(attributes):
                self.marks.hide_columns(first, self._titled)
        elif tag == "table:table-row" and not self._inside:
            first, self._row, self._column = self._row + 1, self._row + _repeated(attributes, "rows"), 0
            if _is_hidden(attributes):
                self.marks.hide_rows(first, self._row)
        elif tag in _ODS_CELLS:
            if not self._inside:
                self.marks.merge(self._row, self._column + 1, *(_spanned(attributes, each) for each in _ODS_AXES))
            self._inside += 1
            self._column += _repeated(attributes, "columns")
            if not any(name.startswith("office:") for name in attributes):
                return
        if self._inside:
            self._rows, self._columns = max(self._rows, self._row), max(self._columns, self._column)

    def _end(self, tag: str) -> None:
        self._inside -= tag in _ODS_CELLS


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return attributes.get("table:visibility") in ("collapse", "filter")


def _spanned(attributes: Mapping[str, str], what: str) -> int:
    return max(1, _count(attributes.get(f"table:number-{what}-spanned", "")))


def _repeated(attributes: Mapping[str, str], what: str) -> int:
    return max(1, _count(attributes.get(f"table:number-{what}-repeated", "")))
