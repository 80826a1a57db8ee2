"""Loads files into one inventory, or returns every problem of all of them at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from inventory.inventory import Inventory, SourceFile
from inventory.model import Exemption, RowOrigin, SubjectId
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition, InventoryProblem, ProblemCollector, ProblemSeverity
from inventory.rows.cross_checks import check_together
from inventory.rows.exemptions import read_exemption
from inventory.rows.good_rows import WaitingRow, take_good_rows, waiting_rows, with_ids_of
from inventory.rows.identifiers import Identified, identify
from inventory.rows.subject_row import Cells, read_claim, read_subject
from inventory.rows.units import Directory, build_directory
from inventory.sources.files import read_file, read_sent
from inventory.tables.choices import TableChoice
from inventory.tables.columns import Column, TableKind
from inventory.tables.layout import TableLayout
from inventory.tables.table import SourceTable


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedInventory:
    """Holds an inventory, the layouts of its tables, and warnings about values that were understood but look wrong.

    Where only the good rows were asked for, ``waiting`` are those with errors, and the errors are among the warnings.
    """

    inventory: Inventory
    warnings: tuple[InventoryProblem, ...]
    layouts: tuple[TableLayout, ...] = ()
    waiting: tuple[WaitingRow, ...] = ()


def load(paths: Sequence[Path]) -> Inventory:
    """Return the inventory of these files. Raise InventoryError."""
    return load_with_warnings(paths).inventory


def load_with_warnings(paths: Sequence[Path]) -> LoadedInventory:
    """Return the inventory of these files with the warnings about them. Raise InventoryError."""
    return _loaded([str(path) for path in paths], (partial(read_file, path) for path in paths))


def load_sent(
    files: Sequence[tuple[str, bytes]],
    begin: Callable[[str], None] = lambda _: None,
    *,
    good_rows: bool = False,
    choices: Sequence[TableChoice] = (),
) -> LoadedInventory:
    """Load bytes with file names, as a browser sends them. Raise InventoryError.

    ``begin`` is called with each name before its file is read. With ``good_rows`` the rows without errors are taken
    where only rows have errors.
    """
    by_source = {choice.source: choice for choice in choices}

    def read(name: str, data: bytes, problems: ProblemCollector) -> tuple[tuple[SourceTable, ...], SourceFile | None]:
        begin(name)
        return read_sent(name, data, problems, by_source)

    return _loaded(
        [name for name, _ in files], (partial(read, name, data) for name, data in files), good_rows=good_rows
    )


Reading = Callable[[ProblemCollector], tuple[tuple[SourceTable, ...], SourceFile | None]]


def _loaded(order: Sequence[str], files: Iterable[Reading], *, good_rows: bool = False) -> LoadedInventory:
    problems = ProblemCollector()
    tables: list[SourceTable] = []
    sources: list[SourceFile] = []
    for read in files:
        source_tables, source = read(problems)
        tables += source_tables
        sources += [source] if source else []
    _tell_notes_left_out(tables, problems)
    layouts = tuple(table.layout for table in tables if table.layout)
    inventory = _assemble(tables, problems, tuple(sources))
    if good_rows and problems.wrong_rows:
        kept = take_good_rows(tables, problems.wrong_rows, partial(_assemble, sources=tuple(sources)))
        if kept is not None and kept.subjects:
            return LoadedInventory(
                inventory=with_ids_of(inventory, kept),
                warnings=problems.ordered(order),
                layouts=layouts,
                waiting=waiting_rows(inventory, kept),
            )
    if not inventory.subjects and not problems.of(ProblemSeverity.ERROR):
        source_name = order[0] if len(order) == 1 else ""
        CellPosition(problems, RowOrigin(source=source_name)).report(Code.NO_TARGETS)
    problems.raise_errors(order, layouts)
    return LoadedInventory(inventory=inventory, warnings=problems.ordered(order), layouts=layouts)


def _tell_notes_left_out(tables: Iterable[SourceTable], problems: ProblemCollector) -> None:
    """Report once for each table that notes are left out: units and exemptions have no place for a note."""
    for table in tables:
        noted = [row for row in table.rows if any(map(str.isalnum, row.cells.get(Column.NOTE, "")))]
        if noted and table.kind is not TableKind.TARGETS:
            place = CellPosition(problems, noted[0].origin, Column.NOTE)
            place.report(Code.NOTES_LEFT_OUT, noted[0].cells[Column.NOTE], count=str(len(noted)))


def _rows(tables: Sequence[SourceTable], kind: TableKind, problems: ProblemCollector) -> Iterator[Cells]:
    for table in tables:
        if table.kind is kind:
            yield from (Cells(row, problems) for row in table.rows)


def _assemble(tables: Sequence[SourceTable], problems: ProblemCollector, sources: tuple[SourceFile, ...]) -> Inventory:
    units = [read_claim(cells, declared=True) for cells in _rows(tables, TableKind.UNITS, problems)]
    targets = list(_rows(tables, TableKind.TARGETS, problems))
    claims = [read_claim(cells) for cells in targets]
    directory = build_directory(units + claims, problems)
    subjects = [read_subject(cells, directory.agency_of(claim)) for cells, claim in zip(targets, claims, strict=True)]
    identified = identify(subjects, [not cells.line(Column.ID) for cells in targets], problems)
    check_together(identified.subjects, directory.organisation, problems)
    return Inventory(
        subjects=identified.subjects,
        organisation=directory.organisation,
        exemptions=_exemptions(tables, identified, directory, problems),
        sources=sources,
    )


def _exemptions(
    tables: Sequence[SourceTable], identified: Identified, directory: Directory, problems: ProblemCollector
) -> tuple[Exemption, ...]:
    rows = list(_rows(tables, TableKind.EXEMPTIONS, problems))
    if not rows:
        return ()
    known: dict[str, tuple[SubjectId, ...]] = {subject.id.casefold(): (subject.id,) for subject in identified.subjects}
    known = dict(identified.shared) | known
    for subject in identified.subjects:  # people may write the name or the host instead of the id they gave
        for word in (subject.name, subject.host):
            if word:
                known.setdefault(word.casefold(), (subject.id,))
    read = (read_exemption(cells, known, directory) for cells in rows)
    return tuple(exemption for exemption in read if exemption)
