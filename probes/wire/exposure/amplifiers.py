"""Builds requests for UDP services that should not answer the public, one datagram each. Bytes only, no I/O.

No request changes anything at the peer: each is a query that such a service answers to any client.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from probes.wire.snmp.messages import discovery


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Holds one datagram to one well-known port.

    ``elsewhere``: the answer comes from another port of the same address. ``amplifies``: a server that answers can be
    used to flood others.
    """

    port: int
    payload: bytes
    elsewhere: bool = False
    amplifies: bool = True


def _ntp(first: int, length: int) -> bytes:
    return bytes([first]) + bytes(length - 1)


_READVAR = struct.pack("!BBHHHHH", 0x16, 2, 1, 0, 0, 0, 0)
"""NTP mode 6, READVAR (RFC 9327 §3)."""
_MONLIST = bytes([0x17, 0x00, 0x03, 0x2A]) + bytes(4)
"""NTP mode 7, implementation XNTPD, REQ_MON_GETLIST_1: the amplifier of CVE-2013-5211."""
_STATS = struct.pack("!HHHH", 1, 0, 1, 0) + b"stats\r\n"
"""memcached's UDP frame: request 1, datagram 0 of 1."""
_M_SEARCH = (
    b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n'
)
_CLDAP = bytes.fromhex("30 25 02 01 01 63 20 04 00 0a 01 00 0a 01 00 02 01 00 02 01 00 01 01 00 87 0b") + (
    b"objectclass" + bytes.fromhex("30 00")
)
"""searchRequest for the root DSE (RFC 4511 §4.5.1): base "", scope base, (objectclass=*), all attributes."""
_ASF_PING = bytes.fromhex("06 00 ff 06 00 00 11 be 80 01 00 00")
"""RMCP presence ping (ASF 2.0 §3.2.4.2), which a baseboard management controller answers on port 623."""
_MESSAGE = 4711
"""The message id of the discovery request for an SNMP engine id, which any SNMPv3 agent answers."""
_RRQ = b"\x00\x01auditor-khong-co-tep-nay\x00octet\x00"
"""A TFTP request for a file that does not exist (RFC 1350 §5): the error comes from a newly chosen port (§4)."""

REQUESTS: Mapping[str, Request] = {
    "ntp": Request(port=123, payload=_ntp(0x23, 48)),
    "ntp-readvar": Request(port=123, payload=_READVAR),
    "ntp-monlist": Request(port=123, payload=_MONLIST),
    "memcached": Request(port=11211, payload=_STATS),
    "ssdp": Request(port=1900, payload=_M_SEARCH),
    "cldap": Request(port=389, payload=_CLDAP),
    "chargen": Request(port=19, payload=b"\n"),
    "ipmi": Request(port=623, payload=_ASF_PING, amplifies=False),
    "snmp": Request(port=161, payload=discovery(_MESSAGE), amplifies=False),
    "tftp": Request(port=69, payload=_RRQ, elsewhere=True, amplifies=False),
}
"""The requests by the service name used in evidence."""
