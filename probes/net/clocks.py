"""Asks one NTP server by how much its clock differs from ours (RFC 5905 §8)."""

import asyncio
import random
import socket
import time
from dataclasses import dataclass, replace

from inventory.model import Endpoint, IPAddress
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.net.core.metered import MeteredSocket
from probes.net.core.sockets import family_of, sockaddr
from probes.observations.vantage import NtpAnswer
from probes.wire.path.ntp import COOKIE_SIZE, NtpError, NtpReply, read, request

_LONGEST = 1_024
_PORT = 123
_CHANCE = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class ClockReading:
    """Holds a reading. ``offset``: seconds that the server's clock is ahead of ours; ``delay``: the round trip."""

    answer: NtpReply
    offset: float
    delay: float


async def ask_clock(net: Net, rec: Recorder, server: Endpoint) -> NtpAnswer:
    """Ask a server by how much its clock differs from ours."""
    port = server.port or _PORT
    blank = NtpAnswer(server=server.address, port=port)

    async def ask() -> NtpAnswer:
        reading = await _ask(server.address, port, net.setting.timing.dns_udp, _CHANCE)
        return replace(
            blank,
            offset=round(reading.offset, 6),
            delay=round(reading.delay, 6),
            stratum=reading.answer.stratum,
            synchronised=reading.answer.synchronised,
        )

    # Only the servers of [vantage].ntp are asked (INTERFACE, Scope).
    return await net.step(rec, server.address, blank, ask, implied=True, transport=f"udp/{port}")


async def _ask(address: IPAddress, port: int, seconds: float, chance: random.Random) -> ClockReading:
    """Return the server's reading of its clock; skip datagrams that do not answer ours.

    Raises TimeoutError or OSError.
    """
    loop = asyncio.get_running_loop()
    cookie = chance.randbytes(COOKIE_SIZE)
    with MeteredSocket(family_of(address), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC) as sock:
        sock.connect(sockaddr(address, port))
        async with asyncio.timeout(seconds):
            ours, began = time.time(), time.monotonic()
            await loop.sock_sendall(sock, request(cookie))
            while True:
                wire = await loop.sock_recv(sock, _LONGEST)
                there_and_back = time.monotonic() - began
                try:
                    answer = read(wire, cookie)
                except NtpError:
                    continue
                # Our second reading is by the monotonic clock: a step of our clock must not look like theirs.
                offset = (answer.received - ours + answer.sent - (ours + there_and_back)) / 2
                return ClockReading(answer, offset, there_and_back - (answer.sent - answer.received))
