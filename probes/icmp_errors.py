"""Tests whether an address, or a filter before it, sends an ICMP error for a closed port."""

import asyncio

from inventory.model import Endpoint
from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.transport import TcpConnect, UdpKnock

PORT = 33533
"""Of both transports; nothing is registered there, and no traceroute of ours comes this far."""
TRIES = 2
SAID_NO = frozenset({FailureKind.REFUSED, FailureKind.RESET, FailureKind.PROHIBITED})


@endpoint_probe(
    version=1, title="Refusals of closed ports", records=(UdpKnock,), on_the_way=(TcpConnect,), deadline=30.0
)
async def icmp_errors(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """A datagram and a TCP connect to a closed port; one more datagram while neither was refused, as hosts limit how
    many ICMP errors they send (RFC 4443 §2.4(f)). Both at once: silence costs its wait, and only once."""
    closed = Endpoint(address=task.endpoint.address, port=PORT, name=task.endpoint.name)
    async with asyncio.TaskGroup() as both:
        connecting, sending = both.create_task(net.tcp(rec, closed)), both.create_task(net.udp_closed_port(rec, closed))
    connect, datagram = connecting.result(), sending.result()
    for _ in range(TRIES - 1):
        kinds = [step.failure.kind for step in (connect, datagram) if step.failure is not None]
        if SAID_NO.intersection(kinds):
            break
        datagram = await net.udp_closed_port(rec, closed)
