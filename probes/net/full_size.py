"""Sends data that fills several TCP segments to a control and back; a path that loses large packets fails.

A SYN and small answers come through such a path, so that every server behind it looks open and then dead.
"""

import asyncio
import socket
from dataclasses import replace

from inventory.model import Endpoint
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.net.core import faults
from probes.net.core.rules import port_of
from probes.net.core.tcp import Connector, mss_of, unacknowledged
from probes.net.tls.segments import hello
from probes.observations.vantage import FullSizeTransfer

ECHO, TLS = "echo", "tls"
SIZE = 12_000
"""Bytes that an echo is asked for: eight full segments."""
HELLO = 3_500
"""Bytes of a hello: more than two full segments, and small enough for every server."""
PATIENCE = 4.0
"""Seconds for a whole transfer: with a round trip of half a second, four retransmissions."""
QUIET = 1.0
"""Seconds without a further byte after which the certificate counts as over."""
_MOST = 65_536
_READ = 16_384
_STEP = 0.02


async def send_full_size(net: Net, rec: Recorder, endpoint: Endpoint, way: str) -> FullSizeTransfer:
    """Send data that fills several TCP segments, there and back, only to controls; ``way`` as in FullSizeTransfer."""
    blank = FullSizeTransfer(address=endpoint.address, port=port_of(endpoint), way=way)

    async def transfer() -> FullSizeTransfer:
        return await transferred(net.connector, blank)

    return await net.step(rec, endpoint.address, blank, transfer, transport=f"tcp/{blank.port}")


async def transferred(connector: Connector, blank: FullSizeTransfer) -> FullSizeTransfer:
    """Return ``blank`` with the result of a transfer on a connection of its own. Raises the connect's errors."""
    with await connector.connect(blank.address, blank.port) as sock:
        return await _Transfer(sock, replace(blank, mss=mss_of(sock))).run()


class _Transfer:
    def __init__(self, sock: socket.socket, blank: FullSizeTransfer) -> None:
        self._sock = sock
        self._blank = blank
        self._data = bytes(SIZE) if blank.way == ECHO else hello(HELLO, None)
        self._received = 0

    async def run(self) -> FullSizeTransfer:
        """Return the transfer; if not all bytes came in time, that is its failure."""
        failure = None
        try:
            async with asyncio.timeout(PATIENCE):
                # All data fits into the buffers of both ends, so that the peer does not wait for us to read.
                await asyncio.get_running_loop().sock_sendall(self._sock, self._data)
                await self._read()
                while unacknowledged(self._sock):  # noqa: ASYNC110 - the kernel tells nobody when it is
                    await asyncio.sleep(_STEP)
        except TimeoutError:
            failure = Failure(kind=FailureKind.TIMEOUT, detail="not all of it came in time")
        except OSError as problem:
            failure = faults.from_exception(problem)
        left = unacknowledged(self._sock)
        acknowledged = 0 if left is None else max(len(self._data) - left, 0)
        return replace(
            self._blank, sent=len(self._data), acknowledged=acknowledged, received=self._received, failure=failure
        )

    async def _read(self) -> None:
        """Read the whole answer: an echo to its last byte, a certificate until no more bytes follow."""
        loop, wanted = asyncio.get_running_loop(), SIZE if self._blank.way == ECHO else _MOST
        while self._received < wanted:
            try:
                async with asyncio.timeout(QUIET if self._received and self._blank.way == TLS else None):
                    got = await loop.sock_recv(self._sock, _READ)
            except TimeoutError:
                return
            if not got:
                return
            self._received += len(got)
