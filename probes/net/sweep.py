"""A sweep of TCP ports of one address: connect, listen for a greeting, close. Never a byte is sent."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

from inventory.model import IPAddress
from probes.framework.evidence import FailureKind
from probes.net import faults
from probes.net.pulse import Pulse
from probes.net.tcp import Connector
from probes.observations.exposure import PortReply

GREETING = 256
"""Bytes of a greeting that are kept."""
LISTEN = 1.0
"""Seconds that an open port gets to say something; clients speak first in most protocols, so this is short."""

HEAD_START = 0.7
"""Seconds that the other questions to an address have before its sweep takes the pace for itself."""

AT_ONCE = 100
"""Sweeps at the same time: each holds a socket for every silent port."""


class Sweeper:
    """Sweeps with one connector; ``admit`` is asked before each connect, so that the pace of all dials holds here."""

    def __init__(self, connector: Connector, admit: Callable[[IPAddress], Awaitable[None]], pulse: Pulse) -> None:
        self._connector = connector
        self._admit = admit
        self._pulse = pulse
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def sweep(self, address: IPAddress, ports: tuple[int, ...]) -> tuple[PortReply, ...]:
        """One reply for each port, in the order of the ports; all waits run side by side.

        The other questions to the same address go first: a sweep is many times what an address may be asked at once.
        """
        await asyncio.sleep(HEAD_START)
        async with self._turn, asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._knock(address, port)) for port in ports]
        return tuple(task.result() for task in tasks)

    async def _knock(self, address: IPAddress, port: int) -> PortReply:
        await self._admit(address)
        since = asyncio.get_running_loop().time()
        try:
            with await self._connector.connect(address, port) as sock:
                greeting, ended = await _listen(sock)
        except (faults.Fault, OSError) as problem:
            kind = faults.from_exception(problem).kind
            if kind is FailureKind.TIMEOUT and self._pulse.stalled(since):
                kind = FailureKind.CUT_SHORT  # ours: nobody looked when the answer may have come
            return PortReply(port=port, failure=kind)
        return PortReply(port=port, greeting=greeting, ended=ended)


async def _listen(sock: socket.socket) -> tuple[bytes, bool]:
    """The first bytes that come by themselves, and whether the other side closed without any."""
    try:
        async with asyncio.timeout(LISTEN):
            data = await asyncio.get_running_loop().sock_recv(sock, GREETING)
    except (TimeoutError, OSError):
        return b"", False
    return data, not data
