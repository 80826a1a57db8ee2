"""Records which routers and DHCPv6 servers offer themselves on a network of users that the vantage stands on."""

from probes.framework.recorder import Recorder
from probes.framework.registry import lan_probe
from probes.framework.tasks import LanTask
from probes.net.api import Net
from probes.observations.link import LanWatch

LONGEST = 90_000.0
"""Seconds: a day, and an hour for what waits."""


@lan_probe(version=1, title="Routers and DHCPv6 servers of a LAN", records=(LanWatch,), deadline=LONGEST)
async def lan(task: LanTask, net: Net, rec: Recorder) -> None:
    """Asks as a host does that comes up, then listens; nothing that is offered is taken."""
    if task.seconds:
        await net.lan_watch(rec, task.site, task.interface, task.seconds)
