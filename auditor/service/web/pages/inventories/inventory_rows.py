"""Serves the form of one row of an inventory, to add, change or retire it; the change is previewed like an import."""

from collections.abc import Mapping, Sequence

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.service.accounts.model import Role
from auditor.service.inventories.export import csv_files
from auditor.service.inventories.upload_preview import Upload
from auditor.service.store.records import StoreError
from auditor.service.web.forms.choices import agencies_of
from auditor.service.web.forms.sent_forms import field
from auditor.service.web.pages.inventories.inventory_import import read_upload
from auditor.service.web.rendering.render import language, page
from auditor.service.web.routes import Routes
from auditor.service.web.site import Site, run_in_thread, site_of
from inventory.inventory import Inventory
from inventory.kinds import ROW_KINDS
from inventory.model import SubjectId
from inventory.tables.column_guide import COLUMN_VALUES, GUIDE
from inventory.tables.columns import Column
from inventory.tables.display_names import KIND_NAMES, column_name
from inventory.tables.edited_rows import EDITABLE, row_of, with_changed_row, with_new_row, without_row
from inventory.tables.written_tables import WrittenTable

routes = Routes()
_LONGEST_NAME = 255


@routes.get("/inventories/{name}/row", Role.OPERATOR)
async def row(request: Request) -> StreamResponse:
    """Show the cells of a row in a form."""
    name, subject, lang = request.match_info["name"], SubjectId(request.query.get("id", "")), language(request)
    inventory = await inventory_of(request, name)
    texts = await run_in_thread(row_of, inventory, subject, lang)
    if texts is None:
        raise web.HTTPNotFound
    return await page(request, "inventory_row", name=name, subject=subject, cells=_cells(inventory, texts, lang))


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
        tables = await run_in_thread(with_changed_row, inventory, subject, await _sent_cells(request), lang)
    return await _preview(request, name, tables)


@routes.get("/inventories/{name}/row/new", Role.OPERATOR)
async def new_row(request: Request) -> StreamResponse:
    """Show the form of a row that the inventory does not have yet; a domain and a kind in the query are filled in."""
    name, lang = request.match_info["name"], language(request)
    inventory = await inventory_of(request, name)
    domain = request.query.get("domain", "")[:_LONGEST_NAME]
    texts = {Column.NAME: domain, Column.FQDN: domain}
    kind = next((each for each in ROW_KINDS if each.value == request.query.get("kind")), None)
    if kind is not None:
        texts[Column.KIND] = KIND_NAMES[kind].of(lang)
    return await page(request, "inventory_row", name=name, subject="", cells=_cells(inventory, texts, lang))


@routes.post("/inventories/{name}/row/new", Role.OPERATOR)
async def add_row(request: Request) -> StreamResponse:
    """Preview the inventory with one row more."""
    name, lang = request.match_info["name"], language(request)
    inventory = await inventory_of(request, name)
    tables = await run_in_thread(with_new_row, inventory, await _sent_cells(request), lang)
    return await _preview(request, name, tables)


async def inventory_of(request: Request, name: str) -> Inventory:
    """Read the latest version of a kept inventory; 404 if there is none."""
    try:
        return await run_in_thread(_read, site_of(request), name)
    except StoreError as error:
        raise web.HTTPNotFound from error


async def _preview(request: Request, name: str, tables: Sequence[WrittenTable]) -> StreamResponse:
    files = await run_in_thread(csv_files, tables, language(request))
    return await read_upload(request, name, Upload(files=tuple(files)))


async def _sent_cells(request: Request) -> Mapping[Column, str]:
    """Read the cells of a form, with line ends as files have them."""
    written = {column: await field(request, f"cell-{column.value}") for column in EDITABLE}
    return {column: text.replace("\r\n", "\n") for column, text in written.items()}


def _read(site: Site, name: str) -> Inventory:
    return site.stock.read(site.stock.version(name))


_Cell = tuple[str, str, str, str, Sequence[tuple[str, str]]]
"""The column with its name, the text in it, its meaning, and the choices: words of its list, or agencies."""


def _cells(inventory: Inventory, texts: Mapping[Column, str], lang: str) -> Sequence[_Cell]:
    return [_cell(inventory, column, texts.get(column, ""), lang) for column in EDITABLE]


def _cell(inventory: Inventory, column: Column, text: str, lang: str) -> _Cell:
    if column is Column.AGENCY_CODE:
        units = agencies_of([inventory.organisation])
        words = [(str(unit.code), "– " * unit.depth + unit.name) for unit in units]
    else:
        words = [(names.of(lang), names.of(lang)) for names in COLUMN_VALUES.get(column, ())]
    return column.value, column_name(column, lang), text, GUIDE[column].meaning.of(lang), words
