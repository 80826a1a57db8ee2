"""Gathers small facts about sockets that several engines need: addresses, families, buffers, and our own routes."""

import socket
from ipaddress import IPv4Address

from inventory.model import IPAddress

RECEIVE_BUFFER = 32 << 20
_MAPPED = bytes(10) + b"\xff\xff"
_SO_RCVBUFFORCE = 33  # Linux; needs CAP_NET_ADMIN, goes beyond net.core.rmem_max


def family_of(address: IPAddress) -> socket.AddressFamily:
    return socket.AF_INET if address.version == 4 else socket.AF_INET6


def sockaddr(address: IPAddress, port: int) -> tuple[str, int] | tuple[str, int, int, int]:
    """Return the address for connect and sendto; the zone of a link-local one becomes the interface's index."""
    if isinstance(address, IPv4Address):
        return socket.inet_ntop(socket.AF_INET, address.packed), port
    return socket.inet_ntop(socket.AF_INET6, address.packed), port, 0, interface(address) if address.scope_id else 0


def interface(address: IPAddress) -> int:
    """Return the index of the interface that a link-local address names, 0 where it names none."""
    scope = None if isinstance(address, IPv4Address) else address.scope_id
    if not scope:
        return 0
    try:
        return int(scope) if scope.isdigit() else socket.if_nametoindex(scope)
    except OSError:
        return 0  # no such interface here: the kernel then reports that it has no route


def is_mapped(packed: bytes) -> bool:
    """True if a packed address is an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2)."""
    return packed.startswith(_MAPPED)


def only_its_family(sock: socket.socket) -> None:
    """Keep an IPv6 socket from reaching ``::ffff:192.0.2.1`` over IPv4: a published mapped address is not IPv6."""
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)


def only_through(sock: socket.socket, name: str) -> None:
    """Send through this interface if one is named; needs no privilege (Linux 5.7). Raises OSError."""
    if name:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, name.encode("ascii") + b"\0")


def enlarge_receive_buffer(sock: socket.socket) -> int:
    """Ask for a large receive buffer and return the size granted: bursts of answers overflow the default (208 KiB).

    A buffer that a process with more privilege has enlarged already is left as it is.
    """
    if sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) >= RECEIVE_BUFFER:
        return RECEIVE_BUFFER
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, RECEIVE_BUFFER)
    except PermissionError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)


def local_errno(address: IPAddress, port: int = 9) -> int:
    """Return the errno of our own kernel for sending to ``address``, 0 if it has a route. Sends nothing.

    A datagram connect only looks up the route. It shows if an ENETUNREACH from inside a library was our own.
    """
    try:
        with socket.socket(family_of(address), socket.SOCK_DGRAM) as sock:
            only_its_family(sock)
            return sock.connect_ex(sockaddr(address, port))
    except OSError as problem:
        return problem.errno or 0
