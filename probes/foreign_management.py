"""Probe ``foreign_management``: whether the management of other agencies accepts connections from inside TSLCD.

One connect to each port that the operator named, and nothing is said. The scope holds for them as for what is audited.
"""

import asyncio
from ipaddress import ip_address

from inventory.model import Endpoint
from probes.framework.controls import MANAGEMENT
from probes.framework.expand import SITE
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.isolation import ManagementReach


@endpoint_probe(
    version=1,
    title="Management of other agencies from inside TSLCD",
    records=(ManagementReach,),
    ports=frozenset({22}),
    deadline=60.0,
)
async def foreign_management(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Those of the family of the address; both families by way of both addresses."""
    if SITE not in task.hints:
        return
    named = (text.partition("#") for text in task.hints.get(MANAGEMENT, "").split())
    endpoints = [Endpoint(address=ip_address(address), port=int(port)) for address, _, port in named]
    async with asyncio.TaskGroup() as group:
        for one in endpoints:
            if one.address.version == task.endpoint.address.version:
                group.create_task(_connect(net, rec, one))


async def _connect(net: Net, rec: Recorder, endpoint: Endpoint) -> None:
    aside, t0 = rec.aside(), rec.now()
    got = await net.tcp(aside, endpoint)
    rec.record(ManagementReach(address=endpoint.address, port=got.port, failure=got.failure), t0=t0)
