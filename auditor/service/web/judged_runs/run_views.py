"""Finds the judged run that a request asks for, as its account sees it."""

from datetime import UTC, datetime

from aiohttp import web
from aiohttp.web import Request

from auditor.service.store.records import JudgementRecord, RunRecord, StoreError
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.cut_off import shown_first
from auditor.service.web.judged_runs.judgement_summary import JudgementSummary
from auditor.service.web.judged_runs.seals import chosen as judgement_of
from auditor.service.web.site import Site, account_of, run_in_thread, run_lookup, site_of
from probes.framework.evidence import RunId


def latest(site: Site) -> JudgementSummary | None:
    """Return the latest whole run that was judged, else the latest that was cut short or asked for a part.

    A run that is dated later than it is now is returned only if there is no other.
    """
    judgement = site.digests.remembered(("latest",), lambda: _latest(site))
    return None if judgement is None else site.digests.of(judgement)


def _latest(site: Site) -> JudgementRecord | None:
    runs = [run for run in site.store.runs() if not run.amends]
    now = datetime.now(UTC)
    for record in sorted(runs, key=lambda run: shown_first(run, now), reverse=True):
        judgement = site.store.latest_judgement(record.id)
        if judgement is not None:
            return judgement
    return None


def _of_run(site: Site, name: str) -> JudgementRecord | None:
    return site.digests.remembered(("run", name), lambda: _judged_run(site, name))


def _judged_run(site: Site, name: str) -> JudgementRecord | None:
    try:
        record: RunRecord = site.store.run(RunId(name))
    except StoreError:
        return None
    return site.store.latest_judgement(record.id)


async def view_of_run(request: Request) -> AccountView:
    """Return the run of the path by its latest judgement, as the account sees it; 404 if there is none."""
    view = await run_lookup(_seen, request)
    if view is None:
        raise web.HTTPNotFound
    return view


async def chosen(request: Request) -> AccountView:
    """Return the run of the path by its latest judgement, or by the one that ``judgement`` names, shown or not."""
    wanted = request.query.get("judgement")
    if wanted is None:
        return await view_of_run(request)
    view = await run_in_thread(_chosen, request, wanted)
    if view is None:
        raise web.HTTPNotFound
    return view


def _chosen(request: Request, wanted: str) -> AccountView | None:
    site = site_of(request)
    if _of_run(site, request.match_info["run"]) is None:
        return None
    judgement = judgement_of(site, RunId(request.match_info["run"]), wanted)
    return None if judgement is None else _view(request, site.digests.of(judgement))


def _seen(request: Request) -> AccountView | None:
    return view_of_named(request, request.match_info["run"])


def view_of_named(request: Request, run: str) -> AccountView | None:
    """Return a run by its latest judgement, as the account sees it; None if there is none. May take some time."""
    site = site_of(request)
    judgement = _of_run(site, run)
    return None if judgement is None else _view(request, site.digests.of(judgement))


def view_of_latest(request: Request) -> AccountView | None:
    """Return the latest run as the account sees it; None if there is none. May take some time."""
    digest = latest(site_of(request))
    return None if digest is None else _view(request, digest)


def _view(request: Request, digest: JudgementSummary) -> AccountView:
    return AccountView(account_of(request).account, digest, site_of(request).store)
