"""Tests whether an SNMP agent answers without any credentials."""

from inventory.model import Clearance
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.snmp.devices import devices
from probes.observations.snmp import SnmpDiscovery


@endpoint_probe(
    version=1,
    title="SNMP as a stranger sees it",
    records=(SnmpDiscovery,),
    services=frozenset({"snmp"}),
    deadline=60.0,
    clearance=Clearance.NORMAL,
)
async def snmp_exposure(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send version 3's discovery: an agent that is reached answers it for any set of users."""
    await devices(net).discovery(rec, task.endpoint)
