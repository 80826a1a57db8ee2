"""Records the routers and DHCPv6 servers that offer themselves on a user network that the vantage is on."""

import asyncio
from dataclasses import replace

from probes.framework.recorder import Recorder
from probes.framework.registry import lan_probe
from probes.framework.tasks import LanTask
from probes.net.api import Net
from probes.net.core import faults
from probes.net.raw import requests
from probes.observations.link import LanWatch

LONGEST = 90_000.0
"""Seconds of the longest watch: a day, and an hour for work that waits."""


@lan_probe(version=1, title="Routers and DHCPv6 servers of a LAN", records=(LanWatch,), deadline=LONGEST)
async def lan(task: LanTask, net: Net, rec: Recorder) -> None:
    """Ask as a host does that comes up, then listen; no offer is accepted."""
    if task.seconds:
        await watch_lan(net, rec, task.site, task.interface, task.seconds)


async def watch_lan(net: Net, rec: Recorder, site: str, interface: str, seconds: float) -> LanWatch:
    """Listen on the user network at one of our interfaces.

    The configuration (``lan.SITE``) decides where listening is allowed; the program gets it before any request.
    """
    blank, t0 = LanWatch(site=site, interface=interface, seconds=seconds), rec.now()
    try:
        return rec.record(await requests.watch(net.crafted, blank), t0=t0)
    except faults.Fault as problem:
        return rec.record(replace(blank, failure=faults.from_exception(problem)), t0=t0)
    except asyncio.CancelledError:
        rec.record(replace(blank, failure=faults.CUT_SHORT), t0=t0)
        raise
