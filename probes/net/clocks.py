"""Asks one NTP server by how much its clock differs from ours (RFC 5905 §8)."""

import asyncio
import random
import socket
import time
from dataclasses import dataclass

from inventory.model import IPAddress
from probes.net.core.metered import MeteredSocket
from probes.net.core.sockets import family_of, sockaddr
from probes.wire.ntp import COOKIE_SIZE, Answer, WireError, read, request

_LONGEST = 1_024


@dataclass(frozen=True, slots=True)
class ClockReading:
    """``offset``: by how many seconds the server's clock is ahead of ours; ``delay``: the way there and back."""

    answer: Answer
    offset: float
    delay: float


async def ask(address: IPAddress, port: int, seconds: float, chance: random.Random) -> ClockReading:
    """What the server tells. Raises TimeoutError or OSError; what is no answer to us is passed over."""
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
                except WireError:
                    continue
                # Our second reading by the monotonic clock: a step of ours in between must not look like theirs.
                offset = (answer.received - ours + answer.sent - (ours + there_and_back)) / 2
                return ClockReading(answer, offset, there_and_back - (answer.sent - answer.received))
