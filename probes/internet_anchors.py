"""Tests whether anchors on the Internet answer from inside TSLCD, where none should."""

import asyncio

from inventory.model import Endpoint, IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.exposure import accepting
from probes.observations.isolation import AnchorReach

HTTPS = 443
_NO_REPLY = Failure(kind=FailureKind.TIMEOUT, detail="no echo reply")


@endpoint_probe(
    version=2,
    title="Internet anchors from inside TSLCD",
    records=(AnchorReach,),
    ports=frozenset({HTTPS}),
    deadline=60.0,
)
async def internet_anchors(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Try echo and TCP 443 at each anchor of the address's family; those of the other by the site's other address."""
    if task.controls is None or task.tslcd is None or not task.tslcd.is_site:
        return
    async with asyncio.TaskGroup() as group:
        for anchor in task.controls.isolation.anchors:
            if anchor.version == task.endpoint.address.version:
                group.create_task(_echo(net, rec, anchor))
                group.create_task(_connect(net, rec, anchor))


async def _echo(net: Net, rec: Recorder, anchor: IPAddress) -> None:
    aside, t0 = rec.aside(), rec.now()
    series = await net.echo(aside, anchor)
    failure = series.failure if series.failure or series.received else _NO_REPLY
    rec.record(AnchorReach(address=anchor, transport="icmp", failure=failure), t0=t0)


async def _connect(net: Net, rec: Recorder, anchor: IPAddress) -> None:
    """Connect to an anchor; only an accepted connection counts, since a router inside may send a refusal."""
    aside, t0 = rec.aside(), rec.now()
    got, accepts_all = await accepting.connect(net, aside, Endpoint(address=anchor, port=HTTPS))
    step = AnchorReach(address=anchor, transport=f"tcp/{HTTPS}", accepts_all=accepts_all, failure=got.failure)
    rec.record(step, t0=t0)
