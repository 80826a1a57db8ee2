"""Connects to one address and port."""

import asyncio

from inventory.model import SERVICE_PORTS
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.transport import TcpConnect

_CALM = 1.5
"""Seconds after which the burst of connections is over with which an audit begins at an address."""
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
    """Connect and close: the port is open, refused, filtered or unreachable. A web port that refuses is asked once more
    a moment later, as silence is by the schedule: firewalls that limit new connections refuse the rest of a burst."""
    connected = await net.tcp(rec, task.endpoint)
    is_expected = task.service is not None and task.service.name in _EXPECTED
    failure = connected.failure
    if is_expected and failure is not None and failure.is_unconnected and not failure.is_silence:
        await asyncio.sleep(_CALM)
        await net.tcp(rec, task.endpoint)
