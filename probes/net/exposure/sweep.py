"""Sweeps TCP ports of one address: connects, reads a greeting or sends one harmless message, closes."""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import replace

from inventory.model import IPAddress
from probes.framework.evidence import Attribution, Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.net.core import faults
from probes.net.core.descriptors import most_files
from probes.net.core.gate import QueueGate
from probes.net.core.loop_lag import LoopLag
from probes.net.core.own_limits import OwnLimits
from probes.net.core.rules import SWEEP, Admission
from probes.net.core.tcp import Connector
from probes.observations.exposure import PortReply, PortSweep
from probes.observations.web import AGENT
from probes.wire.exposure import port_hellos

GREETING, REPLY = 256, 512
"""Bytes kept of an unsolicited greeting, and of an answer."""
LISTEN = 3.0
"""Seconds that an open port has to send data: some look up our name before they greet."""
PATIENT = 25.0
"""Seconds that those have whose resolver does not answer: glibc asks two resolvers twice, for five seconds each."""
_GO_ON = 0.3
"""Seconds within which the rest of an answer follows its beginning."""
LONGEST = 5.0
"""Seconds for a whole answer, however slowly it arrives."""

HEAD_START = 0.7
"""Seconds that the other questions to an address have before it is swept, and at most before each further part."""

SOCKETS = 6_000
"""Ports that are being asked at the same time by all sweeps: each silent one holds a socket until its time is up."""
_SHARE = 3
"""Sweeps use at most this fraction (1/3) of the files that the process may open."""


class Sweeper:
    """Sweeps with one connector; each connect is admitted, so that the common rate limit holds here."""

    def __init__(self, connector: Connector, limits: Admission, loop_lag: LoopLag, own_limits: OwnLimits) -> None:
        self._connector = connector
        self._limits = limits
        self._loop_lag = loop_lag
        self._own_limits = own_limits
        self._sockets = QueueGate(min(SOCKETS, most_files() // _SHARE))

    async def sweep(
        self,
        address: IPAddress,
        ports: tuple[int, ...],
        name: str | None,
        *,
        first: bool = False,
        listen: float = LISTEN,
    ) -> tuple[PortReply, ...]:
        """Return one reply for each port, in the order of the ports; all waits run side by side.

        The other questions to the same address go first, for as long as the sweep would hold them up: it may be many
        times the number that an address is asked at once. The ``first`` part is delayed for the whole time: where
        hundreds of subjects begin together, their first connects wait in no event loop behind thousands of others.
        """
        if first:
            await asyncio.sleep(HEAD_START)
        elif len(ports) > 1:
            await asyncio.sleep(min(HEAD_START, self._limits.delay(address, len(ports))))
        async with self._sockets.slot(len(ports)):
            replies = await self._ask(address, ports, name, listen)
        return tuple(replies[port] for port in ports)

    async def _ask(
        self, address: IPAddress, ports: tuple[int, ...], name: str | None, listen: float
    ) -> dict[int, PortReply]:
        """Connect to one port after the other, as fast as they are admitted.
        Most refuse or stay silent, which is noted immediately; an accepted connection is read in a task of its own."""
        replies: dict[int, PortReply] = {}
        began: dict[int, float] = {}
        clock = asyncio.get_running_loop().time

        async def hear(port: int, sock: socket.socket) -> None:
            hello = port_hellos.message(port, _host(address, name), name, AGENT)
            try:
                with sock:
                    replies[port] = await _converse(sock, port, hello, listen)
            except (faults.Fault, OSError) as problem:
                replies[port] = self._failed(address, port, faults.from_exception(problem), began[port])

        with self._connector.dials() as dials:
            async with asyncio.TaskGroup() as group:
                left = iter(ports)
                outstanding = len(ports)
                while outstanding:
                    port = next(left, None)
                    if port is None:
                        await dials.wait()
                    else:
                        await self._limits.admit(address)
                        began[port] = clock()
                        dials.begin(address, port)
                    for port, outcome in dials.settled():
                        outstanding -= 1
                        if isinstance(outcome, Failure):
                            replies[port] = self._failed(address, port, outcome, began[port])
                        else:
                            group.create_task(hear(port, outcome))
        return replies

    def _failed(self, address: IPAddress, port: int, failure: Failure, since: float) -> PortReply:
        kind = failure.kind
        asleep = kind.attribution is not Attribution.OURS and self._loop_lag.slept(since)
        if asleep or (kind is FailureKind.TIMEOUT and self._is_ours(address, since)):
            kind = FailureKind.CUT_SHORT
        return PortReply(port=port, failure=kind)

    def _is_ours(self, address: IPAddress, since: float) -> bool:
        """True if a silence since then may be our own: the event loop stalled, or a limit of ours dropped packets."""
        return bool(self._loop_lag.stalled(since)) or self._own_limits.hit(since, address.version) is not None


async def _converse(sock: socket.socket, port: int, hello: bytes, listen: float) -> PortReply:
    """Return the greeting or answer on an accepted connection.

    A reset before the first byte raises, as the port is not open.
    """
    loop, heard = asyncio.get_running_loop(), b""
    if hello:
        await loop.sock_sendall(sock, hello)
    size, end = REPLY if hello else GREETING, loop.time() + listen + LONGEST - LISTEN
    try:
        async with asyncio.timeout(listen) as patience:
            while len(heard) < size:
                more = await loop.sock_recv(sock, size - len(heard))
                if not more:
                    break
                heard += more
                patience.reschedule(min(loop.time() + _GO_ON, end))
    except TimeoutError:
        return _reply(port, hello, heard, ended=False)
    except OSError:
        if not heard:
            raise
    return _reply(port, hello, heard, ended=not heard)


def _reply(port: int, hello: bytes, heard: bytes, *, ended: bool) -> PortReply:
    return PortReply(port=port, greeting=b"" if hello else heard, reply=heard if hello else b"", ended=ended)


def _host(address: IPAddress, name: str | None) -> str:
    return name or (str(address) if address.version == 4 else f"[{address}]")


def sweeper(net: Net) -> Sweeper:
    """Return a sweeper for a net; for ``net.shared``."""
    return Sweeper(net.connector, net.setting.limits, net.loop_lag, net.own_limits)


async def sweep_ports(
    net: Net,
    rec: Recorder,
    address: IPAddress,
    ports: Sequence[int],
    *,
    name: str | None = None,
    first: bool = False,
    listen: float = LISTEN,
) -> PortSweep:
    """Connect to each port, each admitted by itself, and read a greeting or send the first message of its protocol.

    For the messages see ``probes.wire.exposure.port_hellos``. ``name`` is the host's, for protocols that need it;
    ``first``: no other part of the address was swept before. ``listen``: the seconds that an open port has to speak.
    """
    blank = PortSweep(address=address)

    async def sweep() -> PortSweep:
        replies = await net.shared(sweeper).sweep(address, tuple(ports), name, first=first, listen=listen)
        return replace(blank, replies=replies)

    return await net.step(rec, address, blank, sweep, transport=SWEEP)
