"""Tests whether packets with forged source addresses leave a network of users, where that may be tried."""

from inventory.model import Clearance
from probes.framework.recorder import Recorder
from probes.framework.registry import lan_probe
from probes.framework.tasks import LanTask
from probes.net.api import Net
from probes.observations.link import SourceValidation


@lan_probe(
    version=1,
    title="Packets with forged sources",
    records=(SourceValidation,),
    deadline=60.0,
    clearance=Clearance.INTRUSIVE,
)
async def forged_sources(task: LanTask, net: Net, rec: Recorder) -> None:
    """A handful of datagrams to a receiver of ours in each family, which answers none of them."""
    for receiver in task.receivers:
        await net.forged_sources(rec, receiver, site=task.site, interface=task.interface)
