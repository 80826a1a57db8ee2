"""Asks which generation of SMB a server negotiates, without a session."""

import asyncio
import secrets
import socket
from dataclasses import replace

from inventory.model import IPAddress
from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.core import faults
from probes.net.core.tcp import Connector
from probes.observations.exposure import SmbNegotiate
from probes.wire.exposure import smb as wire
from probes.wire.exposure.smb import Negotiated, SmbError

PORT = 445
_CONNECTED = frozenset({FailureKind.RESET, FailureKind.PROTOCOL})
"""Failures after a connection was accepted: a server without SMB 1 may close it."""


@endpoint_probe(version=1, title="SMB negotiation", records=(SmbNegotiate,), deadline=30.0)
async def smb(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Negotiate SMB 1 only, then SMB 2 and 3; the second is left out where nothing listens."""
    first = await negotiate_smb(net, rec, task.endpoint.address, PORT, version=1)
    if first.accepted is not None or (first.failure is not None and first.failure.kind in _CONNECTED):
        await negotiate_smb(net, rec, task.endpoint.address, PORT, version=2)


async def negotiate_smb(net: Net, rec: Recorder, address: IPAddress, port: int, *, version: int) -> SmbNegotiate:
    """Negotiate once: SMB 1 (``version`` 1), or SMB 2 and 3 (2)."""
    blank = SmbNegotiate(address=address, port=port, version=version)

    async def negotiate() -> SmbNegotiate:
        got = await _negotiated(net.connector, blank, net.setting.timing.tls)
        return replace(blank, accepted=got.accepted, dialect=got.dialect, signing_required=got.signing_required)

    return await net.step(rec, address, blank, negotiate)


async def _negotiated(connector: Connector, blank: SmbNegotiate, seconds: float) -> Negotiated:
    """Return the result of one negotiation; raise Fault or OSError where none succeeded."""
    loop = asyncio.get_running_loop()
    request = wire.negotiate1() if blank.version == 1 else wire.negotiate2(secrets.token_bytes(16))
    with await connector.connect(blank.address, blank.port) as sock:
        try:
            async with asyncio.timeout(seconds):
                await loop.sock_sendall(sock, request)
                size = wire.length(await _exactly(sock, 4))
                return wire.answer(await _exactly(sock, size))
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
