"""Takes the workbook of a report back: states, persons and days that people wrote into its first sheet."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

from aiohttp import web
from aiohttp.web import FileField, Request, StreamResponse

from auditor.service.accounts.model import Role
from auditor.service.inventories.file_reading import sheets_of
from auditor.service.store.kept.problem_states import ProblemKey, WantedChange
from auditor.service.web.forms.uploads import parse_upload
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.run_views import view_of_latest
from auditor.service.web.problems.fix_import import BadCell, FixRows, read_fixes
from auditor.service.web.problems.lists import UnmetRequirement
from auditor.service.web.problems.work import key_text, problem_key, work_of
from auditor.service.web.rendering.render import language, page, texts_in
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import remote
from auditor.service.web.site import Site, account_of, run_in_thread, run_lookup, site_of
from auditor.texts.translate import LANGUAGES
from inventory.model import AgencyId
from inventory.problems.problem import InventoryError
from reports.formats.xlsx.fix_columns import heading

routes = Routes()
LARGEST = 12 * 1024 * 1024
_NAMED = 20
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Holds the result of importing a workbook.

    ``gone``: problems that the latest run no longer has. ``bad``: the wrong cells; with any, nothing was changed.
    """

    changed: int = 0
    rows: int = 0
    gone: Sequence[str] = ()
    bad: Sequence[BadCell] = ()


@routes.post("/problems/import", Role.OPERATOR, largest=LARGEST)
async def take_in(request: Request) -> StreamResponse:
    """Change problems as the rows of a workbook say, all of them or, if a cell is wrong, none."""
    site, upload = site_of(request), (await request.post()).get("file")
    view = await run_lookup(view_of_latest, request)
    if view is None:
        raise web.HTTPNotFound
    if not isinstance(upload, FileField) or not upload.filename:
        return await _told(request, Imported(), "NO_FILES", status=422)
    name = PurePosixPath(upload.filename.replace("\\", "/")).name[-_LONGEST_NAME:]
    data = await run_in_thread(upload.file.read)
    try:
        sheets = await parse_upload(sheets_of, name, data)
    except InventoryError as error:
        return await _told(request, Imported(), "UNREADABLE_WORKBOOK", error.lines(language(request)), status=422)
    fixes = await run_in_thread(read_fixes, sheets, [texts_in(lang) for lang in LANGUAGES])
    if not fixes.found:
        return await _told(request, Imported(), "NO_FIX_SHEET", status=422)
    if fixes.bad:
        return await _told(request, Imported(bad=fixes.bad), "BAD_CELLS", status=422)
    who = account_of(request).account.name
    return await _told(request, await run_in_thread(_applied, site, view, fixes, (who, remote(request), name)))


async def _told(
    request: Request, imported: Imported, problem: str = "", lines: Sequence[str] = (), *, status: int = 200
) -> StreamResponse:
    texts = texts_in(language(request))
    columns = {cell.column: heading(texts, cell.column) for cell in imported.bad}
    return await page(
        request, "problems_imported", imported=imported, problem=problem, lines=lines, columns=columns, status=status
    )


def _applied(site: Site, view: AccountView, fixes: FixRows, by: tuple[str, str, str]) -> Imported:
    """Apply the changes of the rows, each with its history; ``by``: the account, its address and the file's name."""
    who, address, name = by
    known = {key_text(problem): problem for problem in view.problems(site.problems)}
    wanted = _new(site, view, known, fixes.wanted)
    groups: dict[WantedChange, dict[ProblemKey, AgencyId | None]] = defaultdict(dict)
    for key, change in wanted.items():
        groups[change][problem_key(known[key])] = known[key].line.agency
    changed, now = 0, datetime.now(UTC)
    with site.store.batch():
        for change, problems in groups.items():
            changed += site.problem_states.change(problems, change, who=who, now=now)
        if changed:
            site.accounts.note(who, address, "problems_changed", f"{changed} by {name}")
    gone = [key for key in fixes.places if key not in known]
    return Imported(changed=changed, rows=len(fixes.places), gone=gone)


def _new(
    site: Site, view: AccountView, known: Mapping[str, UnmetRequirement], wanted: Mapping[str, WantedChange]
) -> dict[str, WantedChange]:
    """Leave out problems that are gone, and comments that are there already."""
    work, changes = work_of(site, view), dict[str, WantedChange]()
    for key, change in wanted.items():
        if key not in known:
            continue
        before = work.change(known[key])
        if before is not None and before.comment == change.comment:
            change = replace(change, comment="")
        if not change.is_empty:
            changes[key] = change
    return changes
