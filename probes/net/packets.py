"""One datagram to one address and port, and everything that comes back from there within a short wait."""

import asyncio
import socket
from dataclasses import dataclass

from inventory.model import IPAddress
from probes.framework.evidence import Failure
from probes.net import faults
from probes.net.sockets import family_of, only_its_family, only_through, sockaddr

KEPT = 256
"""Bytes of the first answer that are kept."""
LARGEST = 65_535
MOST = 200
"""Datagrams counted; an amplifier that sends more has said enough."""
QUIET = 0.3
"""Seconds without a further datagram after which an answer is taken to be whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Payload bytes received in all, and the beginning of the first datagram."""

    received: int = 0
    first: bytes | None = None
    failure: Failure | None = None


async def ask(address: IPAddress, port: int, payload: bytes, seconds: float, *, interface: str = "") -> Answered:
    """Send once. A connected socket takes answers from that address and port alone and is told of ICMP errors.

    ``interface``: leave by it or not at all.
    """
    with socket.socket(family_of(address), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
        try:
            only_its_family(sock)
            only_through(sock, interface)
            sock.connect(sockaddr(address, port))
            sock.send(payload)
        except OSError as problem:
            return Answered(failure=faults.from_exception(problem, local=True))
        return await _everything(sock, seconds)


async def _everything(sock: socket.socket, seconds: float) -> Answered:
    loop = asyncio.get_running_loop()
    received, first = 0, None
    try:
        for count in range(MOST):
            async with asyncio.timeout(QUIET if count else seconds):
                data = await loop.sock_recv(sock, LARGEST)
            received += len(data)
            first = data[:KEPT] if first is None else first
    except OSError as problem:  # a timeout is one
        if first is None:
            return Answered(failure=faults.from_exception(problem))
    return Answered(received=received, first=first)
