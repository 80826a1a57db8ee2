"""Tests whether the management of other agencies accepts connections from inside TSLCD.

One connect to each port that the operator named, and where it is accepted one to a port that nothing uses; no data is
sent. The scope applies to them as to audited subjects.
"""

import asyncio

from inventory.model import Endpoint
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.exposure import accepting
from probes.observations.isolation import ManagementReach


@endpoint_probe(
    version=2,
    title="Management of other agencies from inside TSLCD",
    records=(ManagementReach,),
    ports=frozenset({22}),
    deadline=60.0,
)
async def foreign_management(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Connect to the management endpoints of the address's family; those of the other by the site's other address."""
    if task.controls is None or task.tslcd is None or not task.tslcd.is_site:
        return
    async with asyncio.TaskGroup() as group:
        for endpoint in task.controls.isolation.management:
            if endpoint.address.version == task.endpoint.address.version:
                group.create_task(_connect(net, rec, endpoint))


async def _connect(net: Net, rec: Recorder, endpoint: Endpoint) -> None:
    aside, t0 = rec.aside(), rec.now()
    got, accepts_all = await accepting.connect(net, aside, endpoint)
    step = ManagementReach(address=endpoint.address, port=got.port, accepts_all=accepts_all, failure=got.failure)
    rec.record(step, t0=t0)
