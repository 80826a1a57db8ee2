"""Reads, with a device's own credentials, which other users could read or write it over SNMP.

Never SET: the rights to write are read from the device's tables.
"""

from inventory.model import Clearance
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.snmp import SnmpAccess, SnmpCommunity, SnmpLevel, SnmpSession


@endpoint_probe(
    version=2,
    title="Access over SNMP",
    records=(SnmpAccess, SnmpLevel, SnmpCommunity),
    on_the_way=(SnmpSession,),
    services=frozenset({"snmp"}),
    deadline=300.0,
    clearance=Clearance.NORMAL,
)
async def snmp_security(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Read the access tables, then try the user with less security and the other communities of the configuration."""
    async with net.snmp(rec, task.endpoint, task.credentials, device=task.device_name) as device:
        if device is not None:
            await device.access(rec)
            await device.levels(rec)
            await device.communities(rec)
