"""Serves what was declared for a period: by whom, from which source, and what is missing from whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.figures.period import Period, parse_period
from auditor.figures.survey import MissingAnswer
from auditor.framework.localdate import civil_day
from auditor.frameworks.model import Framework, Requirement, RuleKind, SurveyForm
from auditor.service.accounts.model import Role
from auditor.service.pipeline.regulations import chosen_frameworks
from auditor.service.runs.surveying import Asked, missing_answers
from auditor.service.store.declared_values import DeclaredValues, holding
from auditor.service.store.records import DeclaredEntry
from auditor.service.web.guard import remote
from auditor.service.web.pages.inventory_files import XLSX, attachment
from auditor.service.web.render import language, page, texts_in
from auditor.service.web.routes import Routes
from auditor.service.web.site import Site, account_of, run_in_thread, site_of
from reports.public_site import period_words
from reports.survey_form import survey_form

routes = Routes()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredLines:
    """What of one framework is declared for a period. ``lacking`` are declared requirements without a value."""

    framework: Framework
    values: Sequence[tuple[Requirement, DeclaredEntry]]
    answers: Sequence[DeclaredEntry]
    lacking: Sequence[Requirement]
    missing: Sequence[MissingAnswer]


def declared_lines(
    framework: Framework, period: Period, entries: Sequence[DeclaredEntry], missing: Sequence[MissingAnswer] = ()
) -> DeclaredLines:
    """Sort what was entered for a period into values of requirements and answers of a survey."""
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
    """Show the values of a period; to an agency only that they are of the whole."""
    site, texts = site_of(request), texts_in(language(request))
    if account_of(request).account.agency is not None:
        return await page(request, "declared", whole=False)
    period = _period(request.query.get("period") or str(civil_day(datetime.now(UTC)).year))
    entries = holding(await run_in_thread(site.store.declared_entries))
    names = sorted({entry.period for entry in entries} | {period.name}, reverse=True)
    return await page(
        request,
        "declared",
        whole=True,
        period=period,
        periods={name: period_words(texts, parse_period(name)) for name in names},
        frameworks=await run_in_thread(_lines, site, period, entries),
        respondents=[(form, name) for form, names in _asked(site).items() for name in names],
    )


@routes.get("/declared/form", Role.OPERATOR)
async def form(request: Request) -> StreamResponse:
    """Send the workbook of the survey for one respondent."""
    site, query = site_of(request), request.query
    period, wanted = _period(query.get("period", "")), query.get("framework", "")
    framework = next((each for each in _frameworks(site) if each.id == wanted), None)
    respondent = next(
        (
            (kind, name)
            for kind, names in _asked(site).items()
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


def _lines(site: Site, period: Period, entries: Sequence[DeclaredEntry]) -> list[DeclaredLines]:
    store, asked = DeclaredValues(site.store.database), _asked(site)
    lines = (
        declared_lines(framework, period, entries, missing_answers(store, framework, period, asked))
        for framework in _frameworks(site)
    )
    return [line for line in lines if line.values or line.answers or line.lacking]


def _frameworks(site: Site) -> Sequence[Framework]:
    return chosen_frameworks(site.config.frameworks, site.catalogue)


def _asked(site: Site) -> Asked:
    surveys = site.config.surveys
    return {SurveyForm.OPERATOR: surveys.operators, SurveyForm.DEPARTMENT: surveys.departments}


def _period(word: str) -> Period:
    try:
        return parse_period(word)
    except ValueError:
        raise web.HTTPNotFound from None
