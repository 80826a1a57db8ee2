"""Probe ``pmtud``: whether a web server heeds Packet Too Big on connections over IPv6.

Each connection runs behind a narrow link of our own making, each time a narrower one: what a server has learnt from one
it remembers for all, and only a smaller number is news to it. Several connections, because firewalls and load balancers
may deliver the message to the right place for one and not for the next (CHECKS, traps P1 and P2).

What is asked for is what the inventory names (``test_url``), or else the front page; where that fills no packet (it
only redirects, or a script makes the page), the first part of the landing page that does.
"""

import asyncio
from collections.abc import Sequence

from inventory.model import Endpoint
from probes.framework import landing
from probes.framework.objects import object_of, path_of
from probes.framework.recorder import Recorder
from probes.framework.registry import group_probe
from probes.framework.tasks import GroupTask
from probes.net.api import HttpRequest, Net, PmtudTrial
from probes.observations.path import FILLS, NOTHING_LOST, TAUGHT, PmtudFlow

ENOUGH = 3
"""Connections on which the server was told something and heeded it. Where nothing came that was too large, a narrower
link may still show something."""
CANDIDATES = 4
"""Parts of the page that are fetched in search of one that is large enough."""


@group_probe(
    version=1,
    title="Packet Too Big towards a web service",
    records=(PmtudFlow,),
    services=frozenset({"http", "https"}),
    deadline=90.0,
    disturbs=True,
)
async def pmtud(task: GroupTask, net: Net, rec: Recorder) -> None:
    """An ordinary connection to each IPv6 address, and three to five behind narrower links than its packets need, one
    after the other; once one has fared badly, the rest at once."""
    path = path_of(object_of(task))
    async with asyncio.TaskGroup() as group:
        for endpoint in task.endpoints:
            if endpoint.address.version == 6:
                group.create_task(_flows(task, net, rec, endpoint, path))


async def _flows(task: GroupTask, net: Net, rec: Recorder, endpoint: Endpoint, path: str) -> None:
    heeded, tls = 0, task.service.name == "https"
    plain = await net.pmtud(rec, endpoint, PmtudTrial(mtu=NOTHING_LOST, tls=tls, path=path))
    if _too_short(plain) and (larger := await _larger(task, net, rec, endpoint)) is not None:
        path = path_of(larger)
        plain = await net.pmtud(rec, endpoint, PmtudTrial(mtu=NOTHING_LOST, tls=tls, path=path))
    if plain.failure is not None:
        return
    narrow = [mtu for mtu in TAUGHT if mtu < plain.largest or not _fared_well(plain)]
    trials = [PmtudTrial(mtu=mtu, tls=tls, path=path) for mtu in narrow]
    if plain.ended == "stall":
        await _at_once(net, rec, endpoint, trials)
        return
    for number, trial in enumerate(trials, 1):
        flow = await net.pmtud(rec, endpoint, trial)
        if flow.failure is not None:
            return
        if not _fared_well(flow):
            await _at_once(net, rec, endpoint, trials[number:])
            return
        heeded += flow.heeded is not None
        if heeded == ENOUGH:
            return


async def _at_once(net: Net, rec: Recorder, endpoint: Endpoint, trials: Sequence[PmtudTrial]) -> None:
    async with asyncio.TaskGroup() as group:
        for trial in trials:
            group.create_task(net.pmtud(rec, endpoint, trial))


def _too_short(plain: PmtudFlow) -> bool:
    """It went well and filled no packet."""
    return plain.failure is None and _fared_well(plain) and plain.largest <= min(TAUGHT) and plain.received < FILLS


async def _larger(task: GroupTask, net: Net, rec: Recorder, endpoint: Endpoint) -> str | None:
    """The URL of the first part of the landing page that fills packets, or of the page itself behind redirects."""
    for url in (await landing.objects(task, net, rec, endpoint))[:CANDIDATES]:
        done = await net.transfer(rec.aside(), HttpRequest(endpoint=endpoint, url=url))
        if done.status == 200 and done.received >= FILLS:
            return url
    return None


def _fared_well(flow: PmtudFlow) -> bool:
    return flow.ended in ("enough", "end") and (flow.errors_sent == 0 or flow.heeded is not None)
