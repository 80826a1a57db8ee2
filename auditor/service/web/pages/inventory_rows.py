"""Serves the form that changes or retires one row of an inventory; the change is previewed like an import."""

from collections.abc import Sequence

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.service.accounts.model import Role
from auditor.service.pipeline.previewing import Upload
from auditor.service.pipeline.written_inventory import csv_files
from auditor.service.store.records import StoreError
from auditor.service.web.choices import agencies_of
from auditor.service.web.pages.inventory_import import read_upload
from auditor.service.web.pages.login import field
from auditor.service.web.render import language, page
from auditor.service.web.routes import Routes
from auditor.service.web.site import Site, run_in_thread, site_of
from inventory.column_guide import COLUMN_VALUES, GUIDE
from inventory.columns import Column
from inventory.display_names import column_name
from inventory.edited_rows import EDITABLE, row_of, with_changed_row, without_row
from inventory.inventory import Inventory
from inventory.model import SubjectId

routes = Routes()


@routes.get("/inventories/{name}/row", Role.OPERATOR)
async def row(request: Request) -> StreamResponse:
    """Show the cells of a row in a form."""
    name, subject, lang = request.match_info["name"], SubjectId(request.query.get("id", "")), language(request)
    inventory = await inventory_of(request, name)
    texts = await run_in_thread(row_of, inventory, subject, lang)
    if texts is None:
        raise web.HTTPNotFound
    cells = [_cell(inventory, column, texts.get(column, ""), lang) for column in EDITABLE]
    return await page(request, "inventory_row", name=name, subject=subject, cells=cells)


@routes.post("/inventories/{name}/row", Role.OPERATOR)
async def change(request: Request) -> StreamResponse:
    """Preview the inventory with the changed row, or without it."""
    name, subject, lang = request.match_info["name"], SubjectId(await field(request, "id")), language(request)
    inventory = await inventory_of(request, name)
    if await run_in_thread(row_of, inventory, subject, lang) is None:
        raise web.HTTPNotFound
    if await field(request, "retire"):
        tables = await run_in_thread(without_row, inventory, subject, lang)
    else:
        written = {column: await field(request, f"cell-{column.value}") for column in EDITABLE}
        texts = {column: text.replace("\r\n", "\n") for column, text in written.items()}  # as forms send lines
        tables = await run_in_thread(with_changed_row, inventory, subject, texts, lang)
    files = await run_in_thread(csv_files, tables, lang)
    return await read_upload(request, name, Upload(files=tuple(files)))


async def inventory_of(request: Request, name: str) -> Inventory:
    """Read the latest version of a kept inventory; 404 if there is none."""
    try:
        return await run_in_thread(_read, site_of(request), name)
    except StoreError as error:
        raise web.HTTPNotFound from error


def _read(site: Site, name: str) -> Inventory:
    return site.stock.read(site.stock.version(name))


def _cell(
    inventory: Inventory, column: Column, text: str, lang: str
) -> tuple[str, str, str, str, Sequence[tuple[str, str]]]:
    """The column with its name, the text in it, its meaning, and what can be chosen: words of its list, or agencies."""
    if column is Column.AGENCY_CODE:
        units = agencies_of([inventory.organisation])
        words = [(str(unit.code), "– " * unit.depth + unit.name) for unit in units]
    else:
        words = [(names.of(lang), names.of(lang)) for names in COLUMN_VALUES.get(column, ())]
    return column.value, column_name(column, lang), text, GUIDE[column].meaning.of(lang), words
