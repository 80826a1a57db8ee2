"""Serves the agencies of an inventory: a list, and a form that adds or changes one, previewed like an import."""

from collections import Counter
from collections.abc import Mapping, Sequence

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.service.accounts.model import Role
from auditor.service.inventories.export import csv_files
from auditor.service.inventories.upload_preview import Upload
from auditor.service.web.forms.choices import agencies_of
from auditor.service.web.forms.sent_forms import field
from auditor.service.web.pages.inventories.inventory_import import read_upload
from auditor.service.web.pages.inventories.inventory_rows import inventory_of
from auditor.service.web.rendering.render import language, page
from auditor.service.web.routes import Routes
from auditor.service.web.site import run_in_thread
from inventory.inventory import Inventory
from inventory.model import AgencyId
from inventory.tables.column_guide import COLUMN_VALUES, GUIDE
from inventory.tables.columns import Column, TableKind
from inventory.tables.display_names import column_name
from inventory.tables.edited_rows import unit_row, with_unit
from inventory.tables.written_tables import ORDER

routes = Routes()
_COLUMNS = ORDER[TableKind.UNITS]


@routes.get("/inventories/{name}/agencies", Role.OPERATOR)
async def agencies(request: Request) -> StreamResponse:
    """List the agencies; ``code`` opens the form for one of them."""
    name, code, lang = request.match_info["name"], AgencyId(request.query.get("code", "")), language(request)
    inventory = await inventory_of(request, name)
    texts = await run_in_thread(unit_row, inventory, code, lang) if code else {}
    if texts is None:
        raise web.HTTPNotFound
    return await page(
        request,
        "inventory_agencies",
        name=name,
        code=code,
        units=agencies_of([inventory.organisation]),
        own=Counter(subject.agency for subject in inventory.subjects),
        cells=_cells(inventory, code, texts, lang),
    )


@routes.post("/inventories/{name}/agencies", Role.OPERATOR)
async def keep(request: Request) -> StreamResponse:
    """Preview the inventory with the agency that was added or changed."""
    name, lang = request.match_info["name"], language(request)
    inventory = await inventory_of(request, name)
    texts = {column: (await field(request, f"cell-{column.value}")).strip() for column in _COLUMNS}
    files = await run_in_thread(lambda: csv_files(with_unit(inventory, texts, lang), lang))
    return await read_upload(request, name, Upload(files=tuple(files)))


def _cells(inventory: Inventory, code: AgencyId, texts: Mapping[Column, str], lang: str) -> list[dict[str, object]]:
    return [
        {
            "value": column.value,
            "name": column_name(column, lang),
            "text": texts.get(column, ""),
            "meaning": GUIDE[column].meaning.of(lang),
            "choices": _choices(inventory, column, code, lang),
        }
        for column in _COLUMNS
    ]


def _choices(inventory: Inventory, column: Column, code: AgencyId, lang: str) -> Sequence[tuple[str, str]]:
    """Return the choices of a cell: units except the agency and those under it, or the words of a closed list."""
    organisation = inventory.organisation
    if column is not Column.PARENT_CODE:
        return [(words.of(lang), words.of(lang)) for words in COLUMN_VALUES.get(column, ())]
    under = {unit.code for unit in organisation.walk(code)} if code else set[AgencyId]()
    return [
        (each.code, "– " * each.depth + each.name) for each in agencies_of([organisation]) if each.code not in under
    ]
