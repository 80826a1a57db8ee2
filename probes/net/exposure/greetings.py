"""Reads how two services begin: FTP (AUTH TLS), and SMB (one negotiation)."""

import asyncio
import re
import secrets
import socket
from dataclasses import dataclass

from inventory.model import IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.net.core import faults
from probes.net.core.tcp import Connector
from probes.wire import smb
from probes.wire.smb import Negotiated, SmbError

_LINE = 1_024
_LINES = 50
_LAST = re.compile(rb"(\d{3}) ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ftp:
    """As in the observation; ``failure`` where no greeting came."""

    greeting: str = ""
    auth_tls: int | None = None
    failure: Failure | None = None


async def ftp(connector: Connector, address: IPAddress, port: int, seconds: float) -> Ftp:
    """Greeting, AUTH TLS, QUIT. Nobody logs in."""
    greeting, code = "", None
    try:
        with await connector.connect(address, port) as sock:
            async with asyncio.timeout(seconds):
                number, text = await _reply(sock, bytearray())
                greeting = f"{number} {text}"
                await asyncio.get_running_loop().sock_sendall(sock, b"AUTH TLS\r\n")
                code, _ = await _reply(sock, bytearray())
    except (faults.Fault, OSError, EOFError) as problem:
        return Ftp(greeting=greeting, failure=faults.from_exception(problem))
    return Ftp(greeting=greeting, auth_tls=code)


async def _reply(sock: socket.socket, buffer: bytearray) -> tuple[int, str]:
    """The code and the text of the last line of a reply (RFC 959 §4.2)."""
    for _ in range(_LINES):
        while b"\n" not in buffer:
            if len(buffer) > _LINE:
                raise faults.fault(FailureKind.PROTOCOL, "FTP: a line that is too long")
            chunk = await asyncio.get_running_loop().sock_recv(sock, _LINE)
            if not chunk:
                raise EOFError
            buffer += chunk
        line, _, rest = bytes(buffer).partition(b"\n")
        buffer[:] = rest
        found = _LAST.match(line)
        if found is not None:
            return int(found[1]), faults.bounded(line[4:].decode("utf-8", "replace"))
    raise faults.fault(FailureKind.PROTOCOL, "FTP: a reply without end")


async def smb_negotiate(
    connector: Connector, address: IPAddress, port: int, version: int, seconds: float
) -> Negotiated:
    """One negotiation; Fault or OSError where none came about."""
    loop = asyncio.get_running_loop()
    request = smb.negotiate1() if version == 1 else smb.negotiate2(secrets.token_bytes(16))
    with await connector.connect(address, port) as sock:
        try:
            async with asyncio.timeout(seconds):
                await loop.sock_sendall(sock, request)
                size = smb.length(await _exactly(sock, 4))
                return smb.answer(await _exactly(sock, size))
        except SmbError as problem:
            raise faults.fault(FailureKind.PROTOCOL, f"SMB: {problem}") from problem


async def _exactly(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        chunk = await asyncio.get_running_loop().sock_recv(sock, size - len(data))
        if not chunk:
            raise EOFError
        data += chunk
    return bytes(data)
