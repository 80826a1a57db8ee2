"""Connects once to one address and port."""

from inventory.model import SERVICE_PORTS
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.transport import TcpConnect


@endpoint_probe(
    version=2,
    title="TCP connect",
    records=(TcpConnect,),
    services=frozenset(SERVICE_PORTS) - {"dns", "snmp", "smtp", "stamp"},
    retry="connect",
    deadline=15.0,
)
async def tcp(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Connect and close: the port is open, refused, filtered or unreachable."""
    await net.tcp(rec, task.endpoint)
