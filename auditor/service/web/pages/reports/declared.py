"""Serves the values declared for a period, with their sources and respondents, and the values that are missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.figures.period import Period, parse_period
from auditor.figures.survey import MissingAnswer
from auditor.framework.localdate import civil_day
from auditor.regulations.model import Framework, Requirement, RuleKind
from auditor.regulations.provinces import concerning
from auditor.service.accounts.model import Role
from auditor.service.inventories.file_reading import sheets_of
from auditor.service.pipeline.operator_files.frameworks import chosen_frameworks
from auditor.service.runs.declaring import COLUMNS, DeclarationError, entry_of_form
from auditor.service.runs.surveying import SurveyAnswers, SurveyStanding, answers_of, keep_answers, missing_answers
from auditor.service.store.kept.declared_values import DeclaredValues, holding
from auditor.service.store.records import DeclaredEntry
from auditor.service.web.downloads.attachments import XLSX, attachment
from auditor.service.web.forms.choices import organisations
from auditor.service.web.forms.uploads import MOST_FILES, parse_upload, sent_files
from auditor.service.web.judged_runs.run_views import latest
from auditor.service.web.pages.results.frameworks import period_named
from auditor.service.web.rendering.render import language, page, texts_in
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import remote
from auditor.service.web.site import Site, account_of, run_in_thread, site_of
from auditor.service.web.words.lookup import say as say_in_pages
from inventory.problems.problem import InventoryError
from inventory.sources.sheet import Sheet
from reports.public.site import period_words
from reports.survey_form import survey_form

routes = Routes()
LARGEST = 12 * 1024 * 1024
"""Bytes of the workbooks that are sent together, with the form around them."""
_MOST_LINES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredLines:
    """Holds the values of one framework declared for a period. ``lacking``: declared requirements without a value."""

    framework: Framework
    values: Sequence[tuple[Requirement, DeclaredEntry]]
    answers: Sequence[DeclaredEntry]
    lacking: Sequence[Requirement]
    missing: Sequence[MissingAnswer]

    @property
    def declarable(self) -> Sequence[Requirement]:
        """The requirements that wait for a value, and those that have one, which can be corrected."""
        return (*self.lacking, *(requirement for requirement, _ in self.values))

    @property
    def is_asked(self) -> bool:
        """True if anything of the framework is to be declared, or was."""
        return bool(self.values or self.answers or self.lacking or self.missing)


def declared_lines(
    framework: Framework, period: Period, entries: Sequence[DeclaredEntry], missing: Sequence[MissingAnswer] = ()
) -> DeclaredLines:
    """Sort the entries of a period into values of requirements and answers of a survey."""
    own = [entry for entry in entries if (entry.framework, entry.period) == (framework.id, period.name)]
    values = [
        (requirement, entry)
        for requirement in framework.requirements
        for entry in own
        if entry.requirement == requirement.id and not entry.item
    ]
    stated = {requirement.id for requirement, _ in values}
    return DeclaredLines(
        framework=framework,
        values=values,
        answers=sorted((entry for entry in own if entry.item), key=lambda entry: (entry.respondent, entry.item)),
        lacking=[
            requirement
            for requirement in framework.requirements
            if requirement.rule.kind is RuleKind.DECLARED and requirement.id not in stated
        ],
        missing=missing,
    )


@routes.get("/declared")
async def declared(request: Request) -> StreamResponse:
    """Show the values of a period; tell an agency only that they are of the whole."""
    return await _shown(request, request.query.get("period", ""))


async def _shown(
    request: Request, wanted: str, fields: Mapping[str, str] = MappingProxyType({}), wrong: Sequence[str] = ()
) -> StreamResponse:
    """Show the page of a period, by default this year; ``fields`` as they were sent, with the mistakes in ``wrong``."""
    site, texts = site_of(request), texts_in(language(request))
    if account_of(request).account.agency is not None:
        return await page(request, "declared", whole=False)
    today = civil_day(datetime.now(UTC))
    year, period = today.year, period_named(wanted or str(today.year))
    entries = holding(await run_in_thread(site.store.declared_entries))
    names = sorted({entry.period for entry in entries} | {period.name, str(year), str(year - 1)}, reverse=True)
    return await page(
        request,
        "declared",
        whole=True,
        period=period,
        periods={name: period_words(texts, parse_period(name)) for name in names},
        frameworks=await run_in_thread(_lines, site, period, entries),
        respondents=[(form, name) for form, names in site.config.surveys.asked.items() for name in names],
        fields={**dict.fromkeys((column.name for column in COLUMNS), ""), **fields},
        day=min(today, period.last),
        wrong=wrong,
        status=422 if wrong else 200,
    )


@routes.post("/declared/value", Role.OPERATOR)
async def enter(request: Request) -> StreamResponse:
    """Keep one value that was filled in on the page; if there is a mistake, show the page again with it."""
    site, account = site_of(request), account_of(request).account
    sent = {name: " ".join(text.split()) for name, text in (await request.post()).items() if isinstance(text, str)}
    period = period_named(sent.get("period", ""))
    framework, _, requirement = sent.get("requirement", "").partition("/")
    named = {"framework": framework, "requirement": requirement}
    fields = {column.name: named.get(column.name, sent.get(column.name, "")) for column in COLUMNS}
    try:
        entries = entry_of_form(fields, _frameworks(site), period)
    except DeclarationError as error:
        return await _shown(request, period.name, sent, _wrong(error, language(request)))
    await run_in_thread(_add, site, entries, account.name, remote(request))
    raise web.HTTPSeeOther(f"/declared?period={period.name}")


def _wrong(error: DeclarationError, lang: str) -> list[str]:
    """Word the mistakes of a form by the titles of its fields."""
    texts = texts_in(lang)
    say = partial(texts.say, "ui")
    return [
        replace(each, place=say_in_pages(texts, f"declared_{each.place.rpartition(':')[2]}")).worded(say)
        for each in error.problems
    ]


def _add(site: Site, entries: Sequence[DeclaredEntry], who: str, address: str) -> None:
    with site.store.batch():
        kept = DeclaredValues(site.store.database).add(entries, who=who, now=datetime.now(UTC))
        requirements = (f"{entry.framework}/{entry.requirement}" for entry in entries)
        site.accounts.note(who, address, "values_declared", " ".join((str(kept), *requirements)))


@routes.get("/declared/form", Role.OPERATOR)
async def form(request: Request) -> StreamResponse:
    """Send the workbook of the survey for one respondent."""
    site, query = site_of(request), request.query
    period, wanted = period_named(query.get("period", "")), query.get("framework", "")
    framework = next((each for each in _frameworks(site) if each.id == wanted), None)
    respondent = next(
        (
            (kind, name)
            for kind, names in site.config.surveys.asked.items()
            for name in names
            if (kind.value, name) == (query.get("form"), query.get("respondent"))
        ),
        None,
    )
    if framework is None or respondent is None:
        raise web.HTTPNotFound
    data = await site.rendering.run(survey_form, framework, period, *respondent, language(request))
    account = account_of(request).account
    await run_in_thread(site.accounts.note, account.name, remote(request), "export", f"{period.name} {framework.id}")
    return attachment(data, f"survey-{period.name}-{respondent[0].value}-{respondent[1]}.xlsx", XLSX)


@routes.post("/declared/import", Role.OPERATOR, largest=LARGEST)
async def take_in(request: Request) -> StreamResponse:
    """Keep the answers in workbooks of a survey, all or, if a cell is wrong, none; then show which are missing."""
    site, account = site_of(request), account_of(request).account
    files = await sent_files(request)
    if not files or len(files) > MOST_FILES:
        problem_code = "TOO_MANY_FILES" if files else "NO_FILES"
        return await page(request, "declared_imported", problem=problem_code, lines=(), status=422)
    sheets = [(name, await _sheets(name, data)) for name, data in files]
    try:
        answers = await run_in_thread(answers_of, sheets, _frameworks(site))
    except DeclarationError as error:
        say = partial(texts_in(language(request)).say, "ui")
        lines = [problem.worded(say) for problem in error.problems[:_MOST_LINES]]
        more = len(error.problems) - len(lines)
        return await page(request, "declared_imported", problem="BAD_SURVEY", lines=lines, more=more, status=422)
    names = [name for name, _ in files]
    kept, standings = await run_in_thread(_keep, site, answers, names, account.name, remote(request))
    return await page(request, "declared_imported", problem="", kept=kept, standings=standings)


async def _sheets(name: str, data: bytes) -> Sequence[Sheet]:
    """Read the sheets of an uploaded workbook; none if it cannot be read."""
    try:
        return await parse_upload(sheets_of, name, data)
    except InventoryError:
        return ()


def _keep(
    site: Site, answers: SurveyAnswers, names: Sequence[str], who: str, address: str
) -> tuple[int, Sequence[SurveyStanding]]:
    values, asked = DeclaredValues(site.store.database), site.config.surveys.asked
    with site.store.batch():
        kept, standings = keep_answers(values, answers, _frameworks(site), asked, who=who, now=datetime.now(UTC))
        site.accounts.note(who, address, "values_declared", " ".join((str(kept), *names)))
    return kept, standings


def _lines(site: Site, period: Period, entries: Sequence[DeclaredEntry]) -> list[DeclaredLines]:
    """Sort declared values by framework. The plan of another province is shown only if something was declared."""
    store, asked = DeclaredValues(site.store.database), site.config.surveys.asked
    known = _frameworks(site)
    own = {framework.id for framework in concerning(known, *organisations(site, latest(site)), day=period.last)}
    lines = [
        declared_lines(framework, period, entries, missing_answers(store, framework, period, asked))
        for framework in known
    ]
    return [line for line in lines if line.is_asked and (line.framework.id in own or line.values or line.answers)]


def _frameworks(site: Site) -> Sequence[Framework]:
    return chosen_frameworks(site.config.frameworks, site.catalogue)
