"""Probe ``site_path``: the way to a site of TSLCD, hop by hop."""

from probes.framework.expand import SITE
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.path import PathTrace


@endpoint_probe(version=1, title="Path to a site of TSLCD", records=(PathTrace,), deadline=90.0)
async def site_path(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """One Paris traceroute by echo requests, the address's own family."""
    if SITE in task.hints:
        await net.trace(rec, task.endpoint, "icmp")
