# SPDX-License-Identifier: GPL-2.0-only
"""Opens raw sockets: one to send with for each family, one for ICMP, and short-lived ones for TCP."""

import ctypes
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv6Address
from pathlib import Path

from probes.rawpkt.scope import Address

FAMILY = {4: socket.AF_INET, 6: socket.AF_INET6}
_ICMP = {4: socket.IPPROTO_ICMP, 6: socket.IPPROTO_ICMPV6}
_ETH_P_IPV6 = 0x86DD
_SOL_PACKET, _PACKET_VNET_HDR = 263, 15
_UNUSABLE = 0x08 | 0x40  # duplicate, tentative (IFA_F_DADFAILED, IFA_F_TENTATIVE)
_BIND_TO_DEVICE = 25
_SO_RCVBUFFORCE, _PING_BUFFER = 33, 32 << 20
_ICMP6_FILTER, _SO_ATTACH_FILTER, _SO_DETACH_FILTER = 1, 26, 27
_WANTED = (1, 2, 3, 4, 128, 129, 161)
# Classic BPF: load byte/half at a fixed place or behind the IPv4 header, compare, keep or drop.
_LDB_ABS, _LDXB_MSH, _LDH_ABS, _LDH_IND, _LD_LEN, _JEQ, _JGT, _RET = 0x30, 0xB1, 0x28, 0x48, 0x80, 0x15, 0x25, 0x06
_NETWORK = 0xFFF00000  # SKF_NET_OFF: offsets count from the IPv6 header, for any kind of link
PacketHandler = Callable[[bytes, bytes], None]
"""Data and packed source address."""


class NoRoute(Exception):
    """Raised if this machine has no route to an address."""


def sender(version: int) -> socket.socket:
    """Return a socket that sends whole packets, including their headers."""
    return socket.socket(FAMILY[version], socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.IPPROTO_RAW)


def icmp(version: int) -> socket.socket:
    return socket.socket(FAMILY[version], socket.SOCK_RAW | socket.SOCK_NONBLOCK, _ICMP[version])


def ping(version: int) -> socket.socket:
    """Return a socket that can send echo requests and receive their answers, and nothing else.

    The kernel defines the groups that may open one (net.ipv4.ping_group_range); a receive buffer larger than usual
    takes our privilege.
    """
    sock = socket.socket(FAMILY[version], socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, _ICMP[version])
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _PING_BUFFER)
    return sock


def icmp_listener(version: int) -> socket.socket:
    sock = icmp(version)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    if version == 6:
        words = [0xFFFFFFFF] * 8
        for kind in _WANTED:
            words[kind >> 5] &= ~(1 << (kind & 31)) & 0xFFFFFFFF
        sock.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, struct.pack("=8I", *words))
    return sock


def tcp_listener(version: int, port: int) -> socket.socket:
    """Return a socket that gets the segments to one port of ours, before TCP itself sees them."""
    sock = socket.socket(FAMILY[version], socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.IPPROTO_TCP)
    load = [(_LDXB_MSH, 0, 0, 0), (_LDH_IND, 0, 0, 2)] if version == 4 else [(_LDH_ABS, 0, 0, 2)]
    attach(sock, [*load, (_JEQ, 0, 1, port), (_RET, 0, 0, 0xFFFF), (_RET, 0, 0, 0)])
    return sock


def flow_listener(ours: int, theirs: int) -> socket.socket:
    """Return a socket for IPv6 packets of TCP connections from port ``theirs`` to ``ours``, see replies.flow.

    At first it gets others too. It gets them before TCP sees them, and behind a header of the kernel that tells how
    large the packets were that it merged (GRO).
    """
    kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK
    sock = socket.socket(socket.AF_PACKET, kind, socket.htons(_ETH_P_IPV6))
    ports = [(_LDH_ABS, 0, 0, _NETWORK + 40), (_JEQ, 0, 3, theirs), (_LDH_ABS, 0, 0, _NETWORK + 42), (_JEQ, 0, 1, ours)]
    steps = [(_LDB_ABS, 0, 0, _NETWORK + 6), (_JEQ, 0, 5, 6), *ports, (_RET, 0, 0, 0x7FFFFFFF), (_RET, 0, 0, 0)]
    try:
        sock.setsockopt(_SOL_PACKET, _PACKET_VNET_HDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        attach(sock, steps)
    except OSError:
        sock.close()
        raise
    return sock


def drop_larger(sock: socket.socket, size: int) -> None:
    """Drop segments of more than ``size`` bytes, header included, before TCP sees them, from now on."""
    attach(sock, [(_LD_LEN, 0, 0, 0), (_JGT, 1, 0, size), (_RET, 0, 0, 0xFFFF), (_RET, 0, 0, 0)])


def drop_nothing(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, 0)


def attach(sock: socket.socket, program: list[tuple[int, int, int, int]]) -> None:
    code = b"".join(struct.pack("=HBBI", *step) for step in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(program), ctypes.addressof(buffer)))


def interface_address(interface: str) -> IPv6Address | None:
    """Return the link-local address of an interface, None if it has none that can be used."""
    with suppress(OSError):
        for line in Path("/proc/self/net/if_inet6").read_text("ascii").splitlines():
            number, _, _, scope, flags, name = line.split()
            if name == interface and scope == "20" and not int(flags, 16) & _UNUSABLE:
                return IPv6Address(int(number, 16))
    return None


def link_listener(interface: str) -> socket.socket:
    """Return a socket for IPv6 packets of one link that may be from routers or DHCPv6 servers, see advertisements."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, 0)
    steps = [
        (_LDB_ABS, 0, 0, 6),
        (_JEQ, 0, 2, 58),
        (_LDB_ABS, 0, 0, 40),
        (_JEQ, 6, 7, 134),
        (_JEQ, 0, 2, 17),
        (_LDH_ABS, 0, 0, 42),
        (_JEQ, 3, 4, 546),
        (_JEQ, 2, 0, 0),
        (_JEQ, 1, 0, 43),
        (_JEQ, 0, 1, 60),
        (_RET, 0, 0, 0xFFFF),
        (_RET, 0, 0, 0),
    ]
    try:
        attach(sock, steps)
        sock.bind((interface, _ETH_P_IPV6))
    except OSError:
        sock.close()
        raise
    return sock


def only_through(sock: socket.socket, interface: str) -> None:
    """Send only through this interface. Raises NoRoute or PermissionError if that is impossible."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, _BIND_TO_DEVICE, interface.encode("ascii") + b"\0")
    except PermissionError:
        raise
    except OSError as problem:
        raise NoRoute(f"{interface}: {problem.strerror}") from problem


def source_toward(to: Address, interface: str = "") -> str:
    """Return our own address that the kernel would use, on the interface if one is named."""
    with socket.socket(FAMILY[to.version], socket.SOCK_DGRAM) as sock:
        if interface:
            only_through(sock, interface)
        try:
            sock.connect((str(to), 9))
        except OSError as problem:
            raise NoRoute(problem.strerror or "") from problem
        return str(sock.getsockname()[0])


def receive_packets(sock: socket.socket, handle: Callable[[bytes], None]) -> None:
    """Pass waiting packets to ``handle``, as ``receive`` does, from a socket that gets whole packets."""
    for _ in range(64):
        try:
            data = sock.recv(1 << 18)
        except OSError:
            return
        handle(data)


def receive(sock: socket.socket, handle: PacketHandler) -> None:
    """Pass waiting packets and their packed senders to ``handle``, at most 64."""
    for _ in range(64):
        try:
            data, source = sock.recvfrom(65_535)
        except OSError:
            return
        handle(data, socket.inet_pton(sock.family, source[0].partition("%")[0]))
