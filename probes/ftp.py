"""Reads the greeting of an FTP server and asks whether it would encrypt."""

import asyncio
import re
import socket
from dataclasses import replace

from inventory.model import IPAddress
from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.core import faults
from probes.observations.exposure import FtpGreeting

PAUSE = 4.0
"""Seconds before the second connection: a sweep of ports holds one for three."""
_LATER = "421 "
"""The reply of a server that is not available now (RFC 959 §4.2)."""
_LINE = 1_024
_LINES = 50
_LAST = re.compile(rb"(\d{3}) ")


@endpoint_probe(version=1, title="FTP greeting", records=(FtpGreeting,), deadline=30.0)
async def ftp(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Connect to port 21, without logging in; connect again if the server has no room for us now.

    Some servers admit two connections of an address at once, and other probes connect as well.
    """
    greeting = await greet_ftp(net, rec, task.endpoint.address, 21)
    if greeting.greeting.startswith(_LATER):
        await asyncio.sleep(PAUSE)
        await greet_ftp(net, rec, task.endpoint.address, 21)


async def greet_ftp(net: Net, rec: Recorder, address: IPAddress, port: int) -> FtpGreeting:
    """Read the greeting, send AUTH TLS and QUIT, without logging in."""
    blank = FtpGreeting(address=address, port=port)

    async def greet() -> FtpGreeting:
        greeting, code = "", None
        try:
            with await net.connector.connect(address, port) as sock:
                async with asyncio.timeout(net.setting.timing.tls):
                    number, text = await _reply(sock, bytearray())
                    greeting = f"{number} {text}"
                    await asyncio.get_running_loop().sock_sendall(sock, b"AUTH TLS\r\n")
                    code, _ = await _reply(sock, bytearray())
        except (faults.Fault, OSError, EOFError) as problem:
            return replace(blank, greeting=greeting, failure=faults.from_exception(problem))
        return replace(blank, greeting=greeting, auth_tls=code)

    return await net.step(rec, address, blank, greet)


async def _reply(sock: socket.socket, buffer: bytearray) -> tuple[int, str]:
    """Return the code and the text of the last line of a reply (RFC 959 §4.2)."""
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
