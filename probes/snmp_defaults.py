"""Tries the two default communities of agents, where the owner authorised it.

At most these two, each a GET of sysUpTime over version 2c and 1, a second apart, and no more after the first that is
accepted (CHECKS §0.5).
"""

from inventory.model import Clearance
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.snmp.devices import devices
from probes.observations.snmp import SnmpCommunity

COMMUNITIES = ("public", "private")
VERSIONS = ("2c", "1")


@endpoint_probe(
    version=1,
    title="Default SNMP communities",
    records=(SnmpCommunity,),
    services=frozenset({"snmp"}),
    deadline=1_200.0,
    clearance=Clearance.INTRUSIVE,
)
async def snmp_defaults(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Try the default communities and stop at the first that is answered."""
    for version in VERSIONS:
        for community in COMMUNITIES:
            got = await devices(net).default(
                rec, task.endpoint, version=version, community=community, device=task.device_name
            )
            if got.answered is not None or (got.failure is not None and not got.worth_repeating):
                return
