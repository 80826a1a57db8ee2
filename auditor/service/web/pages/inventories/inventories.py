"""Serves inventories and their versions: every account browses its own part."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.service.accounts.model import Account, Role
from auditor.service.inventories.agency_view import InventoryView
from auditor.service.inventories.preview import Preview, preview_of
from auditor.service.scheduler import retiring
from auditor.service.store.kept.inventories import IsRetired
from auditor.service.store.records import InventoryVersion, StoreError
from auditor.service.web.rendering.lists import ListPage, paged
from auditor.service.web.rendering.render import language, page
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import remote
from auditor.service.web.site import Site, account_of, run_in_thread, site_of
from inventory.comparison import ChangeType
from inventory.inventory import Inventory
from inventory.model import AgencyId, Subject
from inventory.sources.files import READERS
from inventory.tables.column_guide import guide_rows

routes = Routes()


@routes.get("/inventories")
async def every(request: Request) -> StreamResponse:
    return await every_inventory(request)


@routes.get("/inventories/{name}")
async def latest(request: Request) -> StreamResponse:
    return await _one(request, None)


@routes.get(r"/inventories/{name}/{number:\d{1,9}}")
async def version(request: Request) -> StreamResponse:
    return await _one(request, int(request.match_info["number"]))


@routes.get(r"/inventories/{name}/{number:\d{1,9}}/changes")
async def changes(request: Request) -> StreamResponse:
    """Show the changes that a version made to the one before it."""
    site = site_of(request)
    one = await _version(request, int(request.match_info["number"]))
    after = await run_in_thread(site.stock.read, one)
    before = None
    if one.number > 1:
        before = await run_in_thread(site.stock.read, await run_in_thread(site.stock.version, one.name, one.number - 1))
    found = await run_in_thread(_compared, account_of(request).account.agency, before, after)
    return await page(request, "inventory_changes", changes_told(found), version=one, before=before is not None)


@routes.post("/inventories/{name}/retire", Role.OPERATOR)
async def retire(request: Request) -> StreamResponse:
    """Take an inventory out of lists and audits, and pause its schedules; its content stays."""
    return await _decided(request, _retire)


@routes.post("/inventories/{name}/reinstate", Role.OPERATOR)
async def reinstate(request: Request) -> StreamResponse:
    """Reinstate a retired inventory."""
    return await _decided(request, _reinstate)


# --- helpers of the pages --------------------------------------------------------------------------------------------


async def _decided(request: Request, decide: Callable[[Site, str, str, str], None]) -> StreamResponse:
    name, who = request.match_info["name"], account_of(request).account.name
    try:
        await run_in_thread(decide, site_of(request), name, who, remote(request))
    except IsRetired:
        pass  # another request did it a moment ago
    except StoreError as error:
        raise web.HTTPNotFound from error
    raise web.HTTPSeeOther(f"/inventories/{quote(name, safe='')}")


def _retire(site: Site, name: str, who: str, address: str) -> None:
    with site.store.batch():
        retiring.retire(name, site.stock, site.jobs, site.schedules, who=who, address=address, now=datetime.now(UTC))
        site.accounts.note(who, address, "inventory_retired", name)


def _reinstate(site: Site, name: str, who: str, address: str) -> None:
    with site.store.batch():
        site.stock.reinstate(name, who=who, now=datetime.now(UTC))
        site.accounts.note(who, address, "inventory_reinstated", name)


async def every_inventory(request: Request, *, problem: str = "", name: str = "", status: int = 200) -> StreamResponse:
    site = site_of(request)
    return await page(
        request,
        "inventories",
        kept=await run_in_thread(site.stock.latest),
        retired=await run_in_thread(site.stock.retirements),
        files=site.inventories.names(),
        problem=problem,
        name=name,
        suffixes=",".join(READERS),
        whole=account_of(request).account.agency is None,
        guide=guide_rows(language(request)),
        status=status,
    )


async def _one(request: Request, number: int | None) -> StreamResponse:
    site = site_of(request)
    one = await _version(request, number)
    wanted = request.query.get("q", "").strip()[:100]
    view, subjects = await run_in_thread(_found, site, account_of(request).account, one, wanted)
    listed: ListPage[Subject] = paged(subjects, request)
    return await page(
        request,
        "inventory",
        version=one,
        versions=await run_in_thread(site.stock.versions, one.name),
        names=view.names,
        retired=(await run_in_thread(site.stock.retirements)).get(one.name),
        schedules=await run_in_thread(retiring.schedules_of, one.name, site.schedules, site.jobs),
        listed=listed,
        wanted=wanted,
        of=len(view.subjects),
        whole=view.whole,
        has_vantages=bool(site.config.vantages),
        clearance=site.config.clearance,
    )


def _found(
    site: Site, account: Account, version: InventoryVersion, wanted: str
) -> tuple[InventoryView, Sequence[Subject]]:
    view = InventoryView(account.agency, site.stock.read(version))
    return view, [subject for subject in view.subjects if _matches(subject, wanted)] if wanted else view.subjects


async def _version(request: Request, number: int | None) -> InventoryVersion:
    try:
        return await run_in_thread(site_of(request).stock.version, request.match_info["name"], number)
    except StoreError as error:
        raise web.HTTPNotFound from error


def _compared(own: AgencyId | None, before: Inventory | None, after: Inventory) -> Preview:
    view = InventoryView(own, after)
    return preview_of(view, view.differences(before, after))


def changes_told(found: Preview) -> dict[str, object]:
    return {
        "turns": list(zip(ChangeType, found.turns, strict=True)),
        "units": found.units,
        "exemptions": found.exemptions,
        "id_changes": found.id_changes,
        "ids_changed": found.ids_changed,
        "same": found.same,
        "shown": found.by_agency(),
        "more": found.more,
        "names": found.names,
    }


def _matches(subject: Subject, wanted: str) -> bool:
    word = wanted.casefold()
    texts = (
        subject.id,
        subject.name,
        subject.host or "",
        subject.agency or "",
        subject.kind.value,
        *subject.tags,
        *map(str, subject.addresses),
    )
    return not word or any(word in text.casefold() for text in texts)
