"""Serves the problems of the province: every failing or warning finding of a run, filtered, or those of one check."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.framework.findings import CheckId, Finding, Level, Outcome, Severity
from auditor.service.store.records import RunRecord
from auditor.service.web.account_view import AccountView
from auditor.service.web.doubt_notice import doubts
from auditor.service.web.lists import ListPage, one_page, page_number
from auditor.service.web.pages.results import view_of_latest, view_of_named
from auditor.service.web.problem_filter import NO_ADDRESS, NO_AGENCY, ProblemFilter, chosen, findings_of
from auditor.service.web.problem_lists import Problem
from auditor.service.web.render import language, page, texts_in
from auditor.service.web.routes import Routes
from auditor.service.web.seals import seal_status
from auditor.service.web.site import Site, run_in_thread, run_lookup, site_of
from auditor.texts.translate import LANGUAGES, Texts
from inventory.model import AgencyId, Kind

routes = Routes()
MOST_RUNS = 24
"""Runs that are offered to choose from."""
_OUTCOMES = (Outcome.FAIL, Outcome.WARN, Outcome.ERROR, Outcome.INCONCLUSIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemRow:
    """One row of the list: a problem with the whole of its worst finding."""

    problem: Problem
    finding: Finding
    agency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterChoices:
    """The values that the problems of a reader have, in the order in which they are offered."""

    agencies: Sequence[tuple[str, str]]
    checks: Sequence[CheckId]
    kinds: Sequence[Kind]
    tags: Sequence[str]


@routes.get("/problems")
async def problems(request: Request) -> StreamResponse:
    """List the problems of the latest run, or of the one that ``run`` names."""
    site, named = site_of(request), request.query.get("run", "")
    view = await run_lookup(view_of_named, request, named) if named else await run_lookup(view_of_latest, request)
    if view is None and named:
        raise web.HTTPNotFound
    if view is None:
        return await page(request, "nothing", heading="problems")
    wanted, texts = ProblemFilter.of(request.query), texts_in(language(request))
    listed = await run_in_thread(_listed, site, view, wanted, texts, page_number(request), named)
    return await page(
        request,
        "problems",
        listed,
        run=view.digest.run,
        named=named,
        wanted=wanted,
        doubts=await doubts(site, view.digest.run.id),
        sealed=await seal_status(site, view.digest.judgement),
    )


@routes.get("/checks/{check}")
async def check(request: Request) -> StreamResponse:
    """Explain a check, and list the subjects that fail it in the latest run."""
    site = site_of(request)
    found = site.catalogue.checks.get(CheckId(request.match_info["check"]))
    if found is None:
        raise web.HTTPNotFound
    view = await run_lookup(view_of_latest, request)
    failing = None if view is None else await run_in_thread(_failing, site, view, found.id)
    return await page(request, "check", check=found, failing=failing, run=None if view is None else view.digest.run)


# --- what the pages need ---------------------------------------------------------------------------------------------


def _listed(
    site: Site, view: AccountView, wanted: ProblemFilter, texts: Texts, number: int, named: str
) -> Mapping[str, object]:
    every = view.problems(site.problems, undecided=wanted.undecided)
    about = ("problem choices", *view.about, str(wanted.undecided))
    choices = site.digests.remembered(about, lambda: _choices(view, every))
    of_any_severity = select(view, every, replace(wanted, severity=""))
    shown = [problem for problem in of_any_severity if wanted.severity in ("", problem.severity.value)]
    query, of_any = _query(named, wanted), _query(named, replace(wanted, severity=""))
    return {
        "listed": rows_of(view, one_page(shown, number, f"{query}&" if query else "")),
        "findings": sum(len(findings_of(problem, wanted)) for problem in shown),
        "severities": Counter(problem.severity for problem in of_any_severity),
        "choices": choices,
        "checks": sorted(choices.checks, key=lambda check: (check.rsplit(".", 1)[0], texts.title(check))),
        "outcomes": _OUTCOMES,
        "all_severities": list(Severity),
        "levels": list(Level),
        "no_agency": NO_AGENCY,
        "no_address": NO_ADDRESS,
        "runs": site.digests.remembered(("judged runs",), lambda: _judged_runs(site)),
        "whole": view.whole,
        "query": query,
        "of_any_severity": f"?{of_any}&" if of_any else "?",
    }


def _failing(site: Site, view: AccountView, check: CheckId) -> ListPage[ProblemRow]:
    wanted = ProblemFilter(check=check)
    return rows_of(view, one_page(select(view, view.problems(site.problems), wanted), 0, f"{wanted.query}&"))


def _query(run: str, wanted: ProblemFilter) -> str:
    return "&".join(part for part in (run and urlencode({"run": run}), wanted.query) if part)


def select(view: AccountView, problems: Sequence[Problem], wanted: ProblemFilter) -> list[Problem]:
    """Return those that a selection asks for; its text is looked for in every language."""
    return chosen(problems, wanted, view.digest.organisation, [texts_in(lang) for lang in LANGUAGES])


def rows_of(view: AccountView, listed: ListPage[Problem]) -> ListPage[ProblemRow]:
    """Read what the rows of one page say."""
    lines = {problem.line.id: problem.line for problem in listed.lines}
    findings = view.findings_of(list(lines.values()))
    by_id = {finding.id: finding for of_subject in findings.values() for finding in of_subject}
    names = view.names
    rows = [
        ProblemRow(
            problem=problem,
            finding=by_id[problem.worst.id],
            agency="" if problem.line.agency is None else names.get(problem.line.agency) or problem.line.agency,
        )
        for problem in listed.lines
    ]
    return ListPage(lines=rows, number=listed.number, of=listed.of, query=listed.query)


def _choices(view: AccountView, problems: Sequence[Problem]) -> FilterChoices:
    present = {problem.line.agency for problem in problems}
    organisation = view.digest.organisation
    above = {unit.code for code in present if code and organisation.unit(code) for unit in organisation.ancestors(code)}
    agencies = [(code, name) for code, name in view.names.items() if code in present or code in above]
    return FilterChoices(
        agencies=[*agencies, *([(AgencyId(NO_AGENCY), "")] if None in present else [])],
        checks=sorted({problem.check for problem in problems}),
        kinds=sorted({problem.line.kind for problem in problems}),
        tags=sorted({tag for problem in problems for tag in problem.line.tags}),
    )


def _judged_runs(site: Site) -> Sequence[RunRecord]:
    judged = (run for run in reversed(site.store.runs()) if site.store.latest_judgement(run.id) is not None)
    return [run for run, _ in zip(judged, range(MOST_RUNS), strict=False)]
