"""Serves the frameworks that a count is judged against, and the subjects that each of their figures counts."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.figures.compliance import Compliance, FrameworkResult, RequirementResult
from auditor.figures.kpis import Standing
from auditor.figures.period import Period, parse_period
from auditor.service.runs.period_counts import counted_periods, last_count
from auditor.service.web.figures.requirements import framework_lines, held_frameworks, standing_lines
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.first_steps import first_steps
from auditor.service.web.judged_runs.run_views import view_of_latest, view_of_named
from auditor.service.web.rendering.lists import paged
from auditor.service.web.rendering.render import language, page, texts_in
from auditor.service.web.routes import Routes
from auditor.service.web.site import Site, run_in_thread, run_lookup, site_of
from auditor.texts.translate import Texts
from reports.period.texts import tell
from reports.public.site import period_words

routes = Routes()
CHIPS: Mapping[Compliance, tuple[str, str]] = {
    Compliance.MET: ("pass", "✔"),
    Compliance.DECLARED_MET: ("pass", "✔"),
    Compliance.NOT_MET: ("fail", "✘"),
    Compliance.DECLARED_NOT_MET: ("fail", "✘"),
    Compliance.UNDECIDED: ("inconclusive", "?"),
}
"""The class and the sign of a standing; others are neither good nor bad."""
OTHER_CHIP = ("", "–")
STANDINGS: Mapping[Standing, tuple[str, str]] = {
    Standing.MET: ("pass", "✔"),
    Standing.NOT_MET: ("fail", "✘"),
    Standing.UNKNOWN: ("inconclusive", "?"),
    Standing.EXEMPT: OTHER_CHIP,
}


@routes.get("/frameworks")
async def frameworks(request: Request) -> StreamResponse:
    """Show the standing of each requirement in the latest run or at the end of a period."""
    site, period = site_of(request), asked_period(request)
    view = await _view(request, period)
    if view is None:
        return await first_steps(request, "frameworks")
    held = await run_in_thread(held_frameworks, view, site.digests, site.store, period)
    return await page(
        request,
        "frameworks",
        run=view.digest.run,
        frameworks=[framework_lines(each, whole=view.whole) for each in held],
        whole=view.whole,
        own=view.own_name,
        chips=CHIPS,
        other_chip=OTHER_CHIP,
        period="" if period is None else period.name,
        periods=await run_in_thread(named_periods, site, texts_in(language(request))),
    )


@routes.get("/frameworks/{framework}/{requirement}")
async def requirement(request: Request) -> StreamResponse:
    """Show the subjects that the figure of a requirement counts, and the values that were declared for it."""
    site, period = site_of(request), asked_period(request)
    view = await _view(request, period)
    held = () if view is None else await run_in_thread(held_frameworks, view, site.digests, site.store, period)
    chosen = _chosen(held, request.match_info["framework"], request.match_info["requirement"])
    if view is None or chosen is None:
        raise web.HTTPNotFound
    framework, result = chosen
    [shown] = framework_lines(replace(framework, results=(result,)), whole=view.whole).lines
    lines = await site.rendering.run(
        standing_lines, view, site.digests, site.store, framework.framework, result.requirement
    )
    return await page(
        request,
        "requirement",
        run=view.digest.run,
        framework=framework.framework,
        shown=shown,
        values=result.declared if view.whole else (),
        listed=paged(lines, request),
        counts={standing: n for standing in Standing if (n := sum(line.standing is standing for line in lines))},
        names=view.names,
        standings=STANDINGS,
        say=partial(tell, texts_in(language(request))),
        chips=CHIPS,
        period="" if period is None else period.name,
    )


def _chosen(
    held: Iterable[FrameworkResult], framework: str, requirement: str
) -> tuple[FrameworkResult, RequirementResult] | None:
    """Return a requirement in force by its name; None if there is none."""
    for each in held:
        for result in each.results if each.framework.id == framework else ():
            if result.requirement.id == requirement and result.compliance is not Compliance.NOT_IN_FORCE:
                return each, result
    return None


def asked_period(request: Request) -> Period | None:
    """Return the period that an address names; None for the latest run. 404 for an invalid name."""
    word = request.query.get("period", "")
    return period_named(word) if word else None


def period_named(word: str) -> Period:
    """Return the period of this name; 404 for an invalid name."""
    try:
        return parse_period(word)
    except ValueError:
        raise web.HTTPNotFound from None


async def _view(request: Request, period: Period | None) -> AccountView | None:
    """Return the latest run, or the last run counted in a period; 404 if nothing was counted in it."""
    if period is None:
        return await run_lookup(view_of_latest, request)
    return await run_in_thread(_of_period, request, period)


def _of_period(request: Request, period: Period) -> AccountView:
    site = site_of(request)
    about = ("last count", period.name)  # finding it takes up to three queries for every run
    count = site.digests.remembered(about, lambda: last_count(period, site.store, datetime.now(UTC)))
    view = None if count is None else view_of_named(request, count[0].id)
    if view is None:
        raise web.HTTPNotFound
    return view


def named_periods(site: Site, texts: Texts) -> Mapping[str, str]:
    """Return the periods in which anything was counted, with their names for readers."""
    return {name: period_words(texts, parse_period(name)) for name in counted_periods(site.store, datetime.now(UTC))}
