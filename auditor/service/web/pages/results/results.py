"""Serves the results: the overview, runs, agencies, subjects, and the reports of a run."""

from collections.abc import Sequence
from datetime import UTC, datetime

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.framework.findings import WORST_FIRST, Outcome
from auditor.service.accounts.model import Role
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.runs.history import trend_points
from auditor.service.scheduler.model import Job, JobState
from auditor.service.store.records import JudgementRecord, newest_first
from auditor.service.web.downloads.downloads import DOWNLOADS
from auditor.service.web.figures.overview import judgement_before, overview, state_of
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.cut_off import cut_off_since, dated_ahead
from auditor.service.web.judged_runs.doubt_notice import doubt_of, doubts
from auditor.service.web.judged_runs.first_steps import first_steps
from auditor.service.web.judged_runs.rechecks import recheck_offer
from auditor.service.web.judged_runs.run_views import chosen, view_of_latest, view_of_run
from auditor.service.web.judged_runs.seals import seal_of, seal_status
from auditor.service.web.rendering.lists import one_page, page_number, paged
from auditor.service.web.rendering.render import kept, language, page, texts_in, until_written
from auditor.service.web.routes import Routes
from auditor.service.web.site import Site, account_of, run_in_thread, run_lookup, site_of
from auditor.texts.translate import Texts
from inventory.model import AgencyId, SubjectId
from inventory.word_matching import fold
from reports import seen_from
from reports.deciding_lines import DecidingLines
from reports.evidence_text import reader_word
from reports.figures import figures
from reports.joined import join
from reports.shown_results import RESULTS, tally

routes = Routes()
_PATIENCE = 2.0  # seconds
_LOOKED_AT = 50
_QUIET = frozenset({Outcome.PASS, Outcome.NOT_APPLICABLE})


@routes.get("/")
@until_written
async def dashboard(request: Request) -> StreamResponse:
    view = await run_lookup(view_of_latest, request)
    return await first_steps(request, "dashboard") if view is None else await _overview(request, view, latest=True)


@routes.get("/runs")
async def runs(request: Request) -> StreamResponse:
    site = site_of(request)
    listed = paged(newest_first(await run_in_thread(site.store.runs), datetime.now(UTC)), request)
    judged = await run_in_thread(site.store.latest_judgements)
    return await page(request, "runs", listed=listed, judged=judged)


@routes.get("/runs/{run}")
@until_written
async def run(request: Request) -> StreamResponse:
    return await _overview(request, await chosen(request))


@routes.get("/runs/{run}/agencies")
async def agencies(request: Request) -> StreamResponse:
    """List the visible agencies with a text in their name or code; without a text, all of them."""
    view, wanted = await view_of_run(request), request.query.get("q", "").strip()[:100]
    found = [unit for unit in view.units() if fold(wanted) in fold(f"{unit.name} {unit.agency}")]
    return await page(request, "agencies", run=view.digest.run, listed=paged(found, request), wanted=wanted)


@routes.get("/runs/{run}/agencies/{agency}")
@until_written
async def agency(request: Request) -> StreamResponse:
    view, code = await chosen(request), request.match_info["agency"]
    lines = view.of_agency(None if code == "-" else AgencyId(code))
    if lines is None:
        raise web.HTTPNotFound
    name = "" if code == "-" else view.name(AgencyId(code))
    number = one_page(lines, page_number(request)).number
    about = (*view.about, code, str(number))
    body = await kept(
        request, "agency_body", about, lambda: _of_agency(site_of(request), view, code, name, lines, number)
    )
    told = await doubts(site_of(request), view.digest.run.id)
    seal = await seal_status(site_of(request), view.digest.judgement)
    run = view.digest.run
    return await page(request, "agency", run=run, code=code, name=name, body=body, doubts=told, sealed=seal)


@routes.get("/runs/{run}/subjects/{subject:.+}")
async def subject(request: Request) -> StreamResponse:
    view = await chosen(request)
    found = view.subject(SubjectId(request.match_info["subject"]))
    if found is None:
        raise web.HTTPNotFound
    line, whole = found
    texts = texts_in(language(request))
    findings = await run_in_thread(view.findings, line)
    problems = sorted(
        (finding for finding in findings if finding.outcome not in _QUIET),
        key=lambda finding: (WORST_FIRST.index(finding.outcome), finding.severity.rank),
    )
    wanted = {each for problem in problems for each in problem.evidence}
    evidence = {one.id: one for one in await run_in_thread(view.evidence, line) if one.id in wanted}
    deciding = DecidingLines(whole, evidence, reader_word(language(request)))
    marks = deciding.of_all(problems, site_of(request).catalogue.checks)
    return await page(
        request,
        "subject",
        run=view.digest.run,
        line=line,
        subject=whole,
        problems=join(problems),
        results=dict(zip(RESULTS, tally(findings), strict=True)),
        doubts=await doubts(site_of(request), view.digest.run.id),
        sealed=await seal_status(site_of(request), view.digest.judgement),
        recheck=await run_in_thread(recheck_offer, site_of(request), account_of(request).account, whole),
        rechecks=await run_in_thread(view.rechecks, line, site_of(request).stock),
        agency="" if line.agency is None else view.name(line.agency),
        contact=view.contact(whole),
        quiet=[finding for finding in findings if finding.outcome in _QUIET],
        one_sided=seen_from.one_sided(texts, await run_in_thread(view.seen_from, line)),
        by_vantage={problem.id: seen_from.by_vantage(texts, problem) for problem in problems},
        evidence=[(each, deciding.marked(each.id, marks.get(each.id, ()))) for each in evidence.values()],
    )


# --- helpers of the pages --------------------------------------------------------------------------------------------


def troubles(jobs: Sequence[Job]) -> Sequence[Job]:
    """Return the last ended whole audit of each inventory if it failed or was missed; ``jobs`` come newest first."""
    last = {job.wanted.inventory: job for job in reversed(jobs) if not job.is_open and not job.wanted.subjects}
    return [one for one in last.values() if one.state in (JobState.FAILED, JobState.MISSED)]


async def _overview(request: Request, view: AccountView, *, latest: bool = False) -> StreamResponse:
    """Show the overview of a run, with its changes if they are known soon; else a large comparison goes on meanwhile.

    For the ``latest`` run the page says whether a later one was cut off, or is dated in the future.
    """
    site = site_of(request)
    heeds = account_of(request).account.role.covers(Role.OPERATOR)
    before, cut_off, ahead, troubles, running, doubted, seal = await run_lookup(
        lambda: (
            judgement_before(site, view.digest),
            cut_off_since(site, view.digest.run) if latest else None,
            dated_ahead(site) if latest else None,
            _troubles(site) if heeds else (),
            _open_jobs(site) if heeds else (),
            doubt_of(site, view.digest.run.id),
            seal_of(site, view.digest.judgement),
        )
    )
    told = before is not None and await site.comparisons.ready(before, view.digest, _PATIENCE)
    about = (*view.about, "" if before is None else before.id, str(told))
    body = await kept(
        request, "dashboard_body", about, lambda: _told(site, view, before, texts_in(language(request)), told=told)
    )
    return await page(
        request,
        "dashboard",
        lasts=(told or before is None) and not running,
        run=view.digest.run,
        body=body,
        cut_off=cut_off,
        ahead=ahead,
        troubles=troubles,
        running=running,
        doubts=doubted,
        sealed=seal,
    )


def _troubles(site: Site) -> Sequence[Job]:
    """Return the last audits of inventories that failed or were missed, so that nobody has to look for them."""
    return site.digests.remembered(("troubles",), lambda: troubles(site.jobs.latest(_LOOKED_AT)))


def _open_jobs(site: Site) -> Sequence[Job]:
    return site.digests.remembered(("open jobs",), lambda: tuple(site.jobs.open_jobs()), untold=True)


def _told(
    site: Site, view: AccountView, before: JudgementRecord | None, texts: Texts, *, told: bool
) -> dict[str, object]:
    comparison = view.changes(before, site.digests) if told and before is not None else None
    run = None if before is None else site.store.run(before.run)
    missing = site.unauthorised.of(view)
    points = tuple(trend_points(site.digests.judged(view.digest.judgement), site.store)) if view.whole else ()
    return {
        **overview(view, run, comparison, texts, points),
        "total": site.untested.results(view.judgement, view.subjects, view.outcomes),
        "unauthorised": missing,
        "downloads": DOWNLOADS if view.reported else (),
    }


def _of_agency(
    site: Site, view: AccountView, code: str, name: str, lines: Sequence[SubjectLine], number: int
) -> dict[str, object]:
    rollup = view.digest.rollup
    figured = None if rollup is None or code == "-" else rollup.unit(AgencyId(code))
    return {
        "run": view.digest.run,
        "code": code,
        "name": name,
        "state": state_of(lines),
        "listed": one_page(sorted(lines, key=_urgency), number),
        "results_of": lambda line: site.untested.results(view.judgement, (line,), line.outcomes),
        "figures": [] if figured is None else list(figures(figured)),
        "downloads": DOWNLOADS if view.reports(AgencyId(code)) else (),
    }


def _urgency(line: SubjectLine) -> tuple[int, ...]:
    outcomes = line.outcomes
    return tuple(-outcomes.get(outcome, 0) for outcome in WORST_FIRST)
