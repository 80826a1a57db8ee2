"""Builds and reads ICMP echo messages (RFC 792, RFC 4443), and the errors about them that the kernel reports.

It is for the kernel's ICMP datagram sockets: the kernel fills in identifier and checksum, removes IP headers, and
delivers an error as ``struct sock_extended_err`` with the echo request that the error quoted. Bytes only, no I/O.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

_HEADER = struct.Struct("!BBHHH")
_STAMP = struct.Struct("!8sI")
_BODY = struct.Struct("!BBHHH8sI")
_EXTENDED_ERROR = struct.Struct("=IBBBxII")
"""errno, origin, type, code, info, data; the address of the error's sender follows as a ``sockaddr``."""
_FROM_ICMP = {4: 2, 6: 3}
"""SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6: the kernel's own errors come in the same queue."""
_OFFENDER = {4: (20, 24), 6: (24, 40)}
"""The position of the packed address: after family, port and, in IPv6, flow information."""
_REQUEST = {4: 8, 6: 128}
_REPLY = {4: 0, 6: 129}
# Destination unreachable, packet too big (ICMPv6), time exceeded, parameter problem.
_ERRORS = {4: frozenset({3, 11, 12}), 6: frozenset({1, 2, 3, 4})}


@dataclass(frozen=True, slots=True)
class IcmpError:
    """Holds an ICMP error about one of our echo requests.

    ``sender`` is the packed address of its sender. ``sequence`` and ``payload`` are quoted from the request; the
    payload may be cut off anywhere.
    """

    type: int
    code: int
    sender: bytes
    sequence: int
    payload: bytes
    mtu: int | None = None  # the MTU in Packet Too Big (RFC 4443 §3.2) or Fragmentation Needed (RFC 1191 §4)


class EchoRequests:
    """Makes the requests of one sender: payloads of a token, a 32-bit number and padding up to a size."""

    PAD = b"\xa5"

    def __init__(self, version: int, token: bytes) -> None:
        self._version = version
        self._token = token
        self._pads: dict[int, bytes] = {}

    def make(self, numbers: Iterable[int], size: int) -> list[bytes]:
        """Return requests with ``size`` bytes of payload, at least 12; a number modulo 65536 is the sequence number."""
        pad = self._pads.get(size)
        if pad is None:
            pad = self._pads[size] = self.PAD * (size - _STAMP.size)
        kind, token, pack = _REQUEST[self._version], self._token, _BODY.pack
        return [pack(kind, 0, 0, 0, number & 0xFFFF, token, number) + pad for number in numbers]

    def number_in(self, data: bytes) -> int | None:
        """Return the number in an echo reply to one of these requests; None if ``data`` is none."""
        if len(data) < _HEADER.size or data[0] != _REPLY[self._version]:
            return None
        return self.number_at(data, _HEADER.size)

    def number_at(self, data: bytes, start: int) -> int | None:
        """Return the number in a payload that begins at ``start``; None if it is cut off or not one of ours."""
        if len(data) < start + _STAMP.size:
            return None
        token, number = _STAMP.unpack_from(data, start)
        return number if token == self._token else None


def report(version: int, told: bytes, quoted: bytes) -> IcmpError | None:
    """Return the ICMP error that the kernel reports (``told``) about a request (``quoted``).

    None for anything but an ICMP error about an echo request.
    """
    first, last = _OFFENDER[version]
    if len(told) < last or len(quoted) < _HEADER.size:
        return None
    _errno, origin, kind, code, info, _data = _EXTENDED_ERROR.unpack_from(told)
    asked, _code, _sum, _ident, sequence = _HEADER.unpack_from(quoted)
    if origin != _FROM_ICMP[version] or kind not in _ERRORS[version] or asked != _REQUEST[version]:
        return None
    names_mtu = (kind, code) == (3, 4) if version == 4 else kind == 2
    mtu = info or None if names_mtu else None
    return IcmpError(kind, code, told[first:last], sequence, quoted[_HEADER.size :], mtu)
