"""Formats for the terminal how tables were read, the problems in them, and the differences between versions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from auditor.service.cli.words import language, ui
from inventory.comparison import ChangeType, Difference, IdChange, InventoryDifferences
from inventory.organisation import Organisation
from inventory.problems.problem import InventoryError, InventoryProblem, ProblemSeverity
from inventory.problems.summary import summary
from inventory.quoting import plain, quoted
from inventory.tables.columns import Column
from inventory.tables.display_names import column_name
from inventory.tables.layout import TableLayout, TitledColumn, letter, positions_by_source

PROBLEMS_SHOWN = 200
CHANGES_SHOWN = 200
IDS_SHOWN = 10
_MARKS: Mapping[ProblemSeverity, str] = {ProblemSeverity.ERROR: "✘", ProblemSeverity.WARNING: "▲"}
_TURNS: Mapping[ChangeType, str] = {ChangeType.ADDED: "+", ChangeType.REMOVED: "-", ChangeType.CHANGED: "~"}
_FIELDS: Mapping[str, str] = {
    "host": "fqdn",
    "agency": "agency_code",
    "expected": "expected_ipv6",
    "snmp_profile": "snmp_profile",
}
_UNSHOWN = "snmp_profile"


def layout_lines(layouts: Iterable[TableLayout]) -> Iterator[str]:
    """Yield how each table was read, with one line for each column."""
    for layout in layouts:
        yield ui(
            "{source}: header in row {header}, {rows:n} {rows/row/rows}",
            source=plain(layout.source, 200),
            header=layout.header,
            rows=layout.rows,
        )
        for column in layout.columns:
            yield f"  {letter(column.position):>3}  {quoted(column.title)} → {_meaning(column, layout)}"


def _meaning(column: TitledColumn, layout: TableLayout) -> str:
    if column.column in (None, Column.NOTE) and not layout.keeps_notes:
        return ui("left out")
    return column_name(column.column, language()) if column.column else ui("kept as a note")


def problem_lines(problems: Sequence[InventoryProblem], layouts: Sequence[TableLayout]) -> Iterator[str]:
    """Yield the errors and then the warnings under their sources, limited to as many as a person reads."""
    positions = positions_by_source(layouts)
    source = None
    told = summary(problems)
    for problem in told[:PROBLEMS_SHOWN]:
        if problem.source != source:
            source = problem.source
            yield plain(source, 200) or ui("All files")
        place = _place(problem, positions.get(problem.source, {}))
        yield f"  {_MARKS[problem.severity]} {place}{problem.text(language())}"
    if len(told) > PROBLEMS_SHOWN:
        yield ui("… and {n:n} more; --mark FILE lists them all", n=len(told) - PROBLEMS_SHOWN)


def refusal_lines(error: InventoryError) -> Iterator[str]:
    """Yield the errors that stop a command, and then as warnings the problems that do not stop it."""
    yield from (
        problem.line(language()) if problem.severity is ProblemSeverity.ERROR else warning_line(problem)
        for problem in summary(error.problems)
    )


def warning_line(warning: InventoryProblem) -> str:
    """Return the line of a warning, to be printed among lines of other kinds."""
    return f"{ui('warning')}: {warning.line(language())}"


def _place(problem: InventoryProblem, positions: Mapping[str, int]) -> str:
    if problem.row is None:
        return ""
    position = positions.get(problem.field)
    if position:
        return ui("row {row}, column {letter}: ", row=problem.row, letter=letter(position))
    if problem.field:
        return ui("row {row}, {field}: ", row=problem.row, field=problem.field_name(language()))
    return ui("row {row}: ", row=problem.row)


def counts_line(problems: Iterable[InventoryProblem]) -> str:
    """Return the numbers of errors and warnings as a sentence."""
    severities = [problem.severity for problem in problems]
    return ui(
        "{errors:n} {errors/error/errors}, {warnings:n} {warnings/warning/warnings}.",
        errors=severities.count(ProblemSeverity.ERROR),
        warnings=severities.count(ProblemSeverity.WARNING),
    )


def difference_lines(differences: InventoryDifferences, organisation: Organisation) -> Iterator[str]:
    """Yield the subjects that are added, changed and retired, by agency."""
    yield ui(
        "Added: {added:n}; changed: {changed:n}; retired: {retired:n}; unchanged ones are not listed.",
        added=differences.of(ChangeType.ADDED),
        changed=differences.of(ChangeType.CHANGED),
        retired=differences.of(ChangeType.REMOVED),
    )
    for words, (new, gone) in ((ui("Agencies"), differences.units), (ui("Exemptions"), differences.exemptions)):
        if new or gone:
            yield ui("{what}: {new:n} new or changed, {gone:n} retired or replaced", what=words, new=new, gone=gone)
    yield from _id_change_lines(differences.id_changes)
    left = CHANGES_SHOWN
    for agency, some in differences.by_agency().items():
        unit = organisation.unit(agency)
        if left > 0:
            yield plain(unit.name, 200) if unit else plain(agency or ui("Without an agency"), 200)
        for difference in some[: max(left, 0)]:
            name = plain(difference.subject.name or difference.id, 120)
            yield f"  {_TURNS[difference.turn]} {name}{_changes(difference)}"
        left -= len(some)
    if left < 0:
        yield ui("… and {n:n} more", n=-left)


def _id_change_lines(id_changes: Sequence[IdChange]) -> Iterator[str]:
    if not id_changes:
        return
    yield ui(
        "{n:n} {n/subject has/subjects have} the kind, host and addresses of a retired one. Where it is the same under"
        " another id, write the former id into the column id; or its history, accepted exceptions and samples end"
        " there.",
        n=len(id_changes),
    )
    for change in id_changes[:IDS_SHOWN]:
        yield f"  {plain(change.former, 200)} → {plain(change.present, 200)}"
    if len(id_changes) > IDS_SHOWN:
        yield ui("… and {n:n} more", n=len(id_changes) - IDS_SHOWN)


def _changes(difference: Difference) -> str:
    parts = []
    for name, (before, after) in difference.fields.items():
        called = ui("addresses") if name == "addresses" else column_name(_FIELDS.get(name, name), language())
        parts.append(called if name == _UNSHOWN else f"{called} {quoted(before)} → {quoted(after)}")
    return f": {'; '.join(parts)}" if parts else ""
