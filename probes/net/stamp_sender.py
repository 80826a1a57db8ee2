"""Sends a series of STAMP test packets (RFC 8762) to one responder and times the replies.

A connected socket for each series: only the responder can answer, and the lack of a listener is reported as an errno.
An answer counts once, for the packet that it quotes. The kernel gives its time of arrival; the time that the responder
reports to have kept the packet is subtracted, where that is possible.
"""

import asyncio
import socket
import struct
import time
from collections.abc import Iterable
from dataclasses import replace

from inventory.model import Endpoint, IPAddress
from probes.framework.evidence import Failure
from probes.framework.recorder import Recorder
from probes.net.api import EchoShape, Net
from probes.net.core import faults
from probes.net.core.metered import MeteredSocket
from probes.net.core.rules import port_of
from probes.net.core.sockets import enlarge_receive_buffer, family_of, only_its_family, sockaddr
from probes.observations.transport import StampSeries
from probes.wire.path import stamp

_LARGEST = 1_024
_READS_AT_ONCE = 256
_SO_TIMESTAMPNS = 35
_HOPS = {
    socket.AF_INET: (socket.IPPROTO_IP, socket.IP_TTL),
    socket.AF_INET6: (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS),
}
_FURTHEST = 255
"""The highest hop limit: a reflector may answer with as many hops as were left (``respond.reflector`` does)."""
_TIMESPEC = struct.Struct("@ll")


class StampSession:
    """Holds one series. Raises Fault on creation if this machine has no route."""

    def __init__(self, address: IPAddress, port: int) -> None:
        self.rtts: list[float | None] = []
        self.failure: Failure | None = None
        self._pending: dict[bytes, tuple[int, float]] = {}
        self._over: asyncio.Event = asyncio.Event()
        self._sock = MeteredSocket(family_of(address), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            only_its_family(self._sock)
            enlarge_receive_buffer(self._sock)
            self._sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            self._sock.setsockopt(*_HOPS[self._sock.family], _FURTHEST)
            self._sock.connect(sockaddr(address, port))
        except OSError as problem:
            self._sock.close()
            raise faults.Fault(faults.from_exception(problem, local=True)) from problem

    async def run(self, count: int, interval: float, wait: float) -> None:
        """Send ``count`` packets ``interval`` seconds apart, and wait ``wait`` seconds for replies to the last.

        Ends early, and sets ``failure``, if an ICMP error shows that further packets are useless.
        """
        loop = asyncio.get_running_loop()
        loop.add_reader(self._sock, self._readable)
        try:
            due = loop.time()
            for number in range(count):
                await asyncio.sleep(due - loop.time())
                if self.failure is not None:
                    return
                self._send(number)
                due = max(due, loop.time() - interval) + interval  # a late packet is not caught up
            async with asyncio.timeout(wait):
                await self._over.wait()
        except TimeoutError:
            pass
        finally:
            loop.remove_reader(self._sock)
            self._sock.close()

    def _send(self, number: int) -> None:
        packet = stamp.test_packet(number, time.time())
        sent = time.perf_counter()
        self.rtts.append(None)
        self._pending[stamp.mark(packet)] = number, sent
        self._over.clear()
        try:
            self._sock.send(packet)
        except OSError as problem:  # the error of an earlier packet, or of this machine
            self._end(problem)

    def _readable(self) -> None:
        for _ in range(_READS_AT_ONCE):
            try:
                data, told, *_ = self._sock.recvmsg(_LARGEST, 64)
            except BlockingIOError:
                return
            except OSError as problem:
                self._end(problem)
                return
            self._take(data, _age(told))

    def _take(self, data: bytes, age: float) -> None:
        now = time.perf_counter()
        try:
            answer = stamp.reflected(data)
        except stamp.StampError:
            return
        number, sent = self._pending.pop(answer.mark, (None, 0.0))
        if number is None:
            return
        rtt = max(now - age - sent, 0.0)
        self.rtts[number] = rtt - answer.kept if 0.0 <= answer.kept <= rtt else rtt
        if not self._pending:
            self._over.set()

    def _end(self, problem: OSError) -> None:
        self.failure = faults.from_exception(problem)
        self._over.set()


def _age(told: Iterable[tuple[int, int, bytes]]) -> float:
    """Return the seconds since the kernel got a datagram; 0 if it does not tell."""
    for level, kind, data in told:
        if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS) and len(data) == _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack(data)
            age: float = time.time() - seconds - nanoseconds * 1e-9
            return max(age, 0.0)
    return 0.0


async def send_stamp(net: Net, rec: Recorder, endpoint: Endpoint, shape: EchoShape) -> StampSeries:
    """Send test packets to a STAMP responder, admitted at once as a whole; their size is the protocol's own."""
    blank = StampSeries(address=endpoint.address, port=port_of(endpoint), interval=shape.interval)

    async def send() -> StampSeries:
        session = StampSession(endpoint.address, blank.port)
        await session.run(shape.count, shape.interval, net.setting.timing.echo_wait)
        return replace(blank, rtts=tuple(session.rtts), failure=session.failure)

    return await net.step(rec, endpoint.address, blank, send, packets=shape.count, transport=f"udp/{blank.port}")
