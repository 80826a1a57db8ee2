"""Serves the seal of a run: its contents, whether it is valid, and which judgements of the run it covers."""

from aiohttp.web import Request, StreamResponse

from auditor.service.accounts.model import Role
from auditor.service.web.downloads.downloads import DOWNLOADS
from auditor.service.web.judged_runs.run_views import view_of_run
from auditor.service.web.judged_runs.seals import FACTS, judgements, seal_status, verified
from auditor.service.web.rendering.render import page
from auditor.service.web.routes import Routes
from auditor.service.web.site import account_of, run_in_thread, site_of

routes = Routes()


@routes.get("/runs/{run}/seal")
async def seal(request: Request) -> StreamResponse:
    """Show the seal of a run; with ``check``, and only for operators, verify the whole run against it.

    The differences name subjects of every agency.
    """
    site, view = site_of(request), await view_of_run(request)
    run = view.digest.run
    may_check = account_of(request).account.role.covers(Role.OPERATOR)
    checked = await run_in_thread(verified, site, run.id) if may_check and "check" in request.query else None
    return await page(
        request,
        "seal",
        run=run,
        sealed=await seal_status(site, view.digest.judgement),
        checked=checked,
        may_check=may_check,
        judgements=await run_in_thread(judgements, site, run.id),
        shown=view.digest.judgement.id,
        facts=FACTS,
        downloads=DOWNLOADS if view.reported else (),
    )
