"""Rewrites workbooks small and plain before a spreadsheet library reads them.

calamine holds a sheet as a full rectangle, so one cell in the last corner, or one repeated cell, would ask for more
memory than there is and end the process. It also looks for its parts by itself: so it is given an archive of our own
that contains only the parts that were inspected.

Not every sheet lies where Excel puts it, and not every cell names its position: a cell without one follows the one
before, a row without one follows the row above.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from xml.parsers import expat

UNPACKED_LIMIT = 200 * 2**20
CELLS_LIMIT = 2_000_000
_MEMBERS_LIMIT = 5_000
_CHUNK = 2**20
_SHEET = b"sheetData"  # the element around the cells; no other member of a workbook has it
_KEPT = (".xml", ".rels")
_REFERENCE = re.compile(r"([A-Za-z]++)([0-9]++)")
_ODS_CELLS = ("table:table-cell", "table:covered-table-cell")
_FAR = 10**9
"""Any row or column beyond every spreadsheet's."""


class TooManyCellsError(ValueError):
    """A sheet's rectangle has more cells than are read."""


def repacked(data: bytes) -> bytes | None:
    """The members that hold text, and nothing else, as an archive; None where they are too large once unpacked.

    Raises TooManyCellsError; BadZipFile, or what ``zipfile`` lets through of the decompressors, for a broken one.
    """
    made = io.BytesIO()
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
            _look_through(name, text)
            ours.writestr(name, text)
    return made.getvalue()


def _is_kept(name: str) -> bool:
    return name == "mimetype" or name.lower().endswith(_KEPT)


def _look_through(name: str, text: bytes) -> None:
    if name == "content.xml":
        _OdsExtent().measure(text)
    if _SHEET in text:
        _Extent().measure(text)


class _Extent:
    """The rectangle around the cells of one sheet."""

    def __init__(self) -> None:
        self._row = self._column = self._rows = self._columns = 0

    def measure(self, text: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
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
        name, said = tag.rpartition(":")[2], attributes.get("r", "")
        if name == "row":
            self._row, self._column = max(self._row + 1, _count(said)), 0
        elif name == "c":
            place = _REFERENCE.fullmatch(said)
            self._column = max(self._column + 1, _column_number(place[1]) if place else _FAR if said else 0)
            self._rows = max(self._rows, self._row, _count(place[2]) if place else 0)
            self._columns = max(self._columns, self._column)

    def _end(self, tag: str) -> None:
        """Only cells of ODS are told apart by what is in them."""


def _column_number(letters: str) -> int:
    if len(letters) > 6:
        return _FAR
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _count(digits: str) -> int:
    """A number as it is written, also with zeros in front or a sign; what is none counts as far away."""
    stripped = digits.strip(" \t\r\n").lstrip("+").lstrip("0")
    if not digits or not stripped:
        return 0
    return int(stripped) if stripped.isascii() and stripped.isdecimal() and len(stripped) < 10 else _FAR


class _OdsExtent(_Extent):
    """The same for ODS, up to the last cell with anything in it, repeats counted; trailing empty ones cost nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._inside = 0

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "table:table" and not self._inside:
            self._check()
            self._row = self._column = self._rows = self._columns = 0
        elif tag == "table:table-row" and not self._inside:
            self._row, self._column = self._row + _repeated(attributes, "rows"), 0
        elif tag in _ODS_CELLS:
            self._inside += 1
            self._column += _repeated(attributes, "columns")
            if not any(name.startswith("office:") for name in attributes):
                return
        if self._inside:
            self._rows, self._columns = max(self._rows, self._row), max(self._columns, self._column)

    def _end(self, tag: str) -> None:
        self._inside -= tag in _ODS_CELLS


def _repeated(attributes: Mapping[str, str], what: str) -> int:
    return max(1, _count(attributes.get(f"table:number-{what}-repeated", "")))
