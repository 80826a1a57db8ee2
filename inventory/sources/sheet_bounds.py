"""Whether a workbook stays small once it is unpacked. calamine holds a sheet as a full rectangle, so one cell in the
last corner, or one repeated cell, would ask for more memory than there is and end the process.
"""

import io
import re
import zipfile
from collections.abc import Iterator

UNPACKED_LIMIT = 400 * 2**20
CELLS_LIMIT = 10_000_000
_CHUNK = 2**20
_OVERLAP = 64  # longer than any reference that could be cut between two chunks
_REFERENCE = re.compile(rb'\br\s*=\s*["\']([A-Za-z]{1,3})([0-9]{1,7})["\']')
_ODS_ROW = re.compile(rb"<table:table-row\b([^>]*)>(.*?)</table:table-row>", re.DOTALL)
_ODS_CELL = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*?)(/?)>")
_ODS_ROWS = re.compile(rb'number-rows-repeated\s*=\s*["\'](\d{1,9})')
_ODS_COLUMNS = re.compile(rb'number-columns-repeated\s*=\s*["\'](\d{1,9})')


def is_within_bounds(data: bytes) -> bool:
    """Also for what is no archive at all: a reader will say so."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return True
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if sum(member.file_size for member in members) > UNPACKED_LIMIT:
            return False
        return all(_is_small(archive, member) for member in members)


def _is_small(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    if member.filename == "content.xml":
        with archive.open(member) as opened:
            return _ods_cells(opened.read(UNPACKED_LIMIT)) <= CELLS_LIMIT
    if member.filename.lower().endswith(".xml") and "sheets/" in member.filename.lower():
        rows, columns = _extent(_chunks(archive, member))
        return rows * columns <= CELLS_LIMIT
    return True


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as opened:
        before = b""
        while chunk := opened.read(_CHUNK):
            yield before + chunk
            before = chunk[-_OVERLAP:]


def _extent(chunks: Iterator[bytes]) -> tuple[int, int]:
    last_row, last_column = 0, 0
    for chunk in chunks:
        for letters, digits in set(_REFERENCE.findall(chunk)):
            last_row = max(last_row, int(digits))
            last_column = max(last_column, _column_number(letters))
    return last_row, last_column


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _ods_cells(content: bytes) -> int:
    """The rectangle up to the last cell with anything in it, repeats counted; trailing empty ones cost nothing."""
    rows = last_row = last_column = 0
    for attributes, body in _ODS_ROW.findall(content):
        repeated = _ODS_ROWS.search(attributes)
        rows += int(repeated.group(1)) if repeated else 1
        width = _ods_width(body)
        if width:
            last_row, last_column = rows, max(last_column, width)
    return last_row * last_column


def _ods_width(body: bytes) -> int:
    columns = width = 0
    for attributes, closed in _ODS_CELL.findall(body):
        repeated = _ODS_COLUMNS.search(attributes)
        columns += int(repeated.group(1)) if repeated else 1
        if not closed or b"office:value" in attributes:
            width = columns
    return width
