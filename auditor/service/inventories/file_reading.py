"""Reads inventory files in a program of its own (``reader_program``) that is bounded in memory and time.

The one way by which the command line, the service and its audits read files: what a file does to its reader is one
clear error about that file here, and nothing else waits for it or goes along with it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TypeVar

from auditor.service.inventories.reader_protocol import MEMORY, SECONDS, Word, problem_of
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
from inventory.tables.table import Record

WALL = 150.0
"""Seconds of the clock after which the reader is ended, however busy the machine is."""
_SAID = 300 * 2**20
"""Bytes that it may say: the largest table that is within the bounds says a third of it."""
_LINE = 8 * 2**20
T = TypeVar("T")


def load_files(paths: Sequence[Path], *, good_rows: bool = False) -> LoadedInventory:
    """Read files; with ``good_rows`` take the rows without errors. Raises InventoryError."""
    problems = ProblemCollector()
    sent = [(str(path), data) for path in paths if (data := open_file(path, problems)) is not None]
    return _load([str(path) for path in paths], sent, problems, good_rows=good_rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatedFiles:
    """What is wrong in files, or to be looked at, how they were read, and how many subjects are in them."""

    subjects: int
    problems: tuple[InventoryProblem, ...]
    layouts: tuple[TableLayout, ...]


def validate_files(paths: Sequence[Path]) -> ValidatedFiles:
    """Read files only to tell what is wrong in them: no subject travels from the program that reads them."""
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
    """One run of the program."""

    def __init__(self, problems: ProblemCollector, *, missing: bool = False) -> None:
        self.rows: list[list[Record]] = []
        """Of each sheet, in the order of the sheets."""
        self.count = 0
        """Subjects, where only their number was asked for."""
        self._problems = problems
        self._missing = missing  # that nothing is left of an inventory is clear then
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
        """True if there is an inventory, or sheets where these are wanted; otherwise there are problems."""
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
        """True if it read everything; None where it broke off."""
        left = _SAID
        while (line := stream.readline(_LINE)) and left > 0:
            left -= len(line)
            try:
                word, *values = json.loads(line)
                done = self._take(Word(word), values)
            except (ValueError, KeyError, TypeError, RecursionError):
                return None
            if done is not None:
                return done
        return None

    def _take(self, word: Word, values: list[object]) -> bool | None:
        (value,) = values
        if word is Word.END:
            return bool(value)
        if word is Word.COUNT:
            self.count = int(str(value))
        elif word is Word.FILE:
            self._file = str(value)
        elif word is Word.PROBLEM:
            problem = problem_of(value)
            if not (self._missing and problem.code is Code.NO_TARGETS):
                self._problems.add(problem)
        elif word is Word.ROWS and isinstance(value, list):
            self.rows[-1].extend((int(number), list(map(str, cells))) for number, cells in value)
        elif isinstance(value, list):
            wanted = _KINDS[word]
            self._said.extend(decode(wanted, fields) for fields in value)
            if word is Word.SHEETS:
                self.rows.append([])
        return None

    def of(self, kind: type[T]) -> tuple[T, ...]:
        """Everything of this kind, in the order in which it was said."""
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


_KINDS: Mapping[Word, type] = {
    Word.SUBJECTS: Subject,
    Word.UNITS: Unit,
    Word.EXEMPTIONS: Exemption,
    Word.SOURCES: SourceFile,
    Word.LAYOUTS: TableLayout,
    Word.WAITING: WaitingRow,
    Word.SHEETS: Sheet,
}
