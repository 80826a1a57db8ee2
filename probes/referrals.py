"""Asks each server of the parent for its referral to a zone, over TCP, and whether the glue in it answers."""

from probes.framework.recorder import Recorder
from probes.framework.registry import name_probe
from probes.framework.tasks import NameTask
from probes.net.api import Net
from probes.observations.dns import DnsExchange
from probes.observations.dnspath import Referral


@name_probe(version=3, title="Referrals and glue of the parent", records=(Referral, DnsExchange), deadline=120.0)
async def referrals(task: NameTask, net: Net, rec: Recorder) -> None:
    """Ask all of the parent's servers: their answers may differ."""
    if "zone" in task.roles:
        await net.names.referrals(rec, task.name)
