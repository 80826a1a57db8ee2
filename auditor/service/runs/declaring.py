"""Turns tables of values that agencies declared or others published into evidence of a run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from pathlib import Path

from auditor.figures.period import Period, parse_period
from auditor.framework.csv_reader import LONGEST_CELL, MOST_BYTES, CsvColumn, CsvRow, read_rows
from auditor.framework.operator_problems import OperatorError, OperatorProblem, nearest, problem, unreadable
from auditor.regulations.model import Framework, Requirement
from auditor.service.pipeline.summaries.declared import DECLARED
from auditor.service.store.api import Store
from auditor.service.store.records import DeclaredEntry, RunRecord
from inventory.safe_open import read_whole
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence
from probes.observations.declared import PROBE, DeclaredValue

COLUMNS = (
    CsvColumn(name="framework", also=("văn bản", "bộ tiêu chí"), needed=True),
    CsvColumn(name="requirement", also=("chỉ tiêu", "yêu cầu", "mục"), needed=True),
    CsvColumn(name="value", also=("giá trị", "số liệu"), needed=True),
    CsvColumn(name="as_of", also=("ngày", "ngày số liệu", "tính đến ngày"), needed=True),
    CsvColumn(name="source", also=("nguồn", "nguồn số liệu"), needed=True),
    CsvColumn(name="signatory", also=("người ký",), needed=True),
    CsvColumn(name="note", also=("ghi chú",)),
)


FORM = "form"
"""File name of a value that was filled in on a page."""


class DeclarationError(OperatorError):
    """Raised if a table of declared values cannot be used; nothing of it was stored."""


def readable(paths: Iterable[Path], most: int, problems: list[OperatorProblem]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each file, of at most ``most`` bytes; add a problem for an unreadable file."""
    for path in paths:
        try:
            data = read_whole(path, most)
        except OSError as error:
            problems.append(unreadable(error, at=str(path)))
        else:
            yield path.name, data


def read_declared(paths: Iterable[Path], frameworks: Sequence[Framework]) -> tuple[DeclaredValue, ...]:
    """Read tables of declared values. Raises DeclarationError with every problem of every file at once."""
    problems: list[OperatorProblem] = []
    declared_values: list[DeclaredValue] = []
    for name, data in readable(paths, MOST_BYTES, problems):
        declared_values += _values(read_rows(data, name, COLUMNS, problems), name, frameworks)
    if problems:
        raise DeclarationError(problems)
    return tuple(declared_values)


def _values(rows: Iterable[CsvRow], name: str, frameworks: Sequence[Framework]) -> Iterator[DeclaredValue]:
    return (value for row in rows if (value := _value(row, name, frameworks)) is not None)


def read_entries(
    paths: Iterable[Path], frameworks: Sequence[Framework], period: Period | None
) -> tuple[DeclaredEntry, ...]:
    """Read such tables for a period; without one, each value is for the year of its day. Raises DeclarationError."""
    return _entries(read_declared(paths, frameworks), period)


def entry_of_form(
    fields: Mapping[str, str], frameworks: Sequence[Framework], period: Period
) -> tuple[DeclaredEntry, ...]:
    """Read one value that a person filled in on a page, as one row of such a table. Raises DeclarationError.

    ``fields``: texts by the names of COLUMNS.
    """
    problems: list[OperatorProblem] = []
    row = CsvRow(f"{FORM}:1", {name: text for name, text in fields.items() if text}, problems)
    problems += [
        problem("is missing", at=row.at(column.name))
        for column in COLUMNS
        if column.needed and not row.text(column.name)
    ]
    problems += [
        problem("is longer than {most:n} characters", at=row.at(name), most=LONGEST_CELL)
        for name, text in fields.items()
        if len(text) > LONGEST_CELL
    ]
    declared_values = tuple(_values([row], FORM, frameworks))
    if problems:
        raise DeclarationError(problems)
    return _entries(declared_values, period)


def _entries(declared_values: Iterable[DeclaredValue], period: Period | None) -> tuple[DeclaredEntry, ...]:
    problems: list[OperatorProblem] = []
    entries = []
    for value in declared_values:
        of = period or parse_period(str(value.as_of.year))
        if not of.first <= value.as_of <= of.last:
            at = f"{value.file}:{value.row}:as_of"
            problems.append(problem("{day:date} is not in the period {period}", at=at, day=value.as_of, period=of.name))
        entries.append(
            DeclaredEntry(
                framework=value.framework,
                requirement=value.requirement,
                period=of.name,
                value=value.value,
                as_of=value.as_of,
                source=value.source,
                signatory=value.signatory,
                note=value.note,
                file=value.file,
                row=value.row,
            )
        )
    if problems:
        raise DeclarationError(problems)
    return tuple(entries)


def _value(row: CsvRow, file: str, frameworks: Sequence[Framework]) -> DeclaredValue | None:
    requirement = _requirement(row, frameworks)
    value, day = row.number("value"), row.day("as_of")
    complete = all(row.text(column.name) for column in COLUMNS if column.needed)
    if requirement is None or value is None or day is None or not complete:
        return None
    return DeclaredValue(
        framework=row.text("framework"),
        requirement=requirement.id,
        value=value,
        as_of=day,
        source=row.text("source"),
        signatory=row.text("signatory"),
        note=row.text("note"),
        file=file,
        row=int(row.place.rpartition(":")[2]),
        t0=0.0,
        t=0.0,
    )


def _requirement(row: CsvRow, frameworks: Sequence[Framework]) -> Requirement | None:
    named, wanted = row.text("framework"), row.text("requirement")
    framework = next((framework for framework in frameworks if framework.id == named), None)
    if framework is None:
        if named:
            hint = nearest(named, [framework.id for framework in frameworks])
            row.problems.append(
                problem("unknown framework '{framework}'", at=row.at("framework"), framework=named, hint=hint)
            )
        return None
    requirement = framework.requirement(wanted)
    if requirement is None and wanted:
        hint = nearest(wanted, [each_requirement.id for each_requirement in framework.requirements])
        at = row.at("requirement")
        row.problems.append(problem("unknown requirement '{requirement}'", at=at, requirement=wanted, hint=hint))
    return requirement


def store_declared(store: Store, run: RunRecord, values: Iterable[DeclaredValue]) -> int:
    """Add declared values to a run as evidence; earlier values stay, but the latest attempt is shown."""
    before = [envelope for envelope in store.evidence(run.id, DECLARED) if envelope.probe == PROBE]
    attempts = {
        task: max(envelope.attempt for envelope in before if envelope.task == task)
        for task in {envelope.task for envelope in before}
    }
    envelopes = []
    for value in values:
        task = f"{value.framework}/{value.requirement}"
        attempts[task] = attempts.get(task, 0) + 1
        envelopes.append(
            Evidence(
                id=evidence_id(run.id, DECLARED, PROBE, task, attempts[task]),
                run=run.id,
                subject=DECLARED,
                endpoint=None,
                task=task,
                probe=PROBE,
                probe_version=1,
                attempt=attempts[task],
                vantage=run.vantage,
                started=datetime.combine(value.as_of, time(), UTC),
                queued=0.0,
                steps=(value,),
            )
        )
    store.add_evidence(envelopes)
    return len(envelopes)
