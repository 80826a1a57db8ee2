"""Asks an agent without credentials: version 3's discovery, and the two default communities.

One GET of sysUpTime for each, never SET, never a further guess (CHECKS §0.5). All other contents of an answer are
thrown away.
"""

import asyncio
import random
import socket
from collections.abc import Callable
from typing import TypeVar

from inventory.model import IPAddress
from probes.net.core import faults
from probes.net.core.metered import MeteredSocket
from probes.net.core.sockets import family_of, only_its_family, sockaddr
from probes.net.snmp.agents import Admit
from probes.observations.snmp import SnmpCommunity, SnmpDiscovery
from probes.wire.snmp import messages
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid

COMMUNITIES = ("public", "private")
VERSIONS = ("2c", "1")
PAUSE = 1.0
"""Seconds before each further community: agents count failures and lock out quick clients (CHECKS trap S3)."""
_NUMBERS = {"1": messages.V1, "2c": messages.V2C}
_ALL = (1, 3)
_LARGEST = 65_535
T = TypeVar("T")


async def discover(
    blank: SnmpDiscovery, *, wait: float, tries: int, admit: Admit, chance: random.Random
) -> SnmpDiscovery:
    """Run version 3's discovery. Raises Fault without an answer."""
    number = chance.getrandbits(31)

    def match(data: bytes) -> messages.SnmpResponse | None:
        answer = messages.read(data)
        return answer if answer is not None and (answer.version, answer.number) == (messages.V3, number) else None

    for left in range(tries - 1, -1, -1):
        await admit()
        try:
            answer = await _ask(blank.address, blank.port, messages.discovery(number), wait, match)
        except TimeoutError:
            if not left:
                raise
        else:
            return SnmpDiscovery(
                address=blank.address,
                port=blank.port,
                engine_id=answer.engine_id,
                boots=answer.boots,
                time=answer.time,
                report=dotted(answer.oid) or None,
            )
    raise RuntimeError("no try at all")


async def try_community(blank: SnmpCommunity, *, wait: float, admit: Admit, chance: random.Random) -> SnmpCommunity:
    """Try one community; ``answered`` in the result is its answer. Raises Fault without one.

    After an answer without sysUpTime, the agent is asked for any object at all.
    """
    version = _NUMBERS[blank.version]

    async def once(oid: Oid, *, following: bool) -> messages.SnmpResponse:
        number = chance.getrandbits(31)

        def match(data: bytes) -> messages.SnmpResponse | None:
            answer = messages.read(data)
            return answer if answer is not None and (answer.version, answer.number) == (version, number) else None

        await admit()
        wire = messages.get(version, blank.community.encode(), number, oid, following=following)
        return await _ask(blank.address, blank.port, wire, wait, match)

    first = await once(messages.SYS_UP_TIME, following=False)
    answered = "value"
    if not first.is_up_time:
        try:
            second = await once(_ALL, following=True)
        except OSError:  # TimeoutError included
            answered = "empty"
        else:
            answered = "other" if second.has_value else "empty"
    return SnmpCommunity(
        address=blank.address, port=blank.port, version=blank.version, community=blank.community, answered=answered
    )


async def _ask(address: IPAddress, port: int, wire: bytes, wait: float, match: Callable[[bytes], T | None]) -> T:
    """Send once; return the first matching datagram from that address and port. A connected socket sees no others."""
    loop = asyncio.get_running_loop()
    with MeteredSocket(family_of(address), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
        try:
            only_its_family(sock)
            sock.connect(sockaddr(address, port))
            sock.send(wire)
        except OSError as problem:
            raise faults.Fault(faults.from_exception(problem, local=True)) from None
        async with asyncio.timeout(wait):
            while True:
                found = match(await loop.sock_recv(sock, _LARGEST))
                if found is not None:
                    return found
