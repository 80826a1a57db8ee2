# SPDX-License-Identifier: GPL-2.0-only
"""Builds the packets with scapy and returns them as bytes with everything filled in.

Only the layers that are needed are imported: all of scapy takes a second and 90 MB. The packets of one trace differ in
a few bytes, so scapy builds the first, and the others are made from its bytes: it takes half a millisecond for each.
"""

import struct
from functools import lru_cache
from ipaddress import IPv6Address

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6, IPv6ExtHdrFragment, IPv6ExtHdrRouting
from scapy.packet import Packet, Raw

from probes.rawpkt.scope import Address

UNKNOWN_NEXT_HEADER = 253  # RFC 3692: for experiments, so no host implements it
_FRAGMENT = 696  # of the first fragment's payload: a multiple of 8
FRAGMENTED_DATA = 1392
_FLOWS = 512
"""Flows of which the first packet is kept."""
_HEADER = {4: 20, 6: 40}
_UDP, _TCP = 17, 6
_ALL_ROUTERS, _ALL_DHCP_AGENTS = IPv6Address("ff02::2"), IPv6Address("ff02::1:2")


def _head(source: Address, to: Address, hop: int, label: int, ident: int, nh: int | None = None) -> Packet:
    """Return an IP header; ``nh`` if the payload's layer does not determine it."""
    if to.version == 6:
        return IPv6(src=str(source), dst=str(to), hlim=hop, fl=label, **({} if nh is None else {"nh": nh}))
    return IP(src=str(source), dst=str(to), ttl=hop, id=ident, **({} if nh is None else {"proto": nh}))


def udp(source: Address, to: Address, hop: int, label: int, ports: tuple[int, int], number: int, token: bytes) -> bytes:
    """Return a UDP probe; ports and length stay the same (one flow, Paris traceroute).

    The payload identifies the probe, and IPv4's identification too.
    """
    packet = bytearray(_first_udp(source, to, label, ports, token))
    packet[-2:] = number.to_bytes(2)
    _sum_up(packet, source, to, _UDP, 6)
    return _on_its_way(packet, to, hop, number)


@lru_cache(_FLOWS)
def _first_udp(source: Address, to: Address, label: int, ports: tuple[int, int], token: bytes) -> bytes:
    body = UDP(sport=ports[0], dport=ports[1]) / Raw(token + bytes(2))
    return bytes(_head(source, to, 1, label, 0) / body)


def syn(source: Address, to: Address, hop: int, label: int, ports: tuple[int, int], seq: int, number: int) -> bytes:
    """Return a TCP SYN probe, which its sequence number identifies."""
    packet = bytearray(_first_syn(source, to, label, ports))
    at = _HEADER[to.version]
    packet[at + 4 : at + 8] = seq.to_bytes(4)
    _sum_up(packet, source, to, _TCP, 16)
    return _on_its_way(packet, to, hop, number)


@lru_cache(_FLOWS)
def _first_syn(source: Address, to: Address, label: int, ports: tuple[int, int]) -> bytes:
    body = TCP(sport=ports[0], dport=ports[1], flags="S", window=1024)
    return bytes(_head(source, to, 1, label, 0) / body)


def echo(source: Address, to: Address, hop: int, label: int, ident: int, number: int, token: bytes) -> bytes:
    """Return an echo probe; its checksum is the same for every number, as some routers take it as part of the flow."""
    packet = bytearray(_first_echo(source, to, label, ident, token))
    at = _HEADER[to.version]
    packet[at + 6 : at + 8] = number.to_bytes(2)
    packet[-2:] = struct.pack("!H", 0xFFFF - number)
    return _on_its_way(packet, to, hop, number)


@lru_cache(_FLOWS)
def _first_echo(source: Address, to: Address, label: int, ident: int, token: bytes) -> bytes:
    payload = token + b"\xff\xff"
    body = (
        ICMPv6EchoRequest(id=ident, seq=0, data=payload)
        if to.version == 6
        else (ICMP(type=8, id=ident, seq=0) / Raw(payload))
    )
    return bytes(_head(source, to, 1, label, 0) / body)


def _sum_up(packet: bytearray, source: Address, to: Address, protocol: int, place: int) -> None:
    """Write the checksum of UDP or TCP at ``place`` of its header."""
    start = _HEADER[to.version]
    at = start + place
    packet[at : at + 2] = bytes(2)
    pseudo = source.packed + to.packed + struct.pack("!IHBB", len(packet) - start, 0, 0, protocol)
    total = _checksum(pseudo + packet[start:])
    packet[at : at + 2] = (total or (0xFFFF if protocol == _UDP else 0)).to_bytes(2)


def _on_its_way(packet: bytearray, to: Address, hop: int, ident: int) -> bytes:
    """Return the packet with its hop limit; over IPv4 also with its identification and the checksum of its header."""
    if to.version == 6:
        packet[7] = hop
    else:
        packet[4:6], packet[8], packet[10:12] = ident.to_bytes(2), hop, bytes(2)
        packet[10:12] = _checksum(bytes(packet[: _HEADER[4]])).to_bytes(2)
    return bytes(packet)


def datagram(source: Address, to: Address, port: int, to_port: int, payload: bytes) -> bytes:
    """Return a UDP datagram under any source address."""
    return bytes(_head(source, to, 64, 0, port) / UDP(sport=port, dport=to_port) / Raw(payload))


def fragments(source: Address, to: Address, ident: int, token: bytes) -> tuple[bytes, bytes]:
    """Return an echo request in two fragments that do not overlap, the first with all headers (RFC 7112)."""
    data = token + bytes(FRAGMENTED_DATA - len(token))
    whole = bytes(IPv6(src=str(source), dst=str(to)) / ICMPv6EchoRequest(id=ident, seq=1, data=data))[40:]
    number = int.from_bytes(token[:4])
    first, second = whole[:_FRAGMENT], whole[_FRAGMENT:]
    head = IPv6(src=str(source), dst=str(to), hlim=64)
    return (
        bytes(head / IPv6ExtHdrFragment(nh=58, offset=0, m=1, id=number) / Raw(first)),
        bytes(head / IPv6ExtHdrFragment(nh=58, offset=_FRAGMENT // 8, m=0, id=number) / Raw(second)),
    )


def next_header(source: Address, to: Address, token: bytes) -> bytes:
    """Return a packet with an undefined next header: RFC 8200 §4 wants type 4 code 1."""
    return bytes(IPv6(src=str(source), dst=str(to), nh=UNKNOWN_NEXT_HEADER, hlim=64) / Raw(token))


def routing_header_0(source: Address, to: Address, ident: int, token: bytes) -> bytes:
    """Return an echo request with a type 0 routing header that leads back to us, which RFC 5095 forbids to follow."""
    header = IPv6ExtHdrRouting(type=0, segleft=1, addresses=[str(source)])
    return bytes(IPv6(src=str(source), dst=str(to), hlim=64) / header / ICMPv6EchoRequest(id=ident, seq=1, data=token))


def protocol_41(source: Address, to: Address, back: IPv6Address, ident: int, token: bytes) -> bytes:
    """Return an IPv6 packet to ourselves inside another packet (RFC 4213 §3, RFC 2473).

    The end of a tunnel would forward the inner one.
    """
    return bytes(_head(source, to, 64, 0, ident, nh=41) / _inner(source, back, ident, token))


def gre(source: Address, to: Address, back: IPv6Address, ident: int, token: bytes) -> bytes:
    """Return the same packet inside GRE without key, checksum or sequence (RFC 2784 §2, RFC 7676)."""
    header = Raw(struct.pack("!HH", 0, 0x86DD))
    return bytes(_head(source, to, 64, 0, ident, nh=47) / header / _inner(source, back, ident, token))


def _inner(source: Address, back: IPv6Address, ident: int, token: bytes) -> Packet:
    """Return the inner packet, from our own 6to4 address if the tunnel runs over IPv4.

    Tunnel ends that check for forged addresses find none.
    """
    own = IPv6Address(0x2002 << 112 | int(source) << 80 | 1) if source.version == 4 else back
    return IPv6(src=str(own), dst=str(back), hlim=64) / ICMPv6EchoRequest(id=ident, seq=1, data=token)


def router_solicitation(source: IPv6Address) -> bytes:
    """Return a solicitation to all routers (RFC 4861 §4.1).

    It has no link-layer address of ours, so that the answer goes to all nodes.
    """
    body = struct.pack("!BBHI", 133, 0, 0, 0)
    return _link_packet(source, _ALL_ROUTERS, 58, 255, body, 2)


def dhcp_solicit(source: IPv6Address, transaction: bytes, duid: bytes) -> bytes:
    """Return a DHCPv6 Solicit (RFC 8415 §16.2) for an address and name servers; the offer is never accepted."""
    options = b"".join(
        struct.pack("!HH", code, len(data)) + data
        for code, data in ((1, duid), (3, b"audr" + bytes(8)), (6, struct.pack("!H", 23)), (8, b"\0\0"))
    )
    message = b"\x01" + transaction + options
    body = struct.pack("!HHHH", 546, 547, 8 + len(message), 0) + message
    return _link_packet(source, _ALL_DHCP_AGENTS, 17, 1, body, 6)


def _link_packet(source: IPv6Address, to: IPv6Address, protocol: int, hops: int, body: bytes, place: int) -> bytes:
    """Return a whole packet with its checksum at ``place`` of the body."""
    pseudo = source.packed + to.packed + struct.pack("!IHBB", len(body), 0, 0, protocol)
    total = _checksum(pseudo + body) or 0xFFFF
    body = body[:place] + struct.pack("!H", total) + body[place + 2 :]
    return bytes(IPv6(src=str(source), dst=str(to), nh=protocol, hlim=hops) / Raw(body))


def extended_echo(source: Address, to: Address, ident: int, interface: str) -> bytes:
    """Return an extended echo request (RFC 8335 §2) that asks whether an interface is active.

    The interface is named (C-Type 1), or else the one that holds this address (3).
    """
    if interface:
        name = interface.encode("ascii")
        name += bytes(-len(name) % 4)
        named = struct.pack("!HBB", 4 + len(name), 3, 1) + name
    else:
        named = struct.pack("!HBBHBB", 4 + 4 + 16, 3, 3, 2, 16, 0) + to.packed
    extension = bytearray(b"\x20\0\0\0" + named)
    struct.pack_into("!H", extension, 2, _checksum(bytes(extension)))
    body = struct.pack("!BBHHBB", 160, 0, 0, ident, 1, 1) + bytes(extension)
    total = _checksum(source.packed + to.packed + struct.pack("!IHBB", len(body), 0, 0, 58) + body)
    return bytes(
        IPv6(src=str(source), dst=str(to), nh=58, hlim=64) / Raw(body[:2] + struct.pack("!H", total) + body[4:])
    )


def too_big(source: Address, to: Address, mtu: int, segment: bytes) -> bytes:
    """Return a Packet Too Big about a segment from ``to`` to ``source``: the ICMPv6 message, without its checksum."""
    quoted = struct.pack("!IHBB", 6 << 28, len(segment), 6, 60) + to.packed + source.packed + segment
    return struct.pack("!BBHI", 2, 0, 0, mtu) + quoted[: 1280 - 48]


def _checksum(data: bytes) -> int:
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF
