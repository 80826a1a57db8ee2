"""Asks DNS questions over TCP (RFC 7766), each over a connection of its own."""

import asyncio
import random
import socket

from inventory.model import IPAddress
from probes.framework.evidence import FailureKind
from probes.net.core import faults
from probes.net.core.tcp import Connector
from probes.net.dns.datagrams import DnsReply, matches


class Streams:
    """Asks over TCP. The answer has its own time limit, which starts when the connection is established."""

    def __init__(self, connector: Connector, seconds: float, *, chance: random.Random | None = None) -> None:
        self._connector = connector
        self._seconds = seconds
        self._chance = chance or random.SystemRandom()

    async def ask(self, server: IPAddress, port: int, query: bytes) -> DnsReply:
        try:
            with await self._connector.connect(server, port) as sock:
                async with asyncio.timeout(self._seconds):
                    return DnsReply(wire=await self._exchange(sock, query))
        except (faults.Fault, OSError, EOFError) as problem:
            return DnsReply(failure=faults.from_exception(problem))

    async def _exchange(self, sock: socket.socket, query: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        wire = self._chance.getrandbits(16).to_bytes(2) + query[2:]
        await loop.sock_sendall(sock, len(wire).to_bytes(2) + wire)
        length = int.from_bytes(await _exactly(sock, 2))
        answer = await _exactly(sock, length)
        if not matches(answer, wire):
            raise faults.fault(FailureKind.PROTOCOL, "an answer to another question")
        return answer


async def _exactly(sock: socket.socket, size: int) -> bytes:
    loop = asyncio.get_running_loop()
    data = bytearray()
    while len(data) < size:
        chunk = await loop.sock_recv(sock, size - len(data))
        if not chunk:
            raise EOFError
        data += chunk
    return bytes(data)
