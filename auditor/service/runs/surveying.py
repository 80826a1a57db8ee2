"""Reads workbooks of a survey as respondents send them, and keeps their answers with the values computed from all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from auditor.figures.period import Period, parse_period
from auditor.figures.survey import MissingAnswer, SurveyAnswer, items, missing, values
from auditor.framework.csv_reader import CsvRow
from auditor.framework.message_format import clean
from auditor.framework.operator_problems import OperatorProblem, nearest, problem
from auditor.regulations.model import Framework, SurveyForm
from auditor.service.runs.declaring import DeclarationError, readable
from auditor.service.store.kept.declared_values import DeclaredValues, holding
from auditor.service.store.records import DeclaredEntry
from inventory.problems.problem import ProblemCollector
from inventory.sources.files import sheets_sent
from inventory.sources.sheet import Sheet
from reports.survey_form import COLUMNS, HEAD

MOST_BYTES = 5_000_000
_FIELDS = ("as_of", "source", "signatory")
"""Columns that are required besides each value."""
_HEADING = frozenset({"mã", "code"})
"""Headings of the column of codes, in both languages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    framework: Framework
    period: Period
    form: SurveyForm
    respondent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyAnswers:
    """Holds the answers in workbooks, and the framework and period of each, including workbooks without answers."""

    entries: tuple[DeclaredEntry, ...]
    surveys: frozenset[tuple[str, str]]


def read_answers(paths: Sequence[Path], frameworks: Sequence[Framework]) -> SurveyAnswers:
    """Read the answers in workbooks. Raises DeclarationError naming every bad cell of every file."""
    problems: list[OperatorProblem] = []
    read = [(name, sheets_sent(name, data, ProblemCollector())) for name, data in readable(paths, MOST_BYTES, problems)]
    return answers_of(read, frameworks, problems)


def answers_of(
    files: Iterable[tuple[str, Sequence[Sheet]]],
    frameworks: Sequence[Framework],
    unread: Sequence[OperatorProblem] = (),
) -> SurveyAnswers:
    """Return the answers in the first sheet of each file. Raises DeclarationError for ``unread`` and bad cells."""
    problems = list(unread)
    entries: list[DeclaredEntry] = []
    surveys: set[tuple[str, str]] = set()
    for name, sheets in files:
        if not sheets:
            problems.append(problem("is not a workbook that can be read", at=name))
        for sheet in sheets[:1]:
            rows = [(number, [cell.strip() for cell in cells]) for number, cells in sheet.records]
            head = _head(rows, name, frameworks, problems)
            if head is not None:
                surveys.add((head.framework.id, head.period.name))
                entries += _entries(rows, head, name, problems)
    if problems:
        raise DeclarationError(problems)
    return SurveyAnswers(entries=tuple(entries), surveys=frozenset(surveys))


def _entries(
    rows: Sequence[tuple[int, Sequence[str]]], head: _Head, file: str, problems: list[OperatorProblem]
) -> Iterator[DeclaredEntry]:
    known = {item.code: requirement for requirement, item in items(head.framework, head.form)}
    seen: set[str] = set()
    for number, cells in rows:
        row = _row(number, cells, file, problems)
        code = row.text("code")
        if not code or code in HEAD.values() or code.casefold() in _HEADING:
            continue
        if code not in known:
            if row.text("value"):
                hint = nearest(code, known)
                problems.append(problem("unknown code '{code}'", at=row.at("code"), code=clean(code), hint=hint))
            continue
        if code in seen:
            problems.append(problem("code '{code}' stands twice", at=row.at("code"), code=clean(code)))
            continue
        seen.add(code)
        entry = _entry(row, number, file, head, known[code].id)
        if entry is not None:
            yield entry


def _row(number: int, cells: Sequence[str], file: str, problems: list[OperatorProblem]) -> CsvRow:
    named = {name: cell[:1_000] for name, cell in zip(COLUMNS, cells, strict=False)}
    return CsvRow(f"{file}:{number}", named, problems)


def _head(
    rows: Sequence[tuple[int, Sequence[str]]],
    file: str,
    frameworks: Sequence[Framework],
    problems: list[OperatorProblem],
) -> _Head | None:
    """Read the rows above the table; return None and add problems if one is missing or has an unknown value."""
    value = COLUMNS.index("value")
    told = {cells[0]: cells[value] for _, cells in rows if len(cells) > value and cells[0] in HEAD.values()}
    lacking = [code for code in HEAD.values() if not told.get(code)]
    problems += [problem("the row {code} is missing or empty", at=file, code=code) for code in lacking]
    if lacking:
        return None
    wrong: list[OperatorProblem] = []
    framework = next((one for one in frameworks if one.id == told[HEAD["framework"]]), None)
    if framework is None:
        name = told[HEAD["framework"]]
        wrong.append(problem("unknown framework '{framework}'", at=f"{file}: FRAMEWORK", framework=clean(name)))
    if told[HEAD["form"]] not in set(SurveyForm):
        wrong.append(problem("unknown word '{word}'", at=f"{file}: FORM", word=clean(told[HEAD["form"]])))
    period: Period | None = None
    try:
        period = parse_period(told[HEAD["period"]])
    except ValueError:
        word = clean(told[HEAD["period"]])
        wrong.append(
            problem("'{period}' is not a period; write 2026, 2026-Q3 or 2026-09", at=f"{file}: PERIOD", period=word)
        )
    problems += wrong
    if wrong or framework is None or period is None:
        return None
    return _Head(
        framework=framework,
        period=period,
        form=SurveyForm(told[HEAD["form"]]),
        respondent=clean(told[HEAD["respondent"]]),
    )


def _entry(row: CsvRow, number: int, file: str, head: _Head, requirement: str) -> DeclaredEntry | None:
    """Return the entry of a row; None if it has no value, which is not an error, or if the value is bad."""
    if not row.text("value"):
        return None
    value, day = row.number("value"), row.day("as_of")
    for name in _FIELDS:
        if not row.text(name):
            row.problems.append(problem("is empty", at=row.at(name)))
    if day is not None and not head.period.first <= day <= head.period.last:
        row.problems.append(
            problem("{day:date} is not in the period {period}", at=row.at("as_of"), day=day, period=head.period.name)
        )
        return None
    if value is not None and value < 0:
        row.problems.append(problem("is below zero", at=row.at("value")))
        return None
    if value is None or day is None:
        return None
    return DeclaredEntry(
        framework=head.framework.id,
        requirement=requirement,
        item=row.text("code"),
        respondent=head.respondent,
        period=head.period.name,
        value=value,
        as_of=day,
        source=row.text("source"),
        signatory=row.text("signatory"),
        note=row.text("note"),
        file=file,
        row=number,
    )


Asked = Mapping[SurveyForm, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyStanding:
    """Holds the state of a framework's survey of a period: the complete values, and the missing answers."""

    framework: Framework
    period: Period
    complete: tuple[DeclaredEntry, ...]
    missing: tuple[MissingAnswer, ...]


def keep_answers(
    store: DeclaredValues,
    answers: SurveyAnswers,
    frameworks: Sequence[Framework],
    asked: Asked,
    *,
    who: str,
    now: datetime,
) -> tuple[int, tuple[SurveyStanding, ...]]:
    """Keep answers and the values computed from them; return the number of new answers and each survey's state."""
    kept = store.add(answers.entries, who=who, now=now)
    standings = []
    for name, period_name in sorted(answers.surveys):
        framework = next(each for each in frameworks if each.id == name)
        period = parse_period(period_name)
        standings.append(
            SurveyStanding(
                framework=framework,
                period=period,
                complete=keep_values(store, framework, period, asked, who=who, now=now),
                missing=missing_answers(store, framework, period, asked),
            )
        )
    return kept, tuple(standings)


def missing_answers(
    store: DeclaredValues, framework: Framework, period: Period, asked: Asked
) -> tuple[MissingAnswer, ...]:
    """Return the answers that were requested for a period and are not in the store."""
    return missing(framework, _answers(store, framework, period), asked)


def keep_values(
    store: DeclaredValues, framework: Framework, period: Period, asked: Asked, *, who: str, now: datetime
) -> tuple[DeclaredEntry, ...]:
    """Compute the requirements that all respondents have answered, and keep their values as entries."""
    made = tuple(
        DeclaredEntry(
            framework=framework.id,
            requirement=value.requirement.id,
            period=period.name,
            value=round(value.value, 6),
            as_of=value.as_of,
            source="; ".join(value.respondents),
            signatory="; ".join(value.signatories),
        )
        for value in values(framework, _answers(store, framework, period), asked)
    )
    store.add(made, who=who, now=now)
    return made


def _answers(store: DeclaredValues, framework: Framework, period: Period) -> list[SurveyAnswer]:
    """Return for each respondent and item the answer with the latest day in the period."""
    entries = [
        entry
        for entry in holding(store.entries())
        if entry.item and (entry.framework, entry.period) == (framework.id, period.name)
    ]
    latest: dict[tuple[str, str], DeclaredEntry] = {}
    for entry in sorted(entries, key=lambda entry: entry.as_of):
        latest[entry.respondent, entry.item] = entry
    return [
        SurveyAnswer(
            requirement=entry.requirement,
            item=entry.item,
            respondent=entry.respondent,
            value=entry.value,
            as_of=entry.as_of,
            signatory=entry.signatory,
        )
        for entry in latest.values()
    ]
