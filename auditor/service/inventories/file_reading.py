"""Reads inventory files in a program of its own (``reader_program``) that is bounded in memory and time.

The command line, the service and its audits all read files this way: if a file crashes its reader, the result is one
clear error about that file, and nothing else has to wait or fails with it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TypeVar

from auditor.service.inventories.reader_protocol import MEMORY, SECONDS, LineType, problem_of
from auditor.service.inventories.reading_program import EarlyEnd, started
from inventory.dataclass_json import decode, encode
from inventory.inventory import Inventory, SourceFile
from inventory.loader import LoadedInventory
from inventory.model import Exemption, RowOrigin, Subject
from inventory.organisation import Organisation, Unit
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition, InventoryProblem, ProblemCollector, ProblemSeverity
from inventory.rows.good_rows import WaitingRow
from inventory.sources.files import open_file
from inventory.sources.sheet import Sheet
from inventory.tables.choices import TableChoice
from inventory.tables.layout import TableLayout
from inventory.tables.table_header import Record

WALL = 150.0
"""Seconds of elapsed time after which the reader is ended, however busy the machine is."""
_SAID = 300 * 2**20
"""Bytes that the reader may print; the largest table within the bounds takes a third of it."""
_LINE = 8 * 2**20
T = TypeVar("T")


def load_files(paths: Sequence[Path], *, good_rows: bool = False) -> LoadedInventory:
    """Read files; with ``good_rows`` keep the rows without errors. Raises InventoryError."""
    problems = ProblemCollector()
    sent = [(str(path), data) for path in paths if (data := open_file(path, problems)) is not None]
    return _load([str(path) for path in paths], sent, problems, good_rows=good_rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatedFiles:
    """Holds the problems of files, how their tables were read, and the number of subjects in them."""

    subjects: int
    problems: tuple[InventoryProblem, ...]
    layouts: tuple[TableLayout, ...]


def validate_files(paths: Sequence[Path]) -> ValidatedFiles:
    """Read files only for their problems; subjects are counted, but not sent by the reader program."""
    problems = ProblemCollector()
    sent = [(str(path), data) for path in paths if (data := open_file(path, problems)) is not None]
    reader = _Reader(problems, missing=len(sent) < len(paths))
    if sent:
        reader.read(sent, counted=True)
    return ValidatedFiles(
        subjects=0 if problems.of(ProblemSeverity.ERROR) else reader.count,
        problems=problems.whole([str(path) for path in paths]),
        layouts=reader.of(TableLayout),
    )


def load_sent(
    files: Sequence[tuple[str, bytes]], *, good_rows: bool = False, choices: Sequence[TableChoice] = ()
) -> LoadedInventory:
    """Read bytes under the names of files, as a browser sends them. Raises InventoryError."""
    order = [name for name, _ in files]
    return _load(order, files, ProblemCollector(), good_rows=good_rows, choices=choices)


def read_sheets(path: Path) -> tuple[Sheet, ...]:
    """Return the sheets of a file as they were written; none for a file without sheets. Raises InventoryError."""
    problems = ProblemCollector()
    data = open_file(path, problems)
    problems.raise_errors()
    return () if data is None else sheets_of(str(path), data)


def sheets_of(name: str, data: bytes) -> tuple[Sheet, ...]:
    """Return the sheets of bytes under the name of a file, as ``read_sheets``. Raises InventoryError."""
    problems = ProblemCollector()
    reader = _Reader(problems)
    reader.read([(name, data)], sheets=True)
    problems.raise_errors()
    return tuple(
        replace(sheet, records=tuple(records)) for sheet, records in zip(reader.of(Sheet), reader.rows, strict=True)
    )


def _load(
    order: Sequence[str],
    files: Sequence[tuple[str, bytes]],
    problems: ProblemCollector,
    *,
    good_rows: bool = False,
    choices: Sequence[TableChoice] = (),
) -> LoadedInventory:
    reader = _Reader(problems, missing=len(files) < len(order))
    good_rows = good_rows and not problems.count
    done = reader.read(files, good_rows=good_rows, choices=choices) if files else None
    layouts = reader.of(TableLayout)
    if not (done and good_rows):
        problems.raise_errors(order, layouts)
    if not done:
        raise RuntimeError("the reader said neither what it read nor what is wrong")
    return LoadedInventory(
        inventory=reader.inventory(), warnings=problems.ordered(order), layouts=layouts, waiting=reader.of(WaitingRow)
    )


class _Reader:
    """Runs the reader program once and collects its lines."""

    def __init__(self, problems: ProblemCollector, *, missing: bool = False) -> None:
        self.rows: list[list[Record]] = []
        """Rows of each sheet, in the order of the sheets."""
        self.count = 0
        """The number of subjects, if only that was requested."""
        self._problems = problems
        self._missing = missing  # an empty inventory is then no problem of its own
        self._file = ""
        self._said: list[object] = []

    def read(
        self,
        files: Sequence[tuple[str, bytes]],
        *,
        good_rows: bool = False,
        sheets: bool = False,
        counted: bool = False,
        choices: Sequence[TableChoice] = (),
    ) -> bool:
        """Run the program; True if it delivers an inventory or the wanted sheets, otherwise there are problems."""
        asked = {
            "files": [[name, len(data)] for name, data in files],
            "good_rows": good_rows,
            "sheets": sheets,
            "counted": counted,
            "choices": [encode(choice) for choice in choices],
        }
        with started("auditor.service.inventories.reader_program", seconds=WALL) as program:
            program.send(asked, *(data for _, data in files))
            done = self._hear(program.stdout)
            program.stdout.close()
            if done is None or program.wait():
                self._broke_off(program.early_end(seconds=SECONDS, megabytes=MEMORY))
                return False
        return done

    def _hear(self, stream: IO[bytes]) -> bool | None:
        """Take lines until the end line and return its result; None if the program broke off."""
        left = _SAID
        while (line := stream.readline(_LINE)) and left > 0:
            left -= len(line)
            try:
                word, *values = json.loads(line)
                done = self._take(LineType(word), values)
            except (ValueError, KeyError, TypeError, RecursionError):
                return None
            if done is not None:
                return done
        return None

    def _take(self, word: LineType, values: list[object]) -> bool | None:
        (value,) = values
        if word is LineType.END:
            return bool(value)
        if word is LineType.COUNT:
            self.count = int(str(value))
        elif word is LineType.FILE:
            self._file = str(value)
        elif word is LineType.PROBLEM:
            problem = problem_of(value)
            if not (self._missing and problem.code is Code.NO_TARGETS):
                self._problems.add(problem)
        elif word is LineType.ROWS and isinstance(value, list):
            self.rows[-1].extend((int(number), list(map(str, cells))) for number, cells in value)
        elif isinstance(value, list):
            wanted = _KINDS[word]
            self._said.extend(decode(wanted, fields) for fields in value)
            if word is LineType.SHEETS:
                self.rows.append([])
        return None

    def of(self, kind: type[T]) -> tuple[T, ...]:
        """Return all received values of this kind, in the order of arrival."""
        return tuple(part for part in self._said if isinstance(part, kind))

    def inventory(self) -> Inventory:
        return Inventory(
            subjects=self.of(Subject),
            organisation=Organisation(units=self.of(Unit)),
            exemptions=self.of(Exemption),
            sources=self.of(SourceFile),
        )

    def _broke_off(self, end: EarlyEnd) -> None:
        CellPosition(self._problems, RowOrigin(source=self._file)).report(end.code, **dict(end.args))


_KINDS: Mapping[LineType, type] = {
    LineType.SUBJECTS: Subject,
    LineType.UNITS: Unit,
    LineType.EXEMPTIONS: Exemption,
    LineType.SOURCES: SourceFile,
    LineType.LAYOUTS: TableLayout,
    LineType.WAITING: WaitingRow,
    LineType.SHEETS: Sheet,
}
