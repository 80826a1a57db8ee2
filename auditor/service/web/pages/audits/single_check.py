"""Serves the check of one host now: a small audit that adds to the latest run and changes nothing in it.

Only subjects of the service's inventories can be checked, so that the pages cannot be used to scan other hosts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.service.accounts.model import Role
from auditor.service.scheduler.members import vantages_again
from auditor.service.scheduler.model import AuditRequest, ControlError
from auditor.service.web.forms.choices import subjects
from auditor.service.web.forms.sent_forms import field
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.rechecks import rechecks_left
from auditor.service.web.judged_runs.run_views import latest, view_of_latest
from auditor.service.web.rendering.render import page
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import remote
from auditor.service.web.site import Site, account_of, run_in_thread, run_lookup, site_of
from inventory.inventory import Inventory
from inventory.model import Subject, SubjectId
from inventory.problems.problem import InventoryError

routes = Routes()
MOST_SUBJECTS = 10
"""Subjects that one check may concern: a name can be a portal, a mail domain and a zone at once."""
_LONGEST = 300


@routes.get("/check", Role.OPERATOR)
async def ask(request: Request) -> StreamResponse:
    return await _ask(request, request.query.get("target", "")[:_LONGEST])


@routes.post("/check", Role.OPERATOR)
async def start(request: Request) -> StreamResponse:
    site, target = site_of(request), (await field(request, "target")).strip()[:_LONGEST]
    try:
        wanted = await run_in_thread(_wanted, site, target, "audit" if await field(request, "confirm") else "quick")
        job = await run_in_thread(site.jobs.start, wanted, account_of(request).account.name, remote(request))
    except ControlError as error:
        return await _ask(request, target, problem=error.code, status=422)
    raise web.HTTPSeeOther(f"/audits/{job.id}")


@routes.post("/recheck")
async def recheck(request: Request) -> StreamResponse:
    """Check a subject of the viewer's own agency again, as often a day as the configuration says."""
    site, account = site_of(request), account_of(request).account
    target = (await field(request, "target")).strip()[:_LONGEST]
    view = await run_lookup(view_of_latest, request)
    if account.agency is None or view is None or await run_in_thread(view.subject, SubjectId(target)) is None:
        raise web.HTTPForbidden
    try:
        await run_in_thread(_recheck, site, view, target, account.name, remote(request))
    except ControlError as error:
        return await page(request, "message", status=422, message=error.code)
    raise web.HTTPSeeOther(f"/runs/{view.digest.run.id}/subjects/{quote(target, safe='')}")


# --- helpers of the pages --------------------------------------------------------------------------------------------


async def _ask(request: Request, target: str, *, problem: str = "", status: int = 200) -> StreamResponse:
    view = await run_lookup(view_of_latest, request)
    return await page(
        request,
        "check_one",
        target=target,
        offered=await run_in_thread(subjects, view),
        problem=problem,
        run=None if view is None else view.digest.run,
        status=status,
    )


def _wanted(site: Site, target: str, profile: str) -> AuditRequest:
    """Return the small audit. Raises ControlError: NOTHING_TO_ADD_TO, NOT_IN_SCOPE, TOO_MANY_SUBJECTS."""
    digest = latest(site)
    if digest is None:
        raise ControlError("NOTHING_TO_ADD_TO")
    for name, inventory in _inventories(site):
        subjects = matching(inventory, target)
        if len(subjects) > MOST_SUBJECTS:
            raise ControlError("TOO_MANY_SUBJECTS")
        if subjects:
            # Without a name: every account sees the names of runs, but not every account sees their subjects.
            return AuditRequest(
                inventory=name,
                profile=profile,
                clearance=site.config.clearance,
                subjects=tuple(subject.id for subject in subjects),
                amends=digest.run.id,
                vantages=vantages_again(digest.run, site.store, site.config),
            )
    raise ControlError("NOT_IN_SCOPE")


def _recheck(site: Site, view: AccountView, target: str, who: str, address: str) -> None:
    """Start the re-check of a subject.

    Raises ControlError: NO_RECHECKS_LEFT, NOTHING_TO_ADD_TO, and the errors of ``_wanted`` and of starting an audit.
    """
    wanted = replace(_wanted(site, target, "quick"), subjects=(SubjectId(target),))
    if wanted.amends != view.digest.run.id:
        raise ControlError("NOTHING_TO_ADD_TO")
    with site.store.database.writing():  # otherwise simultaneous requests would all find some left
        if rechecks_left(site, who) <= 0:
            raise ControlError("NO_RECHECKS_LEFT")
        site.jobs.start(wanted, who, address)


def _inventories(site: Site) -> Iterator[tuple[str, Inventory]]:
    """Yield the inventories that can be read, in the order in which pages name them."""
    for name in site.inventories.names(site.store):
        try:
            yield name, site.inventories.load(name, site.store)
        except (ControlError, InventoryError):
            continue


def matching(inventory: Inventory, target: str) -> Sequence[Subject]:
    """Return the rows with this id, host name or address; of a URL its host counts."""
    word = _host(target).casefold()
    if not word:
        return ()
    subjects = [subject for subject in inventory.subjects if subject.id.casefold() in (word, target.casefold())]
    if subjects:
        return subjects
    try:
        address = ip_address(word)
    except ValueError:
        return [subject for subject in inventory.subjects if (subject.host or "").casefold() == word]
    return [subject for subject in inventory.subjects if address in subject.addresses]


def _host(target: str) -> str:
    if "://" not in target:
        return target.removesuffix(".")
    try:
        return urlsplit(target).hostname or ""
    except ValueError:
        return ""
