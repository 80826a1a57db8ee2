"""Runs ``auditor declare``: values that were declared for a period, and the workbooks of its survey."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from auditor.figures.survey import items
from auditor.framework import catalogue
from auditor.framework.escaping import visible
from auditor.framework.message_format import clean
from auditor.framework.operator_problems import nearest
from auditor.regulations.model import Framework, SurveyForm
from auditor.service.cli.audit_entries import note, user
from auditor.service.cli.commands.reports.period import period_named
from auditor.service.cli.failures import EXIT_OK, refuse
from auditor.service.cli.global_options import load_config
from auditor.service.cli.list_output import print_json, wants_json
from auditor.service.cli.output import tell_written, writing
from auditor.service.cli.replacing import keep_files
from auditor.service.cli.words import language, ui
from auditor.service.config.model import Config
from auditor.service.pipeline.operator_files.frameworks import chosen_frameworks
from auditor.service.runs.declaring import read_entries
from auditor.service.runs.surveying import SurveyStanding, keep_answers, read_answers
from auditor.service.store import files as store_files
from auditor.service.store.api import Store
from auditor.service.store.kept.declared_values import DeclaredValues, holding
from auditor.service.store.records import DeclaredEntry
from auditor.service.store.sql.store import SqlStore
from auditor.service.store.url import open_store
from reports.file_names import FileNames
from reports.json_data import Plain, iso
from reports.survey_form import survey_form


def add(files: Sequence[Path], word: str | None, options: Mapping[str, object]) -> int:
    """Keep the values of CSV tables for a period, which by default is the year of each value's day."""
    config = load_config(options).config
    period = None if word is None else period_named(word)
    entries = read_entries(files, _frameworks(config), period)
    with open_store(config.store, create=False) as store, store.batch():
        kept = _values(store).add(entries, who=user(), now=datetime.now(UTC))
        note(store, "values_declared", " ".join((str(kept), *(file.name for file in files))))
    same = len(entries) - kept
    print(
        ui("{n:n} declared {n/value was/values were} kept; {same:n} {same/was/were} known already", n=kept, same=same)
    )
    return EXIT_OK


def list_values(word: str | None, *, history: bool, form: str, options: Mapping[str, object]) -> int:
    """Print the declared values, one per line or as JSON; with ``history`` also the corrected ones."""
    as_json, config = wants_json(form), load_config(options).config
    period = None if word is None else period_named(word)
    with open_store(config.store, create=False) as store:
        entries = _values(store).entries()
    last = set(map(id, holding(entries)))
    kept = entries if history else holding(entries)
    shown = [entry for entry in kept if period is None or entry.period == period.name]
    if as_json:
        print_json([_data(entry, corrected=id(entry) not in last) for entry in shown])
        return EXIT_OK
    if not shown:
        print(ui("Nothing is declared yet: auditor declare add FILE --period PERIOD"), file=sys.stderr)
    for entry in shown:
        corrected = "" if id(entry) in last else f" · {ui('corrected since')}"
        print(visible(_line(entry) + corrected))
    return EXIT_OK


def _data(entry: DeclaredEntry, *, corrected: bool) -> Plain:
    return {
        "framework": entry.framework,
        "requirement": entry.requirement,
        "item": entry.item or None,
        "period": entry.period,
        "value": entry.value,
        "as_of": iso(entry.as_of),
        "source": entry.source,
        "signatory": entry.signatory,
        "respondent": entry.respondent or None,
        "note": entry.note or None,
        "entered": iso(entry.made),
        "entered_by": entry.who,
        "corrected": corrected,
    }


def _line(entry: DeclaredEntry) -> str:
    what = f"{entry.framework} {entry.item or entry.requirement}"
    told = ui(
        "{what} = {value:n} as of {day:date} ({period}); source {source}, signed by {signatory}; entered {made:date} by"
        " {who}",
        what=what,
        value=entry.value,
        day=entry.as_of,
        period=entry.period,
        source=entry.source,
        signatory=entry.signatory,
        made=entry.made,
        who=entry.who,
    )
    return f"{told} · {clean(entry.respondent)}" if entry.respondent else told


def forms(word: str, name: str, out: Path, options: Mapping[str, object]) -> int:
    """Write the survey's workbook of a period for each respondent that the configuration names."""
    period, config = period_named(word), load_config(options).config
    framework, asked = _framework(name, _frameworks(config)), config.surveys.asked
    if not any(asked.values()):
        raise refuse([ui("no respondents are configured: name operators and departments under [surveys]")])
    if not any(requirement for form in SurveyForm for requirement in items(framework, form)):
        raise refuse([ui("framework '{framework}' asks for no declared values: it needs no forms", framework=name)])
    names = FileNames("respondent")
    wanted = {
        out / f"survey-{period.name}-{form.value}-{names.of(respondent)}.xlsx": (form, respondent)
        for form, respondents in asked.items()
        if any(items(framework, form))
        for respondent in respondents
    }
    keep_files(wanted, force=config.force)
    with writing(out):
        store_files.make_folders(out)
    for path, (form, respondent) in wanted.items():
        with writing(path):
            store_files.write(path, survey_form(framework, period, form, respondent, language()))
    tell_written(list(wanted))
    return EXIT_OK


def import_forms(files: Sequence[Path], options: Mapping[str, object]) -> int:
    """Keep the answers in workbooks of a survey, compute the values that are complete, and print the missing ones.

    Each missing answer is printed with the respondent that owes it.
    """
    config = load_config(options).config
    frameworks, asked, now = _frameworks(config), config.surveys.asked, datetime.now(UTC)
    answers = read_answers(files, frameworks)
    with open_store(config.store, create=False) as store, store.batch():
        kept, standings = keep_answers(_values(store), answers, frameworks, asked, who=user(), now=now)
        note(store, "values_declared", " ".join((str(kept), *(file.name for file in files))))
    print(ui("{n:n} {n/answer was/answers were} kept", n=kept))
    for standing in standings:
        _tell(standing)
    return EXIT_OK


def _tell(standing: SurveyStanding) -> None:
    for entry in standing.complete:
        print(visible(ui("{id} is answered by all: {value:n}", id=entry.requirement, value=entry.value)))
    for each in standing.missing:
        text = ui(
            "missing from {respondent}: {code} {text}",
            respondent=each.respondent,
            code=each.item.code,
            text=each.item.text[language()],
        )
        print(visible(text))


def _frameworks(config: Config) -> tuple[Framework, ...]:
    return chosen_frameworks(config.frameworks, catalogue.load())


def _framework(name: str, known: Sequence[Framework]) -> Framework:
    found = next((framework for framework in known if framework.id == name), None)
    if found is None:
        hint = nearest(name, [framework.id for framework in known])
        raise refuse([ui("unknown framework '{framework}'", framework=name) + (hint.worded(ui) if hint else "")])
    return found


def _values(store: Store) -> DeclaredValues:
    if not isinstance(store, SqlStore):
        raise refuse([ui("declared values are kept in a database; give one with --store")])
    return DeclaredValues(store.database)
