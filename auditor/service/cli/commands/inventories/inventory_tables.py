"""Runs ``auditor inventory validate``, ``template`` and ``export``: reads, makes and writes tables of inventories."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from auditor.framework.escaping import visible
from auditor.service.cli.failures import EXIT_OK, EXIT_USAGE, refuse
from auditor.service.cli.global_options import load_config, read_config
from auditor.service.cli.inventory_texts import counts_line, layout_lines, problem_lines
from auditor.service.cli.output import writing
from auditor.service.cli.replacing import keep_files
from auditor.service.cli.words import language, ui
from auditor.service.inventories.export import csv_text
from auditor.service.inventories.file_reading import load_files, read_sheets, validate_files
from auditor.service.inventories.named_inventory import is_kept
from auditor.service.store import files
from auditor.service.store.url import open_store
from inventory.inventory import Inventory
from inventory.problems.problem import InventoryProblem
from inventory.tables.columns import TableKind
from inventory.tables.layout import TableLayout
from inventory.tables.written_tables import WrittenTable, written_tables


def validate(paths: Sequence[Path], mark: Path | None, options: Mapping[str, object]) -> int:
    """Print how files are read and the problems in them; with ``mark``, write a coloured copy of the single file."""
    if mark is not None and (len(paths) != 1 or mark.suffix.lower() != ".xlsx"):
        raise refuse([ui("--mark needs one FILE to copy and a name that ends in .xlsx")])
    if mark is not None and mark.exists() and paths[0].exists() and mark.samefile(paths[0]):
        raise refuse([ui("--mark would write over the file that is read; give the copy another name")])
    if mark is not None:
        _keep([mark], options)
    read = validate_files(paths)
    problems, layouts, subjects = read.problems, read.layouts, read.subjects
    for line in (*layout_lines(layouts), *problem_lines(problems, layouts)):
        print(visible(line))
    if subjects:
        print(ui("{n:n} {n/subject/subjects} can be audited.", n=subjects))
    print(counts_line(problems))
    if mark is not None:
        _mark(paths[0], mark, problems, layouts)
    return EXIT_OK if subjects else EXIT_USAGE


def _mark(path: Path, mark: Path, problems: Sequence[InventoryProblem], layouts: Sequence[TableLayout]) -> None:
    from inventory.workbooks.marked_copy import marked_copy

    sheets = read_sheets(path)
    if not sheets:
        raise refuse([ui("{path}: only tables and workbooks can be copied", path=str(path))])
    _write(mark, marked_copy(sheets, problems, layouts, language()))
    print(ui("Written to {path}: wrong cells are coloured and have a comment.", path=str(mark)))


def template(path: Path, options: Mapping[str, object]) -> int:
    """Write a workbook to fill in."""
    from inventory.workbooks.editable import template_workbook

    if path.suffix.lower() != ".xlsx":
        raise refuse([ui("{path}: the name of the template ends in .xlsx", path=str(path))])
    _keep([path], options)
    _write(path, template_workbook(language()))
    print(ui("Written to {path}. Fill it in, then: auditor inventory validate {path}", path=str(path)))
    return EXIT_OK


def export(words: Sequence[str], formats: Sequence[str], version: int | None, options: Mapping[str, object]) -> int:
    """Write an inventory, of files or of the store, as CSV or XLSX that reads back as the same inventory."""
    wanted = [(name, "" if path == "-" else path) for name, _, path in (form.partition("=") for form in formats)]
    if any(name not in ("csv", "xlsx") or (name == "xlsx" and not path) for name, path in wanted):
        raise refuse([ui("--format is csv, csv=PATH or xlsx=PATH")])
    tables = written_tables(_inventory(words, version, options), language())
    _keep(_named(wanted, tables), options)
    for name, path in wanted:
        if name == "xlsx":
            _write_told(Path(path), _workbook(tables))
        elif path:
            for target, table in _csv_paths(Path(path), tables):
                # With the byte order mark by which spreadsheets recognise UTF-8.
                _write_told(target, csv_text(table, language()).encode("utf-8-sig"))
        else:
            sys.stdout.write(csv_text(tables[0], language()))
            if len(tables) > 1:
                text = ui("Tables of agencies or exemptions are not in this output; csv=PATH writes them too")
                print(text, file=sys.stderr)
    return EXIT_OK


def _named(wanted: Sequence[tuple[str, str]], tables: Sequence[WrittenTable]) -> Iterator[Path]:
    """Yield the files that an export writes."""
    for name, path in wanted:
        if name == "xlsx":
            yield Path(path)
        elif path:
            yield from (target for target, _ in _csv_paths(Path(path), tables))


def _keep(paths: Iterable[Path], options: Mapping[str, object]) -> None:
    """Refuse to replace files, unless ``--force`` or the configuration says otherwise."""
    wanted = [path for path in paths if files.is_replaced(path)]
    if wanted:
        keep_files(wanted, force=read_config(options).config.force)


def _workbook(tables: Sequence[WrittenTable]) -> bytes:
    from inventory.workbooks.editable import filled_workbook

    return filled_workbook(tables, language())


def _write_told(path: Path, data: bytes) -> None:
    _write(path, data)
    print(ui("Written to {path}", path=str(path)), file=sys.stderr)


def _inventory(words: Sequence[str], version: int | None, options: Mapping[str, object]) -> Inventory:
    if not is_kept(words):
        if version is not None:
            raise refuse([ui("--version needs the name of an inventory that the store keeps")])
        return load_files([Path(word) for word in words]).inventory
    with open_store(load_config(options).config.store, create=False) as store:
        if version is None:
            return store.inventory(words[0])
        from auditor.service.store.kept.inventories import Inventories

        stock = Inventories(store.database)
        return stock.read(stock.version(words[0], version))


def _csv_paths(path: Path, tables: Sequence[WrittenTable]) -> Iterator[tuple[Path, WrittenTable]]:
    """Yield each table with its path: the given name for targets, files beside it for units and exemptions."""
    for table in tables:
        yield path if table.kind is TableKind.TARGETS else path.with_suffix(f".{table.kind}{path.suffix}"), table


def _write(path: Path, data: bytes) -> None:
    with writing(path), files.writing(path) as out:
        out.write(data)
