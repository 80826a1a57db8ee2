"""Tests whether an address, or a filter before it, sends an ICMP error for a closed port."""

import asyncio
import socket

from inventory.model import Endpoint
from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.core import faults
from probes.net.core.metered import MeteredSocket
from probes.net.core.rules import port_of
from probes.net.core.sockets import family_of, only_its_family, sockaddr
from probes.observations.transport import TcpConnect, UdpPortTest

PORT = 33533
"""The port of both transports; nothing is registered there, and no traceroute of ours uses it."""
TRIES = 2
_PAYLOAD = b"auditor"
SAID_NO = frozenset({FailureKind.REFUSED, FailureKind.RESET, FailureKind.PROHIBITED})


@endpoint_probe(
    version=1, title="Refusals of closed ports", records=(UdpPortTest,), on_the_way=(TcpConnect,), deadline=30.0
)
async def icmp_errors(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send a datagram and a TCP connect to a closed port, and one more datagram while neither was refused.

    Hosts limit how many ICMP errors they send (RFC 4443 §2.4(f)). Both are sent at once, so that silence is waited for
    once.
    """
    closed = Endpoint(address=task.endpoint.address, port=PORT, name=task.endpoint.name)
    async with asyncio.TaskGroup() as both:
        connecting, sending = (
            both.create_task(net.tcp(rec, closed)),
            both.create_task(ask_closed_port(net, rec, closed)),
        )
    connect, datagram = connecting.result(), sending.result()
    for _ in range(TRIES - 1):
        kinds = [step.failure.kind for step in (connect, datagram) if step.failure is not None]
        if SAID_NO.intersection(kinds):
            break
        datagram = await ask_closed_port(net, rec, closed)


async def ask_closed_port(net: Net, rec: Recorder, endpoint: Endpoint) -> UdpPortTest:
    """Send one UDP datagram to a port that no service should use, and record the error or silence."""
    blank = UdpPortTest(address=endpoint.address, port=port_of(endpoint))

    async def wait_for_error() -> UdpPortTest:
        """Wait on a connected socket: it needs no privilege to get the ICMP error, as an errno.

        Raise TimeoutError for silence.
        """
        loop = asyncio.get_running_loop()
        with MeteredSocket(family_of(endpoint.address), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
            only_its_family(sock)
            try:
                sock.connect(sockaddr(endpoint.address, blank.port))
                sock.send(_PAYLOAD)
            except OSError as problem:
                raise faults.Fault(faults.from_exception(problem, local=True)) from problem
            async with asyncio.timeout(net.setting.timing.dns_udp):
                await loop.sock_recv(sock, 64)
        return blank

    return await net.step(rec, endpoint.address, blank, wait_for_error)
