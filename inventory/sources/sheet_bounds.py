"""Whether a workbook stays small once it is unpacked. calamine holds a sheet as a full rectangle, so one cell in the
last corner, or one repeated cell, would ask for more memory than there is and end the process.

Not every sheet lies where Excel puts it, and not every cell says its place: one without goes beside the one before, a
row without under it.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from xml.parsers import expat

UNPACKED_LIMIT = 400 * 2**20
CELLS_LIMIT = 10_000_000
_CHUNK = 2**20
_SHEET = b"sheetData"  # the element around the cells; no other member of a workbook has it
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_ODS_CELLS = ("table:table-cell", "table:covered-table-cell")


def is_within_bounds(data: bytes) -> bool:
    """Also for what is no archive at all: a reader will say so. Raises BadZipFile, or what ``zipfile`` lets through of
    the decompressors, for a broken one."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return True
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > UNPACKED_LIMIT:
            return False
        return all(_is_small(archive, member) for member in members)


def _is_small(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    if member.filename == "content.xml" and not _OdsExtent().is_small(_chunks(archive, member)):
        return False
    return not _is_sheet(_chunks(archive, member)) or _Extent().is_small(_chunks(archive, member))


def _is_sheet(chunks: Iterator[bytes]) -> bool:
    before = b""
    for chunk in chunks:
        if _SHEET in before + chunk:
            return True
        before = chunk[-len(_SHEET) :]
    return False


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as opened:
        while chunk := opened.read(_CHUNK):
            yield chunk


class _Extent:
    """The rectangle around the cells of one sheet."""

    def __init__(self) -> None:
        self._row = self._column = self._rows = self._columns = 0

    def is_small(self, chunks: Iterator[bytes]) -> bool:
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        try:
            for chunk in chunks:
                parser.Parse(chunk, False)
                if self._rows * self._columns > CELLS_LIMIT:
                    return False
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise zipfile.BadZipFile(str(error)) from error
        return self._rows * self._columns <= CELLS_LIMIT

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name, said = tag.rpartition(":")[2], attributes.get("r", "")
        if name == "row":
            self._row, self._column = max(self._row + 1, int(said) if said.isdecimal() else 0), 0
        elif name == "c":
            place = _REFERENCE.fullmatch(said)
            self._column = max(self._column + 1, _column_number(place[1].encode()) if place else 0)
            self._rows = max(self._rows, self._row, int(place[2]) if place else 0)
            self._columns = max(self._columns, self._column)

    def _end(self, tag: str) -> None:
        """Only cells of ODS are told apart by what is in them."""


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


class _OdsExtent(_Extent):
    """The same for ODS, up to the last cell with anything in it, repeats counted; trailing empty ones cost nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._inside = 0

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "table:table-row" and not self._inside:
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
    said = attributes.get(f"table:number-{what}-repeated", "")
    return int(said) if said.isdecimal() and len(said) < 10 else 1
