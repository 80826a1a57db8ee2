"""Runs ``auditor frameworks``: prints regulations' requirements, how a run meets each, and declared values."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from auditor.figures.compliance import FrameworkResult
from auditor.framework.catalogue import load as load_catalogue
from auditor.framework.escaping import visible
from auditor.framework.localdate import civil_day
from auditor.framework.message_format import clean
from auditor.framework.operator_problems import OperatorProblem, nearest
from auditor.regulations.loading import FrameworkError
from auditor.regulations.model import Framework, Requirement
from auditor.service.cli.audit_entries import note
from auditor.service.cli.failures import refuse
from auditor.service.cli.global_options import load_config
from auditor.service.cli.list_output import print_json, wants_json
from auditor.service.cli.words import language, ui
from auditor.service.config.model import Config
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.pipeline.operator_files.frameworks import chosen_frameworks, read_framework
from auditor.service.pipeline.summaries.summarising import summarise
from auditor.service.runs.declaring import read_declared, store_declared
from auditor.service.runs.throughput import Indication, throughput
from auditor.service.store.records import StoreError
from auditor.service.store.url import open_store
from auditor.texts.translate import Texts
from probes.framework.evidence import RunId
from reports.figures import declared, measured
from reports.json_data import Plain


def list_frameworks(*, ids: bool, form: str) -> int:
    """Print one line for each framework: id, legal status, numbers of all and of manual requirements, title."""
    as_json, known = wants_json(form), _chosen(load_config({}).config)
    if as_json:
        print_json([_data(framework) for framework in known])
        return 0
    lines = [framework.id for framework in known] if ids else _lines(known)
    for line in lines:
        print(visible(line))
    return 0


def _lines(frameworks: Sequence[Framework]) -> Iterator[str]:
    """Yield a line for each framework, with aligned columns."""
    rows = [_cells(framework) for framework in frameworks]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    for *cells, title in rows:
        yield "  ".join((*(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)), title))


def _cells(framework: Framework) -> tuple[str, ...]:
    manual = sum(requirement.manual for requirement in framework.requirements)
    counts = ui("{n:n} {n/requirement/requirements}, {manual:n} by hand", n=len(framework.requirements), manual=manual)
    status = Texts(language()).word("legal_status", framework.legal_status.value)
    only = ui("only for {province}", province=framework.province) if framework.province else ""
    return framework.id, status, counts, f"{framework.title[language()]}{only and f' ({only})'}"


def _data(framework: Framework) -> dict[str, Plain]:
    return {
        "id": framework.id,
        "title": dict(framework.title),
        "legal_status": framework.legal_status.value,
        "province": framework.province or None,
        "requirements": len(framework.requirements),
        "manual": sum(requirement.manual for requirement in framework.requirements),
    }


def show(name: str, run: str | None, options: Mapping[str, object]) -> int:
    """Print every requirement; with a run also its result there."""
    config = load_config(options).config
    framework = _find(name, config)
    lines = _plain(framework) if run is None else _judged(framework, RunId(run), config.store)
    for line in lines:
        print(visible(line))
    return 0


def declare(run: str, files: Sequence[Path], options: Mapping[str, object]) -> int:
    """Read tables of declared values into a run, with a warning that this command is replaced by values of a period."""
    replaced = ui("this command ends with the next major version; declare values for a period: auditor declare add")
    print(f"auditor: {ui('warning')}: {replaced}", file=sys.stderr)
    config = load_config(options).config
    values = read_declared(files, _chosen(config))
    with open_store(config.store, create=False) as store:
        with store.batch():
            stored = store_declared(store, store.run(RunId(run)), values)
            note(store, "values_declared", " ".join((run, str(stored), *(file.name for file in files))))
        day = civil_day(store.run(RunId(run)).started)
    print(ui("{n:n} declared {n/value was/values were} added to run {run}", n=stored, run=run))
    later = sum(value.as_of > day for value in values)
    if later:
        print(ui("{n:n} of a day after this run {n/counts/count} in the first run from that day on", n=later))
    return 0


def validate(files: Sequence[Path]) -> int:
    """Read framework files and report all problems; if there are none, print one line for each framework."""
    load_config({})
    known, problems = load_catalogue(), list[OperatorProblem]()
    usable = [read[1] for read in (read_framework(path, known, problems) for path in files) if read is not None]
    if problems:
        raise FrameworkError(problems)
    for line in _lines(usable):
        print(visible(line))
    return 0


def _chosen(config: Config) -> tuple[Framework, ...]:
    return chosen_frameworks(config.frameworks, load_catalogue())


def _find(name: str, config: Config) -> Framework:
    known = {framework.id: framework for framework in _chosen(config)}
    if name not in known:
        hint = nearest(name, known)
        raise refuse([ui("unknown framework '{framework}'", framework=name) + (hint.worded(ui) if hint else "")])
    return known[name]


def _judged(framework: Framework, run: RunId, url: str) -> list[str]:
    with open_store(url, create=False) as store:
        judgement = store.latest_judgement(store.run(run).id)
        if judgement is None:
            raise StoreError("run {run} has not been judged: auditor judge {run}", run=run)
        judged = stored_judgement(judgement, store, load_catalogue())
        result = summarise(judged, store, [framework]).frameworks[0]
        tested = throughput(judged, store)
    return list(_standing(result, tested))


def _head(framework: Framework, texts: Texts) -> Iterator[str]:
    lang = language()
    yield framework.title[lang]
    yield f"  {framework.source[lang]} · {texts.word('legal_status', framework.legal_status.value)}"
    if framework.note is not None:
        yield f"  {framework.note[lang]}"


def _plain(framework: Framework) -> Iterator[str]:
    texts = Texts(language())
    yield from _head(framework, texts)
    for requirement in framework.requirements:
        yield ""
        yield from _requirement(requirement, texts)


def _in_force(requirement: Requirement) -> Iterator[str]:
    """Yield the first and last day on which a requirement holds, as far as they are known."""
    match requirement.valid_from, requirement.valid_to:
        case None, None:
            return
        case start, None:
            yield ui("in force since {start:date}", start=start)
        case None, end:
            yield ui("in force until {end:date}", end=end)
        case start, end:
            yield ui("in force {start:date} to {end:date}", start=start, end=end)


def _requirement(requirement: Requirement, texts: Texts) -> Iterator[str]:
    lang = language()
    yield f"{requirement.id}  ({requirement.article})  {requirement.text[lang]}"
    parts = [texts.word("legal_status", requirement.legal_status.value), ui("rule: {rule}", rule=str(requirement.rule))]
    parts += _in_force(requirement)
    if requirement.due is not None:
        parts.append(ui("due by {due:date}", due=requirement.due))
    yield "    " + " · ".join(parts)
    if requirement.checks:
        yield "    " + ", ".join(requirement.checks)
    if requirement.note is not None:
        yield f"    {requirement.note[lang]}"


def _standing(result: FrameworkResult, tested: Sequence[Indication]) -> Iterator[str]:
    texts = Texts(language())
    yield from _head(result.framework, texts)
    for requirement_result in result.results:
        yield ""
        yield from _requirement(requirement_result.requirement, texts)
        figure = measured(texts, requirement_result, result.day)
        yield f"    → {texts.compliance(requirement_result.compliance.value)}{': ' if figure else ''}{figure}"
        for value in requirement_result.declared:
            yield f"      {clean(declared(texts, requirement_result.requirement, value), 1_000)}"
        for each in tested if requirement_result.requirement.indicative else ():
            text = ui(
                "indicative, not i-Speed: tests at {sites:n} {sites/site/sites} of TSLCD in this run, median"
                " {median:n} Mbit/s over IPv{family}",
                sites=each.sites,
                median=each.median,
                family=each.family,
            )
            yield f"      {text}"
