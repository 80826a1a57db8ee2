"""Probe ``recursion``: what one address of a name server does with a stranger's question about a name of others."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import DnsQuestion, Net
from probes.observations.dns import DnsExchange

OUTSIDE = "ipv4only.arpa"
"""A name with A records that everybody knows (RFC 7050 §8.2): a correct answer is recognised, a forged one too."""


@endpoint_probe(
    version=1,
    title="Recursion for strangers",
    records=(DnsExchange,),
    services=frozenset({"dns"}),
    retry="datagram",
    deadline=15.0,
)
async def recursion(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask, with recursion desired, for a name that is not of the zone."""
    if task.zone is not None:
        await net.dns(rec, task.endpoint, DnsQuestion(name=OUTSIDE, rtype="A", recursion_desired=True), "udp")
