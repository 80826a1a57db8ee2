"""Fetches something of more than 100 kB from every address of a web site.

It is the URL that the inventory names (``test_url``), or else the largest of the landing page and its images, scripts
and media.
"""

import asyncio
from collections.abc import Iterator
from functools import partial
from itertools import zip_longest

from inventory.model import Endpoint
from probes.framework import large_objects
from probes.framework.ended_or import ended_or
from probes.framework.first_of import first_of
from probes.framework.objects import object_of
from probes.framework.recorder import Recorder
from probes.framework.registry import group_probe
from probes.framework.tasks import GroupTask
from probes.net.api import HttpRequest, Net
from probes.net.http.transfers import transfer
from probes.observations.path import BulkTransfer

LARGE = 100_000
CANDIDATES = 6
ADDRESSES_TRIED = 4
"""The number of addresses of one family."""
LONGER, MORE_OFTEN = 1.0, 2
"""Seconds that one address may take longer than the quickest, and the number of repeats for one that takes longer yet.

A single packet that is lost, or a moment in which we are busy, delays a transfer by as much.
"""


@group_probe(
    version=3,
    title="Large transfers over both families",
    records=(BulkTransfer,),
    services=frozenset({"http", "https"}),
    deadline=240.0,
)
async def large_transfer(task: GroupTask, net: Net, rec: Recorder) -> None:
    """Fetch from one address after the other, IPv4 and IPv6 taking turns.

    A transfer that does not end is tried twice, and one that takes clearly longer than another up to three times.
    """
    endpoints = list(_alternating(task))
    url = object_of(task)
    if url is None:
        url = await first_of(partial(_found, task, net, rec, endpoint) for endpoint in endpoints)
    requests = [HttpRequest(endpoint=endpoint, url=url) for endpoint in endpoints if url is not None]
    done = [await _tried(net, rec, request) for request in requests]
    enough = LONGER + min((each.seconds for each in done if each.whole), default=0.0)
    for request, each in zip(requests, done, strict=True):
        if each.whole and each.seconds > enough:
            await _timed_again(net, rec, request, enough)


async def _timed_again(net: Net, rec: Recorder, request: HttpRequest, enough: float) -> None:
    """Repeat a transfer until one is whole within ``enough`` seconds, at most ``MORE_OFTEN`` times."""
    for _ in range(MORE_OFTEN):
        again = await transfer(net, rec, request)
        if again.whole and again.seconds <= enough:
            return


async def _tried(net: Net, rec: Recorder, request: HttpRequest) -> BulkTransfer:
    """Repeat a transfer once, beside one that stalls, which may take long to end, or behind one that broke off."""
    silent = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        first = group.create_task(transfer(net, rec, request, silent=silent))
        await ended_or(first, silent)
        if first.done() and first.result().whole:
            return first.result()
        return await transfer(net, rec, request)


def _alternating(task: GroupTask) -> Iterator[Endpoint]:
    v4, v6 = ([endpoint for endpoint in task.endpoints if endpoint.address.version == version] for version in (4, 6))
    for pair in zip_longest(v4[:ADDRESSES_TRIED], v6[:ADDRESSES_TRIED]):
        yield from (endpoint for endpoint in pair if endpoint is not None)


async def _found(task: GroupTask, net: Net, rec: Recorder, endpoint: Endpoint) -> str | None:
    """Return the first candidate that is large enough at one address, or else the largest; None without a page."""
    best: tuple[int, str] | None = None
    for url in (await large_objects.objects(task, net, rec, endpoint))[:CANDIDATES]:
        done = await transfer(net, rec.aside(), HttpRequest(endpoint=endpoint, url=url))
        if done.whole and done.status == 200 and (best is None or done.received > best[0]):
            best = done.received, url
        if best is not None and best[0] >= LARGE:
            break
    return None if best is None else best[1]
