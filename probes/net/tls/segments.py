"""Tests whether TCP packets of one size reach a web service, by a hello of TLS padded to exactly that size.

Echo requests show nothing of a path where they are filtered. A server's kernel acknowledges the data it got, even if
the program rejects it; ours repeats a packet that was lost, and makes it smaller if a router reports the size that
fits.
"""

import asyncio
import fcntl
import secrets
import socket
import struct
from dataclasses import replace
from ipaddress import IPv6Address
from pathlib import Path

from inventory.model import Endpoint, IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.net.core import faults
from probes.net.core.rules import port_of
from probes.net.core.tcp import Connector, source_of
from probes.observations.path import FullSegment, SegmentSize
from probes.wire.tls import groups, signatures, suites
from probes.wire.tls.hello import HelloOffer, hello_record
from probes.wire.tls.numbers import TLS12

PATIENCE = 5.0
"""Seconds for the acknowledgement: four repetitions at least."""
_BEYOND = 512
_STEP = 0.02
_HEADERS = 60  # IPv6 and TCP
_TIMESTAMPS, _TIMESTAMPS_SIZE = 0x01, 12
_PADDING = 21  # RFC 7685
_INFO = struct.Struct("=5xB10xI40xI")  # struct tcp_info: options; snd_mss; pmtu
_SIOCOUTQ, _SIOCGIFMTU = 0x5411, 0x8921


async def agree_on_segments(net: Net, rec: Recorder, endpoint: Endpoint) -> SegmentSize:
    """Open one TCP connection and record how large its segments may be; send no data."""
    blank = SegmentSize(address=endpoint.address, port=port_of(endpoint))
    return await net.step(rec, endpoint.address, blank, lambda: agreed(net.connector, blank))


async def send_segment(net: Net, rec: Recorder, endpoint: Endpoint, size: int) -> FullSegment:
    """Send one TCP packet of ``size`` bytes to a service that speaks TLS."""
    blank = FullSegment(address=endpoint.address, port=port_of(endpoint), server_name=endpoint.name, size=size)
    return await net.step(rec, endpoint.address, blank, lambda: sent(net.connector, blank))


async def agreed(connector: Connector, blank: SegmentSize) -> SegmentSize:
    """Return ``blank`` with the agreed segment size and the known MTU. Raises the connect's errors."""
    with await connector.connect(blank.address, blank.port) as sock:
        options, mss, known = _info(sock)
        return replace(blank, mss=mss + (_TIMESTAMPS_SIZE if options & _TIMESTAMPS else 0), mtu=known)


async def sent(connector: Connector, blank: FullSegment) -> FullSegment:
    """Return ``blank`` with the result of the transfer. Raises the connect's errors."""
    with await connector.connect(blank.address, blank.port) as sock:
        return await _sent(sock, replace(blank, connected=True))


async def _sent(sock: socket.socket, blank: FullSegment) -> FullSegment:
    options, mss, known = _info(sock)
    if _link_mtu(source_of(sock)) < blank.size:
        return _failed(blank, FailureKind.CUT_SHORT, "too large for our own link")
    if known < blank.size:  # a router has reported a smaller MTU recently
        return replace(blank, mtu=known)
    length = blank.size - _HEADERS - (_TIMESTAMPS_SIZE if options & _TIMESTAMPS else 0)
    if mss < length:
        return _failed(blank, FailureKind.CUT_SHORT, f"agreed on segments of {mss} bytes")
    try:
        async with asyncio.timeout(PATIENCE):
            await asyncio.get_running_loop().sock_sendall(sock, hello(length, blank.server_name))
            while _unacknowledged(sock):  # noqa: ASYNC110 - the kernel tells nobody when it is
                await asyncio.sleep(_STEP)
    except OSError as problem:  # TimeoutError included
        return replace(blank, failure=faults.from_exception(problem))
    fits = _info(sock)[2]
    return replace(blank, mtu=fits if fits < blank.size else None)


def _failed(blank: FullSegment, kind: FailureKind, detail: str) -> FullSegment:
    return replace(blank, failure=Failure(kind=kind, detail=detail))


def hello(length: int, server_name: str | None) -> bytes:
    """Return a ClientHello in its record, of exactly so many bytes; of more if it does not fit into them."""
    offer = HelloOffer(
        version=TLS12,
        suites=suites.usual(),
        server_name=server_name,
        groups=groups.for_tls12(),
        signatures=signatures.EVERY,
        more=((_PADDING, b""),),
    )
    random = secrets.token_bytes(32)
    # Measured where no further padding is added (a hello of 256 to 511 bytes gets some).
    bare = len(hello_record(replace(offer, more=((_PADDING, bytes(_BEYOND)),)), random=random)) - _BEYOND
    missing = max(length - bare, 0)
    return hello_record(replace(offer, more=((_PADDING, bytes(missing)),)), random=random)


def _info(sock: socket.socket) -> tuple[int, int, int]:
    """Return our kernel's options, bytes of data that fit into a segment, and MTU of the path."""
    options, mss, pmtu = _INFO.unpack(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size))
    return options, mss, pmtu


def _unacknowledged(sock: socket.socket) -> int:
    return int(struct.unpack("=i", fcntl.ioctl(sock, _SIOCOUTQ, bytes(4)))[0])


def _link_mtu(source: IPAddress | None) -> int:
    """Return the MTU of the interface that has an address of ours; 0 if it is not known."""
    packed = f"{int(source or IPv6Address(0)):032x}"
    for line in Path("/proc/thread-self/net/if_inet6").read_text("ascii").splitlines():
        found, *_, name = line.split()
        if found == packed:
            with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
                asked = struct.pack("16si12x", name.encode("ascii", "replace")[:15], 0)
                return int(struct.unpack("16si12x", fcntl.ioctl(sock, _SIOCGIFMTU, asked))[1])
    return 0
