"""Reads one file into its tables: tests whether it is readable, and picks the reader by its content."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path, PurePath

from inventory.cells.decimals import unmistakable
from inventory.inventory import SourceFile
from inventory.model import RowOrigin
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition, ProblemCollector
from inventory.safe_open import TooLarge, read_whole
from inventory.sources.file_types import WORKBOOKS, Content, recognise
from inventory.sources.sheet import Sheet
from inventory.sources.spreadsheet import read_csv, read_csv_sheet
from inventory.sources.workbook import read_sheets, read_workbook
from inventory.tables.choices import NO_CHOICES, Choices
from inventory.tables.table import SourceTable
from inventory.tables.table_header import Record

SIZE_LIMIT = 50 * 2**20

Reader = Callable[[str, bytes, ProblemCollector, Choices], tuple[SourceTable, ...]]


def _read_yaml(source: str, data: bytes, problems: ProblemCollector, choices: Choices) -> tuple[SourceTable, ...]:
    # Few lists are YAML, and a process for each list that is read would load what parses it.
    from inventory.sources.yaml_file import read_yaml

    return read_yaml(source, data, problems, choices)


READERS: Mapping[str, Reader] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
    ".xlsx": read_workbook,
    ".xlsm": read_workbook,
    ".xls": read_workbook,
    ".ods": read_workbook,
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
}

_EXPECTED = {".xlsx": Content.XLSX, ".xlsm": Content.XLSX, ".xls": Content.XLS, ".ods": Content.ODS}


def read_file(path: Path, problems: ProblemCollector) -> tuple[tuple[SourceTable, ...], SourceFile | None]:
    data = open_file(path, problems)
    reader = READERS.get(path.suffix.lower())
    if reader is None or data is None:
        return (), None
    return _read(reader, str(path), data, problems)


def open_file(path: Path, problems: ProblemCollector) -> bytes | None:
    """Read the bytes of a file that one of the readers takes, to be handed to the process that parses them."""
    place = CellPosition(problems, RowOrigin(source=str(path)))
    if not path.is_dir() and _reader(path.name, path.suffix, place) is None:
        return None
    return read_bytes(path, place)


def read_sent(
    name: str, data: bytes, problems: ProblemCollector, choices: Choices = NO_CHOICES
) -> tuple[tuple[SourceTable, ...], SourceFile | None]:
    """Read bytes that came with a file's name instead of from the disk, as ``read_file`` does."""
    place = CellPosition(problems, RowOrigin(source=name))
    reader = _reader(name, PurePath(name).suffix, place)
    if reader is None or not _is_within(data, place):
        return (), None
    return _read(reader, name, data, problems, choices)


def sheets_sent(name: str, data: bytes, problems: ProblemCollector) -> tuple[Sheet, ...]:
    """Return the sheets of a table that came as bytes; none for a file that has no sheets.

    Texts are as they were written, but for numbers that could be taken for thousands by those who read the texts again.
    """
    if recognise(data) in WORKBOOKS:
        return tuple(replace(each, records=_unmistakable(each)) for each in read_sheets(name, data, problems))
    return read_csv_sheet(name, data, problems) if READERS.get(PurePath(name).suffix.lower()) is read_csv else ()


def _unmistakable(sheet: Sheet) -> tuple[Record, ...]:
    return tuple((number, [*map(unmistakable, cells)]) for number, cells in sheet.records)


def _reader(name: str, suffix: str, place: CellPosition) -> Reader | None:
    reader = READERS.get(suffix.lower())
    if reader is None:
        place.report(Code.UNKNOWN_SUFFIX, suffix or name, known=" ".join(READERS))
    return reader


def _read(
    reader: Reader, source: str, data: bytes, problems: ProblemCollector, choices: Choices = NO_CHOICES
) -> tuple[tuple[SourceTable, ...], SourceFile | None]:
    """Read the file by its content, and report it if its name claims another type."""
    content, suffix = recognise(data), PurePath(source).suffix.lower()
    place = CellPosition(problems, RowOrigin(source=source))
    expected = _EXPECTED.get(suffix, Content.TEXT)
    if content is not expected and content is not Content.UNKNOWN:
        readable = content in WORKBOOKS
        place.report(Code.READ_AS if readable else Code.WRONG_CONTENT, suffix, why=f"content-{content}")
        if not readable:
            return (), None
        reader = read_workbook
    return reader(source, data, problems, choices), SourceFile(name=source, sha256=sha256(data).hexdigest())


def read_bytes(path: Path, place: CellPosition) -> bytes | None:
    """Return the bytes of a file within the bounds; nothing, with a problem, for any reason why there are none."""
    try:
        data = read_whole(path, SIZE_LIMIT)
    except FileNotFoundError:
        place.report(Code.MISSING_FILE)
        return None
    except TooLarge:
        place.report(Code.FILE_TOO_LARGE, limit=str(SIZE_LIMIT // 2**20))
        return None
    except (IsADirectoryError, PermissionError) as error:
        place.report(Code.UNREADABLE_FILE, why="folder" if isinstance(error, IsADirectoryError) else "permission")
        return None
    except (OSError, ValueError) as error:
        place.report(Code.UNREADABLE_FILE, why=(isinstance(error, OSError) and error.strerror) or str(error))
        return None
    return data if _is_within(data, place) else None


def _is_within(data: bytes, place: CellPosition) -> bool:
    if not data:
        place.report(Code.EMPTY_FILE)
    if len(data) > SIZE_LIMIT:
        place.report(Code.FILE_TOO_LARGE, limit=str(SIZE_LIMIT // 2**20))
    return 0 < len(data) <= SIZE_LIMIT
