"""Connects to one address and port."""

import asyncio

from inventory.model import SERVICE_PORTS
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.transport import TcpConnect

_CALM = (1.5, 3.0)
"""Seconds after which the burst of connections with which an audit begins at an address is over."""
_EXPECTED = frozenset({"http", "https"})


@endpoint_probe(
    version=3,
    title="TCP connect",
    records=(TcpConnect,),
    services=frozenset(SERVICE_PORTS) - {"dns", "snmp", "smtp", "stamp"},
    retry="connect",
    deadline=15.0,
)
async def tcp(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Connect and close: the port is open, refused, filtered or unreachable.

    A web port that refuses is asked again a moment later, as silence is by the schedule: firewalls that limit new
    connections refuse the rest of a burst.
    """
    connected = await net.tcp(rec, task.endpoint)
    if task.service is None or task.service.name not in _EXPECTED:
        return
    for pause in _CALM:
        failure = connected.failure
        if failure is None or not failure.is_unconnected or failure.is_silence:
            return
        await asyncio.sleep(pause)
        connected = await net.tcp(rec, task.endpoint)
