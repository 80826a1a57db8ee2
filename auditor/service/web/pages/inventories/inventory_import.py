"""Serves the import of inventories: files are read, shown with their columns, and kept when somebody confirms them."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from urllib.parse import quote

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.service.accounts.model import Role
from auditor.service.inventories.upload_preview import Previewed, SentError, Upload, marked_file, preview_upload
from auditor.service.scheduler.model import AuditRequest, ControlError
from auditor.service.store.kept.inventories import IsRetired, Moved
from auditor.service.store.kept.inventory_names import is_name
from auditor.service.store.records import InventoryVersion
from auditor.service.web.downloads.attachments import XLSX, attachment
from auditor.service.web.forms.drafts import InventoryDraft
from auditor.service.web.forms.sent_forms import field
from auditor.service.web.forms.uploads import MOST_FILES, parse_upload, sent_files
from auditor.service.web.pages.inventories.inventories import changes_told, every_inventory
from auditor.service.web.rendering.render import language, page
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import remote
from auditor.service.web.site import Site, account_of, run_in_thread, site_of
from inventory.kinds import ROW_KINDS
from inventory.model import Kind
from inventory.tables.choices import ColumnChoice, TableChoice
from inventory.tables.columns import COLUMNS, Column
from inventory.tables.display_names import KIND_NAMES, column_name
from inventory.tables.layout import TableLayout
from inventory.tables.written_tables import ORDER

routes = Routes()
LARGEST = 12 * 1024 * 1024
"""Bytes of the files that are sent together, with the form around them."""
_LARGEST_CHOICES = 2**20
_MOST_TABLES = 100


@routes.post("/inventories/preview", Role.OPERATOR, largest=LARGEST)
async def preview(request: Request) -> StreamResponse:
    """Read the uploaded files and show them; nothing is kept yet."""
    name, files = (await field(request, "name")).strip(), await sent_files(request)
    if not is_name(name) or not files or len(files) > MOST_FILES:
        problem = "BAD_INVENTORY_NAME" if not is_name(name) else "TOO_MANY_FILES" if files else "NO_FILES"
        return await every_inventory(request, problem=problem, name=name, status=422)
    return await read_upload(request, name, Upload(files=tuple(files)))


@routes.post("/inventories/reread", Role.OPERATOR, largest=_LARGEST_CHOICES)
async def reread(request: Request) -> StreamResponse:
    """Read the files of a preview again, with the columns that were chosen."""
    key, draft = await _draft(request)
    if draft is None:
        return await every_inventory(request, problem="NO_DRAFT", status=410)
    form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    choices = tuple(_choices(form)) or draft.upload.choices
    site_of(request).drafts.drop(key)
    upload = replace(draft.upload, choices=choices, good_rows="good_rows" in form)
    return await read_upload(request, draft.name, upload)


@routes.get(r"/inventory/drafts/{key}/{number:\d{1,2}}", Role.OPERATOR)
async def marked(request: Request) -> StreamResponse:
    """Send a copy of an uploaded file in which wrong cells are coloured and have a comment."""
    draft = site_of(request).drafts.of(request.match_info["key"], account_of(request).account.name)
    number = int(request.match_info["number"])
    if draft is None or number >= len(draft.upload.files):
        raise web.HTTPNotFound
    try:
        copy = await parse_upload(marked_file, draft.upload, number, language(request))
    except SentError as error:
        raise web.HTTPNotFound from error
    if not copy:
        raise web.HTTPNotFound
    return attachment(copy, f"{PurePosixPath(draft.upload.files[number][0]).stem} - góp ý.xlsx", XLSX)


@routes.post("/inventories/confirm", Role.OPERATOR)
async def confirm(request: Request) -> StreamResponse:
    """Keep the previewed inventory; if another version came between, preview it again against that one."""
    site, account = site_of(request), account_of(request).account
    key, draft = await _draft(request)
    if draft is None or draft.previewed is None:
        return await every_inventory(request, problem="NO_DRAFT", status=410)
    try:
        made = await run_in_thread(_add, site, draft, draft.previewed, account.name, remote(request))
    except IsRetired:
        return await every_inventory(request, problem="INVENTORY_RETIRED", name=draft.name, status=409)
    except Moved:
        site.drafts.drop(key)
        return await read_upload(request, draft.name, draft.upload, status=409, problem="INVENTORY_MOVED")
    site.drafts.drop(key)
    if await field(request, "then") == "audit":
        raise web.HTTPSeeOther(await _audited(request, made))
    raise web.HTTPSeeOther(f"/inventories/{quote(made.name, safe='')}")


async def _audited(request: Request, made: InventoryVersion) -> str:
    """Start a quick audit of a version that was just kept and return its page, or the page on which to start one."""
    site, name = site_of(request), made.name
    if not site.config.vantages:
        wanted = AuditRequest(inventory=name, profile="quick", clearance=site.config.clearance)
        with suppress(ControlError):  # such an audit waits already; the page of audits shows it
            job = await run_in_thread(site.jobs.start, wanted, account_of(request).account.name, remote(request))
            return f"/audits/{job.id}"
    return f"/audits?inventory={quote(name, safe='')}"


# --- helpers of the pages --------------------------------------------------------------------------------------------


async def _draft(request: Request) -> tuple[str, InventoryDraft | None]:
    key = await field(request, "draft")
    return key, site_of(request).drafts.of(key, account_of(request).account.name)


def _choices(form: Mapping[str, str]) -> Iterator[TableChoice]:
    """Yield the choices of a form for each of its tables."""
    for table in range(_MOST_TABLES):
        if (source := form.get(f"source-{table}")) is None:
            return
        start = f"column-{table}-"
        columns = {name.removeprefix(start): value for name, value in form.items() if name.startswith(start)}
        try:
            yield TableChoice(
                source=source,
                columns=tuple(
                    ColumnChoice(position=int(position), column=Column(value) if value else None)
                    for position, value in columns.items()
                ),
                kind=Kind(form[f"kind-{table}"]) if form.get(f"kind-{table}") else None,
                left_out=f"left_out-{table}" in form,
            )
        except ValueError as error:
            raise web.HTTPBadRequest from error


async def read_upload(
    request: Request, name: str, upload: Upload, *, status: int = 200, problem: str = ""
) -> StreamResponse:
    """Read an upload and show its content, or its problems."""
    site, who = site_of(request), account_of(request).account
    before, on = await run_in_thread(_current, site, name)
    try:
        made = await parse_upload(preview_upload, upload, before, who.agency)
    except SentError as error:
        key = site.drafts.keep(who.name, name, upload, None, on)
        return await page(request, "inventory_problems", _shown(request, key, name, upload, error), status=422)
    key = site.drafts.keep(who.name, name, upload, made, on)
    return await page(
        request,
        "inventory_preview",
        {**changes_told(made.preview), **_shown(request, key, name, upload, made)},
        on=on,
        problem=problem,
        waiting=made.waiting,
        subjects=made.preview.subjects,
        of=made.preview.of,
        lacks_mail=made.preview.lacks_mail,
        status=status,
    )


def _shown(request: Request, key: str, name: str, upload: Upload, read: Previewed | SentError) -> Mapping[str, object]:
    """Return the values of a page about an upload: its problems, and how its tables were read."""
    lang = language(request)
    chosen = {choice.source: choice for choice in upload.choices}
    return {
        "name": name,
        "draft": key,
        "files": [file for file, _ in upload.files],
        "problems": read.problems,
        "errors": read.errors,
        "warnings": read.warnings,
        "unlisted": read.errors + read.warnings - sum(each.told for each in read.problems),
        "good_rows": upload.good_rows,
        "layouts": [(layout, chosen.get(layout.source), _columns_of(layout, lang)) for layout in read.layouts],
        "kinds": [(kind.value, KIND_NAMES[kind].of(lang)) for kind in ROW_KINDS],
    }


def _columns_of(layout: TableLayout, lang: str) -> list[tuple[str, str]]:
    """Return the columns that a table of this kind can have, with their names."""
    columns = [*ORDER[layout.kind], *sorted(COLUMNS[layout.kind] - set(ORDER[layout.kind]))]
    return [(column.value, column_name(column, lang)) for column in columns]


def _current(site: Site, name: str) -> tuple[bytes, int]:
    """Return the document of the latest version and its number; 0 if there is none."""
    versions = site.stock.versions(name)
    return (site.stock.document(versions[0].digest), versions[0].number) if versions else (b"", 0)


def _add(site: Site, draft: InventoryDraft, read: Previewed, who: str, address: str) -> InventoryVersion:
    with site.store.batch():
        made = site.stock.add(draft.name, read.packed, who=who, now=datetime.now(UTC), on=draft.on)
        site.accounts.note(who, address, "inventory_imported", f"{made.name} {made.number}")
    return made
