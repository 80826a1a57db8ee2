"""Hands batches to the workers of other vantages and takes the evidence and samples that they deliver.

A worker is bound to one vantage by its token. Everything that it sends is checked against the lease that it holds, see
``leases.intake``; none of it is executed, or shown without being escaped.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from aiohttp import web

from auditor.service.accounts.model import Role, TokenScope
from auditor.service.leases import frames, intake
from auditor.service.leases.model import Lease, LeaseKey, LeaseLost
from auditor.service.leases.ordering import order_of
from auditor.service.pipeline.version import program_version
from auditor.service.store.records import Digest
from auditor.service.web.api import lease_models, models
from auditor.service.web.api.operation import Answer, Call, EmptyModel, Operations
from auditor.service.web.api.problems import Mistake, Refused
from auditor.service.web.site import Site, ends_within, run_in_thread, site_of

operations = Operations("worker")
PACKED = "application/octet-stream"
"""The media type of deliveries, which are gzip inside: a coding that the server decoded itself would have no bound."""
_EVERY = 1.0
"""Seconds between two checks whether there is a batch."""
_STATUS = {"TOO_LARGE": 413, "NOT_COMPRESSED": 400}
_log = logging.getLogger("auditor.service.leases")
_worker = partial(operations.post, role=Role.OPERATOR, scope=TokenScope.WORKER, status=200)


@_worker(
    "/leases", answer=lease_models.LeaseOrder, body=lease_models.LeaseBody, refusals=frozenset({409}), may_be_empty=True
)
async def lease(call: Call[EmptyModel, lease_models.LeaseBody]) -> Answer:
    """Wait for a batch until ``wait`` seconds are over."""
    site, vantage = site_of(call.request), _vantage(call)
    known = site.config.vantages.get(vantage)
    if known is None:
        raise Refused(403, "no_vantage")
    if call.body.vantage != vantage or set(call.body.networks) != set(known.networks):
        raise Refused(409, "vantage_differs")
    deadline = asyncio.get_running_loop().time() + call.body.wait
    while True:
        held = await run_in_thread(site.leases.lease, vantage, call.body.worker)
        if held is not None:
            _log.info("%s: %d subjects of run %s to %s", vantage, len(held.subjects), held.run, call.body.version)
            return await run_in_thread(_order, site, held)
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0 or await ends_within(site, min(_EVERY, left)):
            return web.Response(status=204)


def _order(site: Site, held: Lease) -> lease_models.LeaseOrder:
    scope = site.config.scope
    allow = None if scope.allow is None else tuple(map(str, scope.allow))
    made = order_of(held, site.store, allow=allow, deny=tuple(map(str, scope.deny)))
    return lease_models.LeaseOrder(version=program_version(), **made.to_json())


@_worker(
    "/leases/{lease}/evidence",
    answer=lease_models.Delivered,
    body=EmptyModel,
    upload=PACKED,
    largest=intake.LARGEST,
    refusals=frozenset({409, 503}),
)
async def deliver(call: Call[EmptyModel, EmptyModel]) -> Answer:
    """Store the lines of an evidence file, all of them or none; delivering them again changes nothing."""
    site, key = site_of(call.request), await _key(call)
    try:
        taken = await site.intake.run(_take, site, key, call.data)
    except (intake.RefusedDelivery, LeaseLost) as error:
        raise refused(error) from error
    return lease_models.Delivered(taken=taken)


def _take(site: Site, key: LeaseKey, data: bytes) -> int:
    lines = intake.read(intake.unpack(data))
    taken = intake.Intake(store=site.store, leases=site.leases, now=lambda: datetime.now(UTC)).take(key, lines)
    site.store.secure()  # the worker will not send it again
    return taken


@_worker("/leases/{lease}/beat", answer=lease_models.LeaseState, body=EmptyModel, refusals=frozenset({409}))
async def beat(call: Call[EmptyModel, EmptyModel]) -> Answer:
    return await _told(call, site_of(call.request).leases.beat)


@_worker("/leases/{lease}/end", answer=lease_models.LeaseState, body=EmptyModel, refusals=frozenset({409}))
async def end(call: Call[EmptyModel, EmptyModel]) -> Answer:
    return await _told(call, site_of(call.request).leases.end)


async def _told(call: Call[EmptyModel, EmptyModel], tell: Callable[[LeaseKey], object]) -> Answer:
    key = await _key(call)
    try:
        await run_in_thread(tell, key)
    except LeaseLost as error:
        raise refused(error) from error
    return lease_models.LeaseState(lease=str(key))


@operations.get(
    "/leases/{lease}/blobs/{digest}",
    answer=None,
    query=models.Sent,
    role=Role.OPERATOR,
    scope=TokenScope.WORKER,
    media=("application/octet-stream",),
    conflicts=True,
)
async def lease_blob(call: Call[models.Sent, EmptyModel]) -> Answer:
    """Return one of the three blobs of the lease's run, by digest; no other blob of the store is served."""
    site, key = site_of(call.request), await _key(call)
    try:
        data = await run_in_thread(_blob, site, key, Digest(call.part("digest")))
    except LeaseLost as error:
        raise refused(error) from error
    return web.Response(body=data, content_type="application/octet-stream")


def _blob(site: Site, key: LeaseKey, digest: Digest) -> bytes:
    run = site.store.run(site.leases.held(key).run)
    if digest not in (run.inventory, run.reference, run.policy):
        raise Refused(404)
    return site.store.blob(digest)


@_worker(
    "/samples",
    answer=lease_models.Delivered,
    body=EmptyModel,
    upload=PACKED,
    largest=intake.LARGEST,
    refusals=frozenset({503}),
)
async def deliver_samples(call: Call[EmptyModel, EmptyModel]) -> Answer:
    """Store samples that the vantage's worker took by itself; delivering them again changes nothing."""
    site, vantage = site_of(call.request), _vantage(call)
    if vantage not in site.config.vantages:
        raise Refused(403, "no_vantage")
    try:
        return lease_models.Delivered(taken=await site.intake.run(_take_samples, site, vantage, call.data))
    except intake.RefusedDelivery as error:
        raise refused(error) from error


def _take_samples(site: Site, vantage: str, data: bytes) -> int:
    now = datetime.now(UTC)
    samples = frames.read(intake.unpack(data), vantage, now)
    site.store.add_delivered(samples, now)
    site.store.secure()
    return len(samples)


def refused(error: intake.RefusedDelivery | LeaseLost) -> Refused:
    if isinstance(error, LeaseLost):
        return Refused(409, "lease_lost")
    where = [Mistake(where=[f"line {error.line}"], what=error.why)] if error.line else []
    return Refused(_STATUS.get(error.code, 422), error.code.lower(), where)


def _vantage(call: Call[EmptyModel, lease_models.LeaseBody] | Call[EmptyModel, EmptyModel]) -> str:
    if not call.grant.vantage:
        raise Refused(403, "no_vantage")
    return call.grant.vantage


async def _key(call: Call[EmptyModel, EmptyModel] | Call[models.Sent, EmptyModel]) -> LeaseKey:
    """Return the key of the lease in the path; refuse it as lost if the token's vantage does not hold that lease."""
    try:
        key = LeaseKey.parse(call.part("lease"))
        held = await run_in_thread(site_of(call.request).leases.held, key)
    except LeaseLost as error:
        raise refused(error) from error
    if held.vantage != call.grant.vantage:
        raise refused(LeaseLost(str(key)))
    return key
