"""Serves names that the latest run of an inventory shows and no row has: a person adds each, or sets it aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.service.accounts.model import Role
from auditor.service.runs.forgotten import ForgottenName, ForgottenNames, forgotten, own_suffixes
from auditor.service.store.kept.set_aside_names import NameDecision, SetAsideNames
from auditor.service.store.records import RunRecord, RunState, StoreError
from auditor.service.web.forms.sent_forms import field
from auditor.service.web.rendering.lists import paged
from auditor.service.web.rendering.render import page
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import remote
from auditor.service.web.site import Site, account_of, run_in_thread, site_of

routes = Routes()
_LONGEST_REASON, _LONGEST_NAME = 500, 255


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenView:
    """Holds an inventory's forgotten names and the decisions about them. ``run`` is None before its first audit."""

    suffixes: Sequence[str]
    run: RunRecord | None
    open: Sequence[ForgottenName]
    aside: Sequence[Sequence[NameDecision]]
    """The decisions about each name that is set aside, the oldest first."""
    more: int


@routes.get("/inventories/{name}/forgotten", Role.OPERATOR)
async def names(request: Request) -> StreamResponse:
    return await _names(request)


@routes.post("/inventories/{name}/forgotten", Role.OPERATOR)
async def decide(request: Request) -> StreamResponse:
    """Set a name aside, or propose it again; a reason is needed."""
    site, inventory = site_of(request), request.match_info["name"]
    name, kind = (await field(request, "name"))[:_LONGEST_NAME], await field(request, "kind")
    reason = (await field(request, "reason")).strip()[:_LONGEST_REASON]
    view = await _view(request)
    known = {(each.name, each.kind.value) for each in view.open} | {
        (each[-1].name, each[-1].kind) for each in view.aside
    }
    if (name, kind) not in known:
        raise web.HTTPNotFound
    if not reason:
        return await _names(request, problem="NO_REASON", status=422)
    decision = NameDecision(
        name=name,
        kind=kind,
        aside=await field(request, "then") == "aside",
        reason=reason,
        made=datetime.now(UTC),
        who=account_of(request).account.name,
    )
    await run_in_thread(_keep, site, inventory, decision, remote(request))
    raise web.HTTPSeeOther(f"/inventories/{quote(inventory, safe='')}/forgotten")


async def _names(request: Request, *, problem: str = "", status: int = 200) -> StreamResponse:
    view = await _view(request)
    return await page(
        request,
        "inventory_forgotten",
        name=request.match_info["name"],
        view=view,
        listed=paged(view.open, request),
        problem=problem,
        status=status,
    )


async def _view(request: Request) -> ForgottenView:
    site, name = site_of(request), request.match_info["name"]
    try:
        return await site.rendering.run(_found, site, name)
    except StoreError as error:
        raise web.HTTPNotFound from error


def _found(site: Site, name: str) -> ForgottenView:
    version = site.stock.version(name)
    subjects = site.stock.read(version).subjects
    suffixes, run = own_suffixes(subjects, ()), _latest_run(site, name)
    found = ForgottenNames()
    if run is not None and suffixes:
        members = run.members or (run.id,)
        found = site.forgotten.of(
            (run.id, version.digest),
            lambda: forgotten(
                (each for member in members for each in site.store.all_evidence(member)), subjects, suffixes
            ),
        )
    history = SetAsideNames(site.store.database).history(name)
    aside = {key: decisions for key, decisions in history.items() if decisions[-1].aside}
    return ForgottenView(
        suffixes=suffixes,
        run=run,
        open=[each for each in found.names if (each.name, each.kind.value) not in aside],
        aside=list(aside.values()),
        more=found.more,
    )


def _latest_run(site: Site, name: str) -> RunRecord | None:
    """Return the latest finished run of any version of the inventory with evidence that is still kept.

    A run that is dated in the future, or only of a part, which need not have asked for any name, is returned only if
    there is no other.
    """
    digests = {version.digest for version in site.stock.versions(name)}
    runs = (
        run
        for run in site.store.runs()
        if run.inventory in digests and run.state is RunState.FINISHED and not run.amends and run.forgotten is None
    )
    now = datetime.now(UTC)
    return max(runs, key=lambda run: (run.started <= now, not run.is_part, run.started), default=None)


def _keep(site: Site, inventory: str, decision: NameDecision, address: str) -> None:
    what = "name_set_aside" if decision.aside else "name_proposed_again"
    with site.store.batch():
        SetAsideNames(site.store.database).decide(inventory, decision)
        site.accounts.note(decision.who, address, what, f"{inventory} {decision.name}")
