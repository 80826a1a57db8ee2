"""Serves inventories as files: a template to fill in, and a version to edit and import again."""

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.service.accounts.model import Role
from auditor.service.inventories.export import FILE_TYPES, written_inventory
from auditor.service.store.records import StoreError
from auditor.service.web.downloads.attachments import XLSX, attachment
from auditor.service.web.rendering.render import language
from auditor.service.web.routes import Routes
from auditor.service.web.site import run_in_thread, site_of
from inventory.workbooks.editable import template_workbook

routes = Routes()


@routes.get("/inventory/template", Role.OPERATOR)
async def template(request: Request) -> StreamResponse:
    """Send a workbook to fill in."""
    return attachment(await run_in_thread(template_workbook, language(request)), "danh-muc-mau.xlsx", XLSX)


@routes.get(r"/inventories/{name}/{number:\d{1,9}}/export", Role.OPERATOR)
async def export(request: Request) -> StreamResponse:
    """Send a version as CSV or XLSX, which read back as the same inventory."""
    site, kind = site_of(request), request.query.get("format", "xlsx")
    if kind not in FILE_TYPES:
        raise web.HTTPNotFound
    try:
        version = await run_in_thread(site.stock.version, request.match_info["name"], int(request.match_info["number"]))
    except StoreError as error:
        raise web.HTTPNotFound from error
    inventory = await run_in_thread(site.stock.read, version)
    written = await run_in_thread(written_inventory, inventory, kind, language(request))
    return attachment(written.data, f"{version.name} {version.number}.{written.suffix}", written.content_type)
