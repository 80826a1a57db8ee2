"""Tests whether a web server heeds Packet Too Big on connections over IPv6.

Each connection runs behind a narrow link of our own making, each time a narrower one: a server remembers the size it
learnt on one for all, and only a smaller one is new to it. Several connections, because firewalls and load balancers
may deliver the message to the right place for one and not for the next (CHECKS, traps P1 and P2).

The request is for the URL that the inventory names (``test_url``), or else the front page; where that fills no packet
(it only redirects, or a script makes the page), for the first part of the landing page that does.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from inventory.model import Endpoint
from probes.framework import large_objects
from probes.framework.ended_or import ended_or
from probes.framework.objects import object_of, page_url, path_of
from probes.framework.recorder import Recorder
from probes.framework.registry import Disturbing, group_probe
from probes.framework.tasks import GroupTask
from probes.net.api import HttpRequest, Net
from probes.net.http.transfers import transfer
from probes.net.raw.program import EarlyNotices
from probes.net.raw.requests import PmtudTrial, connect_narrowly
from probes.observations.path import FILLS, NOTHING_LOST, TAUGHT, PmtudFlow

ENOUGH = 3
"""The number of connections on which the server heeded a size it was told, after which no more are made.

Where no packet came that was too large, a narrower link may still show something.
"""
CANDIDATES = 4
"""Parts of the page that are fetched in search of one that is large enough."""


@group_probe(
    version=1,
    title="Packet Too Big towards a web service",
    records=(PmtudFlow,),
    services=frozenset({"http", "https"}),
    deadline=90.0,
)
async def pmtud(task: GroupTask, net: Net, rec: Recorder) -> Disturbing:
    """Make an ordinary connection to each IPv6 address, and return the trials behind narrower links.

    The trials run when no other probe measures the server, which remembers the sizes it is told: three to five links
    narrower than its packets need, each once it heeded the size told on the one before or that one has ended; once a
    trial fares badly, the rest run at once.
    """
    async with asyncio.TaskGroup() as group:
        ordinary = [
            group.create_task(_ordinary(task, net, rec, endpoint))
            for endpoint in task.endpoints
            if endpoint.address.version == 6
        ]

    async def narrower() -> None:
        async with asyncio.TaskGroup() as group:
            for each in ordinary:
                group.create_task(_narrower(net, rec, each.result()))

    return narrower


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ordinary:
    """Holds the result of an ordinary connection, and the path that was requested on it."""

    endpoint: Endpoint
    tls: bool
    path: str
    flow: PmtudFlow

    def behind(self, mtu: int) -> PmtudTrial:
        """Return the trial of the same request behind a link of ``mtu`` bytes."""
        return PmtudTrial(mtu=mtu, tls=self.tls, path=self.path)


async def _ordinary(task: GroupTask, net: Net, rec: Recorder, endpoint: Endpoint) -> _Ordinary:
    path, tls = path_of(object_of(task) or page_url(task, endpoint)), task.service.name == "https"
    flow = await connect_narrowly(net, rec, endpoint, PmtudTrial(mtu=NOTHING_LOST, tls=tls, path=path))
    if _too_short(flow) and (larger := await _larger(task, net, rec, endpoint)) is not None:
        path = path_of(larger)
        flow = await connect_narrowly(net, rec, endpoint, PmtudTrial(mtu=NOTHING_LOST, tls=tls, path=path))
    return _Ordinary(endpoint=endpoint, tls=tls, path=path, flow=flow)


async def _narrower(net: Net, rec: Recorder, plain: _Ordinary) -> None:
    endpoint = plain.endpoint
    if plain.flow.failure is not None:
        return
    trials = [plain.behind(mtu) for mtu in TAUGHT if mtu < plain.flow.largest or not _fared_well(plain.flow)]
    if plain.flow.ended == "stall":
        await _at_once(net, rec, endpoint, trials)
        return
    async with asyncio.TaskGroup() as group:
        heeded, begun = 0, list[asyncio.Task[PmtudFlow]]()
        for number, trial in enumerate(trials, 1):
            ahead = EarlyNotices()
            flow = group.create_task(connect_narrowly(net, rec, endpoint, trial, ahead=ahead))
            begun.append(flow)
            await ended_or(flow, ahead.heeded, ahead.unheeded)
            heeded += ahead.heeded.is_set() or (flow.done() and flow.result().heeded is not None)
            if heeded == ENOUGH:
                await asyncio.wait(begun)
            ended = [each.result() for each in begun if each.done()]
            if ahead.unheeded.is_set() or not all(each.failure or _fared_well(each) for each in ended):
                group.create_task(_at_once(net, rec, endpoint, trials[number:]))
                return
            if heeded == ENOUGH or any(each.failure for each in ended):
                return


async def _at_once(net: Net, rec: Recorder, endpoint: Endpoint, trials: Sequence[PmtudTrial]) -> None:
    async with asyncio.TaskGroup() as group:
        for trial in trials:
            group.create_task(connect_narrowly(net, rec, endpoint, trial))


def _too_short(plain: PmtudFlow) -> bool:
    """True if the transfer went well and filled no packet."""
    return plain.failure is None and _fared_well(plain) and plain.largest <= min(TAUGHT) and plain.received < FILLS


async def _larger(task: GroupTask, net: Net, rec: Recorder, endpoint: Endpoint) -> str | None:
    """Return the URL of the first part of the landing page that fills packets, or of the page behind redirects."""
    for url in (await large_objects.objects(task, net, rec, endpoint))[:CANDIDATES]:
        done = await transfer(net, rec.aside(), HttpRequest(endpoint=endpoint, url=url))
        if done.status == 200 and done.received >= FILLS:
            return url
    return None


def _fared_well(flow: PmtudFlow) -> bool:
    return flow.ended in ("enough", "end") and (flow.errors_sent == 0 or flow.heeded is not None)
