"""Tests whether any address that is not a name server's resolves names for foreign clients.

Customer equipment, routers and firewalls often do, without their owner's knowledge.
"""

from dataclasses import replace

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.dns.strangers import ask_as_stranger
from probes.observations.dns import DnsExchange

_PORT = 53


@endpoint_probe(
    version=2, title="Recursion for strangers, at any address", records=(DnsExchange,), retry="server", deadline=15.0
)
async def stranger_recursion(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send one datagram with recursion desired; a silence is repeated at once, an answer ten minutes later."""
    await ask_as_stranger(replace(task.endpoint, port=_PORT), net, rec)
