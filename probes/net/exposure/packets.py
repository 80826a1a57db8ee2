"""Sends one datagram to one address and port and collects all datagrams that come back within a short wait."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address

from inventory.model import IPAddress
from probes.framework.budget import tab
from probes.framework.evidence import Failure
from probes.net.core import faults
from probes.net.core.metered import MeteredSocket, OverBudgetError
from probes.net.core.sockets import family_of, only_its_family, only_through, sockaddr
from probes.net.core.unconnected import opened

KEPT = 256
"""Bytes of the first answer that are kept."""
LARGEST = 65_535
MOST = 200
"""Datagrams counted; an amplifier that sends more is proven already."""
QUIET = 0.3
"""Seconds without a further datagram after which an answer counts as complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedData:
    """Holds the payload bytes received in all, and the beginning of the first datagram."""

    received: int = 0
    first: bytes | None = None
    failure: Failure | None = None


async def ask(
    address: IPAddress, port: int, payload: bytes, seconds: float, *, interface: str = "", elsewhere: bool = False
) -> ReceivedData:
    """Send one datagram and collect the answers, which count only from that address and port.

    A connected socket sees to that and gets ICMP errors. ``interface``: send by it or not at all. ``elsewhere``:
    answers come from another port of that address.
    """
    if elsewhere:
        return await _ask_elsewhere(address, port, payload, seconds)
    with MeteredSocket(family_of(address), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
        try:
            only_its_family(sock)
            only_through(sock, interface)
            sock.connect(sockaddr(address, port))
            sock.send(payload)
        except OSError as problem:
            return ReceivedData(failure=faults.from_exception(problem, local=True))
        loop = asyncio.get_running_loop()
        return await _everything(lambda: loop.sock_recv(sock, LARGEST), seconds)


async def _ask_elsewhere(address: IPAddress, port: int, payload: bytes, seconds: float) -> ReceivedData:
    """Send from an unconnected socket that receives ICMP errors, and collect answers from any port of the address."""
    loop, step = asyncio.get_running_loop(), tab()
    account = step.ledger.of(address.packed)
    with opened(family_of(address)) as sock:
        try:
            sock.sendto(payload, sockaddr(address, port))
        except OSError as problem:
            return ReceivedData(failure=faults.from_exception(problem, local=True))

        async def receive() -> bytes:
            while True:
                data, source = await loop.sock_recvfrom(sock, LARGEST)
                if ip_address(source[0].partition("%")[0]).packed == address.packed:
                    if not account.take(len(data)):
                        step.excess = account.excess
                        raise OverBudgetError(account.excess)
                    return data

        return await _everything(receive, seconds)


async def _everything(receive: Callable[[], Awaitable[bytes]], seconds: float) -> ReceivedData:
    received, first = 0, None
    try:
        for count in range(MOST):
            data = await _in_time(receive, QUIET if count else seconds)
            received += len(data)
            first = data[:KEPT] if first is None else first
    except OSError as problem:  # TimeoutError included
        if first is None:
            return ReceivedData(failure=faults.from_exception(problem))
    return ReceivedData(received=received, first=first)


async def _in_time(receive: Callable[[], Awaitable[bytes]], seconds: float) -> bytes:
    """Return the data that arrives within a time; raise TimeoutError if there is none.

    A busy loop may see the end of the time and the datagram at once: ``asyncio.timeout`` would discard the datagram.
    """
    came: list[bytes] = []
    failed: list[OSError] = []

    async def note() -> None:
        try:
            came.append(await receive())
        except OSError as problem:
            failed.append(problem)

    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(note())
        await asyncio.wait({waiting}, timeout=seconds)
        waiting.cancel()
    for problem in failed:
        raise problem
    if not came:
        raise TimeoutError
    return came[0]
