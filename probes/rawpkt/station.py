# SPDX-License-Identifier: GPL-2.0-only
"""Shares sockets, the clock and the dispatch of ICMP messages among the kinds of work."""

import asyncio
import errno
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address

from probes.rawpkt import replies, sockets
from probes.rawpkt.pace import PacketPace
from probes.rawpkt.scope import Address

_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.ENETDOWN})
_LOST = frozenset({errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM})
Listener = Callable[[replies.Icmp, bytes, float], None]
"""A message, its packed sender, and the time when it was read."""


class Station:
    """Holds the sockets, opened once, at the start.

    Opening may fail for lack of permission. ``pace``: a sender waits until it allows a packet.
    """

    def __init__(self, pace: PacketPace) -> None:
        self.pace = pace
        self._listeners: set[tuple[int, Listener]] = set()
        self._senders: dict[int, socket.socket] = {}
        self._icmp: dict[int, socket.socket] = {}
        for version in (4, 6):
            try:
                self._senders[version] = sockets.sender(version)
                self._icmp[version] = sockets.icmp_listener(version)
            except PermissionError:
                raise
            except OSError:
                continue  # a machine without one of the families still does the other

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        for version, sock in self._icmp.items():
            loop.add_reader(sock, self._readable, version)

    def send(self, to: Address, packet: bytes) -> None:
        """Send one whole packet. A full queue loses it, as the network might."""
        sock = self._senders.get(to.version)
        if sock is None:
            raise sockets.NoRoute("no such family here")
        try:
            sock.sendto(packet, (str(to), 0))
        except OSError as problem:
            if problem.errno in _NO_WAY:
                raise sockets.NoRoute(problem.strerror or "") from problem
            if problem.errno not in _LOST:
                raise

    def send_icmp6(self, to: Address, message: bytes) -> None:
        """Send an ICMPv6 message; the kernel fills in its checksum."""
        self._icmp[6].sendto(message, (str(to), 0))

    def send_link(self, to: str, interface: int, packet: bytes) -> None:
        """Send one whole IPv6 packet to a multicast group on one link."""
        sock = self._senders.get(6)
        if sock is None:
            raise sockets.NoRoute("no IPv6 here")
        with suppress(OSError):  # the link is down, or the queue full: the packet is lost
            sock.sendto(packet, (to, 0, 0, interface))

    def _readable(self, version: int) -> None:
        def heard(data: bytes, source: bytes) -> None:
            message, now = replies.icmp(version, data), time.perf_counter()
            if message is not None:
                for wanted, listener in list(self._listeners):
                    if wanted == version:
                        listener(message, source, now)

        sockets.receive(self._icmp[version], heard)

    @contextmanager
    def listening(self, version: int, listener: Listener) -> Iterator[None]:
        entry = (version, listener)
        self._listeners.add(entry)
        try:
            yield
        finally:
            self._listeners.discard(entry)

    @contextmanager
    def hearing_tcp(self, version: int, port: int, listener: Callable[[bytes, bytes], None]) -> Iterator[None]:
        """Call ``listener`` for each segment to ``port`` in the block."""
        sock = sockets.tcp_listener(version, port)
        loop = asyncio.get_running_loop()
        loop.add_reader(sock, sockets.receive, sock, listener)
        try:
            yield
            sockets.receive(sock, listener)  # segments that came at the very end of the block
        finally:
            loop.remove_reader(sock)
            sock.close()

    @contextmanager
    def hearing_flow(self, ours: int, theirs: int, listener: Callable[[bytes], None]) -> Iterator[None]:
        """Call ``listener`` for each IPv6 packet from port ``theirs`` to port ``ours``, as input for replies.flow."""
        sock = sockets.flow_listener(ours, theirs)
        loop = asyncio.get_running_loop()
        loop.add_reader(sock, sockets.receive_packets, sock, listener)
        try:
            yield
            sockets.receive_packets(sock, listener)
        finally:
            loop.remove_reader(sock)
            sock.close()


def source_toward(to: Address) -> Address:
    return ip_address(sockets.source_toward(to))


@contextmanager
def free_port(version: int, kind: int) -> Iterator[int]:
    """Reserve a free port of ours for the block."""
    with socket.socket(sockets.FAMILY[version], kind) as sock:
        sock.bind(("", 0))
        yield sock.getsockname()[1]


def token() -> bytes:
    return secrets.token_bytes(8)
