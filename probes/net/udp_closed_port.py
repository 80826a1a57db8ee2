"""Sends a datagram to a UDP port where nothing should listen and waits for the ICMP error about it.

A connected socket gets the ICMP error as an errno, without any privilege.
"""

import asyncio
import socket

from inventory.model import IPAddress
from probes.net.core import faults
from probes.net.core.metered import MeteredSocket
from probes.net.core.sockets import family_of, only_its_family, sockaddr

PAYLOAD = b"auditor"


class ClosedPorts:
    """Asks closed ports, each from a socket of its own."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def ask(self, address: IPAddress, port: int) -> None:
        """Returns when something answers; raises what came instead, TimeoutError for silence."""
        loop = asyncio.get_running_loop()
        with MeteredSocket(family_of(address), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
            only_its_family(sock)
            try:
                sock.connect(sockaddr(address, port))
                sock.send(PAYLOAD)
            except OSError as problem:
                raise faults.Fault(faults.from_exception(problem, local=True)) from problem
            async with asyncio.timeout(self._seconds):
                await loop.sock_recv(sock, 64)
