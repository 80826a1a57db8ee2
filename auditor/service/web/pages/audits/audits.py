"""Serves the pages that start, show and cancel audits.

Operators only: the progress of a run shows subjects of every agency.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from aiohttp import ClientConnectionResetError, web
from aiohttp.web import Request, StreamResponse

from auditor.service.accounts.model import Role
from auditor.service.scheduler.members import default_vantages
from auditor.service.scheduler.model import HOURS, AuditRequest, ControlError, Job, JobId
from auditor.service.web.forms.sent_forms import field
from auditor.service.web.rendering.render import fragment, page
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import cookie_name, remote
from auditor.service.web.site import Site, account_of, ends_within, run_in_thread, run_lookup, site_of
from inventory.model import Clearance
from probes.framework.profile import PROFILES

routes = Routes()
LISTED = 50
_LONGEST_NAME = 100
_LONGEST_WAIT = 720
"""The most hours that a round waits for the workers of its vantages."""
_LONGEST_STREAM = 600.0
"""Seconds of one event stream; the browser then connects again, and its session is checked again."""
_ALIVE = 15.0  # seconds without events after which a comment line keeps proxies from closing


@routes.get("/audits", Role.OPERATOR)
async def audits(request: Request) -> StreamResponse:
    return await _audits(request, "")


@routes.post("/audits", Role.OPERATOR)
async def start(request: Request) -> StreamResponse:
    site = site_of(request)
    try:
        wanted = await _wanted(request, site)
        job = await run_in_thread(site.jobs.start, wanted, account_of(request).account.name, remote(request))
    except ControlError as error:
        return await _audits(request, error.code, status=422)
    raise web.HTTPSeeOther(f"/audits/{job.id}")


@routes.get("/audits/{job}", Role.OPERATOR)
async def watch(request: Request) -> StreamResponse:
    return await page(request, "audit", await run_in_thread(_seen, site_of(request), await _job(request)))


@routes.post("/audits/{job}/cancel", Role.OPERATOR)
async def cancel(request: Request) -> StreamResponse:
    site, job = site_of(request), await _job(request)
    with suppress(ControlError):  # it has ended meanwhile; the page shows how
        await run_in_thread(site.jobs.cancel, job.id, account_of(request).account.name, remote(request))
    raise web.HTTPSeeOther(f"/audits/{job.id}")


@routes.get("/audits/{job}/events", Role.OPERATOR)
async def events(request: Request) -> StreamResponse:
    """Send the progress of an audit, after each change, as server-sent events.

    Each event is the whole state, so that missed ones need not be sent again.
    """
    job = await _job(request)
    response = StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    with suppress(ClientConnectionResetError, ConnectionResetError):
        await _stream(request, response, job)
        await response.write_eof()
    return response


async def _stream(request: Request, response: StreamResponse, job: Job) -> None:
    site, began = site_of(request), time.monotonic()
    shown, spoke = "", began
    while time.monotonic() - began < _LONGEST_STREAM:
        made = await fragment(request, "audit_progress", await run_in_thread(_seen, site, job))
        if made != shown:
            await response.write(_event("progress", made))
            shown, spoke = made, time.monotonic()
        elif time.monotonic() - spoke > _ALIVE:
            await response.write(b": \n\n")
            spoke = time.monotonic()
        if not job.is_open:
            await response.write(_event("done", ""))
            return
        if await ends_within(site, 1.0) or not await _may_still_watch(request):
            return
        job = await run_in_thread(site.jobs.job, job.id)


async def _may_still_watch(request: Request) -> bool:
    """True if the session still exists and has the role; this check does not prolong it."""
    site = site_of(request)
    held = request.cookies.get(cookie_name(secure=site.secure), "")
    session = await run_lookup(partial(site.accounts.session, used=False), held)
    return session is not None and session.account.role.covers(Role.OPERATOR)


def _event(name: str, data: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return f"event: {name}\n{lines}\n".encode()


# --- helpers of the pages --------------------------------------------------------------------------------------------


async def _audits(request: Request, problem: str, *, status: int = 200) -> StreamResponse:
    site = site_of(request)
    names = await run_in_thread(site.inventories.names, site.store)
    jobs = await run_in_thread(site.jobs.latest, LISTED)
    return await page(
        request,
        "audits",
        jobs=jobs,
        names=names,
        vantages=await run_in_thread(_vantages, site),
        hours=int(HOURS),
        most_hours=_LONGEST_WAIT,
        profiles=list(PROFILES),
        clearances=list(Clearance),
        clearance=site.config.clearance,
        chosen=request.query.get("inventory", ""),
        problem=problem,
        status=status,
    )


async def _wanted(request: Request, site: Site) -> AuditRequest:
    inventory, clearance = await field(request, "inventory"), await field(request, "clearance")
    if not await run_in_thread(site.inventories.has, inventory, site.store):
        raise ControlError("NO_INVENTORY")
    if clearance not in {level.value for level in Clearance}:
        raise web.HTTPBadRequest
    vantages = await _chosen(request, site)
    return AuditRequest(
        inventory=inventory,
        profile=await field(request, "profile"),
        clearance=Clearance(clearance),
        name=(await field(request, "name")).strip()[:_LONGEST_NAME],
        vantages=vantages,
        hours=await _hours(request) if vantages else HOURS,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vantage:
    """Describes a vantage that an audit can be measured from; ``heard`` has no meaning for our own."""

    name: str
    networks: tuple[str, ...]
    own: bool
    heard: datetime | None


def _vantages(site: Site) -> list[_Vantage]:
    """List our own vantage, if we are one, and those of workers; an empty sequence if there is no choice."""
    own, others = site.config.vantage, site.config.vantages
    if not others:
        return []
    heard = site.leases.heard()
    ours = (
        [] if default_vantages(site.config) else [_Vantage(name=own.name, networks=own.networks, own=True, heard=None)]
    )
    return [
        *ours,
        *(
            _Vantage(name=name, networks=section.networks, own=False, heard=heard.get(name))
            for name, section in sorted(others.items())
            if name != own.name
        ),
    ]


async def _chosen(request: Request, site: Site) -> tuple[str, ...]:
    """Read the vantages of the form; an empty sequence for only our own, which makes no round."""
    known = [vantage.name for vantage in await run_in_thread(_vantages, site)]
    chosen = {str(value) for value in (await request.post()).getall("vantage", [])}
    if not chosen.issubset(known):
        raise web.HTTPBadRequest
    if known and not chosen:
        raise ControlError("VANTAGE_NEEDED")
    return () if chosen <= {site.config.vantage.name} else tuple(name for name in known if name in chosen)


async def _hours(request: Request) -> float:
    text = (await field(request, "hours")).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 0 < int(text) <= _LONGEST_WAIT):
        raise ControlError("HOURS_NEEDED")
    return float(text)


async def _job(request: Request) -> Job:
    text = request.match_info["job"]
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise web.HTTPNotFound
    try:
        return await run_in_thread(site_of(request).jobs.job, JobId(int(text)))
    except ControlError as error:
        raise web.HTTPNotFound from error


def _seen(site: Site, job: Job) -> Mapping[str, object]:
    judged = job.run is not None and not job.is_open and site.store.latest_judgement(job.run) is not None
    return {"job": job, "judged": judged, "minutes": job.minutes_left(datetime.now(UTC))}
