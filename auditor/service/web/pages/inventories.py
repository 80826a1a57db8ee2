"""Serves inventories: every account browses its own part, operators import after a preview of the changes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from urllib.parse import quote

from aiohttp import web
from aiohttp.web import FileField, Request, StreamResponse

from auditor.service.accounts.model import Account, Role
from auditor.service.pipeline.inventory_view import InventoryView
from auditor.service.pipeline.preview import Preview, preview_of
from auditor.service.pipeline.previewing import Previewed, SentError, preview_files, preview_packed
from auditor.service.store.kept import Moved, is_name
from auditor.service.store.records import InventoryVersion, StoreError
from auditor.service.web.drafts import InventoryDraft
from auditor.service.web.guard import remote
from auditor.service.web.lists import ListPage, paged
from auditor.service.web.pages.login import field
from auditor.service.web.render import language, page
from auditor.service.web.routes import Routes
from auditor.service.web.site import Site, account_of, run_in_thread, site_of
from auditor.service.web.uploads import parse_upload
from inventory.column_guide import guide_rows
from inventory.comparison import Turn
from inventory.inventory import Inventory
from inventory.model import AgencyId, Subject
from inventory.sources.files import READERS
from probes.framework.profile import PROFILES

routes = Routes()
LARGEST = 12 * 1024 * 1024
"""Bytes of the files that are sent together, with the form around them."""
MOST_FILES = 20
_LONGEST_NAME = 120


@routes.get("/inventories")
async def every(request: Request) -> StreamResponse:
    return await _every(request)


@routes.post("/inventories/preview", Role.OPERATOR, largest=LARGEST)
async def preview(request: Request) -> StreamResponse:
    """Read the uploaded files and show them; nothing is kept yet."""
    name, files = (await field(request, "name")).strip(), await _sent(request)
    if not is_name(name) or not files or len(files) > MOST_FILES:
        problem = "BAD_INVENTORY_NAME" if not is_name(name) else "TOO_MANY_FILES" if files else "NO_FILES"
        return await _every(request, problem=problem, name=name, status=422)
    own = account_of(request).account.agency
    before, on = await run_in_thread(_current, site_of(request), name)
    try:
        made = await parse_upload(preview_files, files, before, own)
    except SentError as error:
        return await _problems(request, name, error)
    return await _preview(request, name, made, on, 200)


@routes.post("/inventories/confirm", Role.OPERATOR)
async def confirm(request: Request) -> StreamResponse:
    """Keep the previewed inventory; if another version came between, preview it again against that one."""
    site, account = site_of(request), account_of(request).account
    key = await field(request, "draft")
    draft = site.drafts.of(key, account.name)
    if draft is None:
        return await _every(request, problem="NO_DRAFT", status=410)
    try:
        made = await run_in_thread(_add, site, draft, account.name, remote(request))
    except Moved:
        site.drafts.drop(key)
        return await _again(request, draft)
    site.drafts.drop(key)
    raise web.HTTPSeeOther(f"/inventories/{quote(made.name, safe='')}")


@routes.get("/inventories/{name}")
async def latest(request: Request) -> StreamResponse:
    return await _one(request, None)


@routes.get(r"/inventories/{name}/{number:\d{1,9}}")
async def version(request: Request) -> StreamResponse:
    return await _one(request, int(request.match_info["number"]))


@routes.get(r"/inventories/{name}/{number:\d{1,9}}/changes")
async def changes(request: Request) -> StreamResponse:
    """What this version changed of the one before it."""
    site = site_of(request)
    one = await _version(request, int(request.match_info["number"]))
    after = await run_in_thread(site.stock.read, one)
    before = None
    if one.number > 1:
        before = await run_in_thread(site.stock.read, await run_in_thread(site.stock.version, one.name, one.number - 1))
    found = await run_in_thread(_compared, account_of(request).account.agency, before, after)
    return await page(request, "inventory_changes", _told(found), version=one, before=before is not None)


# --- what the pages need ---------------------------------------------------------------------------------------------


async def _every(request: Request, *, problem: str = "", name: str = "", status: int = 200) -> StreamResponse:
    site = site_of(request)
    return await page(
        request,
        "inventories",
        kept=await run_in_thread(site.stock.latest),
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
        listed=listed,
        wanted=wanted,
        of=len(view.subjects),
        whole=view.whole,
        profiles=list(PROFILES),
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


async def _sent(request: Request) -> list[tuple[str, bytes]]:
    sent = [
        upload
        for upload in (await request.post()).getall("files", [])
        if isinstance(upload, FileField) and upload.filename
    ]
    return [(_named(upload.filename), await run_in_thread(upload.file.read)) for upload in sent]


def _named(name: str) -> str:
    """A file's own name, without folders and without what cannot be shown."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(letter if letter.isprintable() else "_" for letter in last)
    stem, dot, suffix = shown.rpartition(".")
    return f"{stem[:_LONGEST_NAME]}{dot}{suffix[:8]}" if stem else shown[:_LONGEST_NAME]


async def _preview(
    request: Request, name: str, made: Previewed, on: int, status: int, *, problem: str = ""
) -> StreamResponse:
    who = account_of(request).account.name
    draft = site_of(request).drafts.keep(who, name, made.packed, made.warnings, on)
    return await page(
        request,
        "inventory_preview",
        _told(made.preview),
        name=name,
        on=on,
        draft=draft,
        problem=problem,
        warnings=made.warnings,
        subjects=made.preview.subjects,
        of=made.preview.of,
        status=status,
    )


async def _again(request: Request, draft: InventoryDraft) -> StreamResponse:
    """Preview the upload again, against the version that came between."""
    before, on = await run_in_thread(_current, site_of(request), draft.name)
    try:
        made = await parse_upload(preview_packed, draft.packed, before, account_of(request).account.agency)
    except SentError as error:
        return await _problems(request, draft.name, error)
    made = replace(made, warnings=draft.warnings)
    return await _preview(request, draft.name, made, on, 409, problem="INVENTORY_MOVED")


async def _problems(request: Request, name: str, error: SentError) -> StreamResponse:
    return await page(
        request,
        "inventory_problems",
        name=name,
        problems=error.problems,
        errors=error.errors,
        warnings=error.warnings,
        all=error.all,
        status=422,
    )


def _current(site: Site, name: str) -> tuple[bytes, int]:
    """The document of the latest version and its number; 0 where there is none."""
    versions = site.stock.versions(name)
    return (site.stock.document(versions[0].digest), versions[0].number) if versions else (b"", 0)


def _compared(own: AgencyId | None, before: Inventory | None, after: Inventory) -> Preview:
    view = InventoryView(own, after)
    return preview_of(view, view.differences(before, after))


def _add(site: Site, draft: InventoryDraft, who: str, address: str) -> InventoryVersion:
    with site.store.batch():
        made = site.stock.add(draft.name, draft.packed, who=who, now=datetime.now(UTC), on=draft.on)
        site.accounts.note(who, address, "inventory_imported", f"{made.name} {made.number}")
    return made


def _told(found: Preview) -> dict[str, object]:
    return {
        "turns": list(zip(Turn, found.turns, strict=True)),
        "units": found.units,
        "exemptions": found.exemptions,
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
