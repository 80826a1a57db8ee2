"""Serves liveness, readiness and the figures of ``metrics`` to monitoring systems."""

import time
from ipaddress import ip_address

from aiohttp import web
from aiohttp.web import Request, Response, StreamResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from auditor.service.accounts.model import TokenScope
from auditor.service.web.api.problems import Refused
from auditor.service.web.api.serving import holder
from auditor.service.web.judged_runs.run_views import latest
from auditor.service.web.routes import Handler, Routes
from auditor.service.web.security.guard import remote
from auditor.service.web.site import Site, run_in_thread, site_of

routes = Routes()
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


@routes.get("/healthz", role=None)
async def healthy(request: Request) -> StreamResponse:
    """Answer, to show that the process runs."""
    return Response(text="ok\n")


@routes.get("/readyz", role=None)
async def ready(request: Request) -> StreamResponse:
    """Answer if the store answers too."""
    try:
        await run_in_thread(site_of(request).accounts.is_set_up)
    except Exception as error:
        raise web.HTTPServiceUnavailable from error
    return Response(text="ok\n")


@routes.get("/metrics", role=None)
async def metrics(request: Request) -> StreamResponse:
    """Serve figures of every agency, only to tokens of accounts that see all agencies and to configured addresses."""
    if not _is_listed(request):
        held = await holder(request)
        if TokenScope.METRICS not in held.scopes or held.account.agency is not None:
            raise Refused(403)
    body = await run_in_thread(_written, site_of(request))
    return Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


def _is_listed(request: Request) -> bool:
    """True if the address of the connection is allowed; forwarded addresses are not trusted."""
    text = remote(request)
    if not text or any(name in request.headers for name in _FORWARDED):
        return False
    address = ip_address(text)
    return any(
        address.version == network.version and address in network for network in site_of(request).config.metrics.allow
    )


def _written(site: Site) -> bytes:
    state = site.state
    state.look(latest(site), site.store)
    return generate_latest(site.requests.registry) + generate_latest(state.registry)


@web.middleware
async def timed(request: Request, handler: Handler) -> StreamResponse:
    """Measure the duration of each request; event streams, which last as long as their reader, are not counted."""
    began, status, streams = time.perf_counter(), 500, False
    try:
        response = await handler(request)
        status, streams = response.status, response.content_type == "text/event-stream"
        return response
    except web.HTTPException as refusal:
        status = refusal.status
        raise
    finally:
        resource = request.match_info.route.resource
        route = "none" if resource is None else resource.canonical
        if not streams:
            site_of(request).requests.took(request.method, route, status, time.perf_counter() - began)
