# SPDX-License-Identifier: GPL-2.0-only
"""Tests that the packets of a trace equal those that scapy builds, though scapy builds only one a flow."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6
from scapy.packet import Packet, Raw

from probes.rawpkt import packets

Address = IPv4Address | IPv6Address
Made = Callable[[Address, Address, int, int], bytes]
PAIRS = {
    4: (ip_address("192.0.2.2"), ip_address("198.51.100.1")),
    6: (ip_address("2001:db8::2"), ip_address("2001:db8:a0::80")),
}
TOKEN, LABEL, PORTS, IDENT, SEQUENCE = bytes(range(8)), 77, (40_000, 33_434), 4_711, 0x7FFF_FFF0
STEPS = [(hop, hop * 8 + attempt) for hop in (1, 2, 9, 30) for attempt in range(3)]


def head(source: Address, to: Address, hop: int, number: int) -> Packet:
    if to.version == 6:
        return IPv6(src=str(source), dst=str(to), hlim=hop, fl=LABEL)
    return IP(src=str(source), dst=str(to), ttl=hop, id=number)


def udp(source: Address, to: Address, hop: int, number: int) -> bytes:
    return packets.udp(source, to, hop, LABEL, PORTS, number, TOKEN)


def udp_by_scapy(source: Address, to: Address, hop: int, number: int) -> bytes:
    body = UDP(sport=PORTS[0], dport=PORTS[1]) / Raw(TOKEN + number.to_bytes(2))
    return bytes(head(source, to, hop, number) / body)


def syn(source: Address, to: Address, hop: int, number: int) -> bytes:
    return packets.syn(source, to, hop, LABEL, PORTS, SEQUENCE + number, number)


def syn_by_scapy(source: Address, to: Address, hop: int, number: int) -> bytes:
    body = TCP(sport=PORTS[0], dport=PORTS[1], seq=SEQUENCE + number, flags="S", window=1024)
    return bytes(head(source, to, hop, number) / body)


def echo(source: Address, to: Address, hop: int, number: int) -> bytes:
    return packets.echo(source, to, hop, LABEL, IDENT, number, TOKEN)


def echo_by_scapy(source: Address, to: Address, hop: int, number: int) -> bytes:
    payload = TOKEN + (0xFFFF - number).to_bytes(2)
    if to.version == 6:
        return bytes(head(source, to, hop, number) / ICMPv6EchoRequest(id=IDENT, seq=number, data=payload))
    return bytes(head(source, to, hop, number) / ICMP(type=8, id=IDENT, seq=number) / Raw(payload))


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize(
    ("ours", "by_scapy"), [(udp, udp_by_scapy), (syn, syn_by_scapy), (echo, echo_by_scapy)], ids=["udp", "syn", "echo"]
)
def test_packets_of_a_flow_are_what_scapy_builds(ours: Made, by_scapy: Made, version: int) -> None:
    for hop, number in STEPS:
        assert ours(*PAIRS[version], hop, number) == by_scapy(*PAIRS[version], hop, number)


@pytest.mark.parametrize("version", [4, 6])
def test_udp_checksum_that_comes_to_zero_is_sent_as_all_ones(version: int) -> None:
    at = {4: 20, 6: 40}[version] + 6
    number = next(n for n in range(65_536) if udp(*PAIRS[version], 1, n)[at : at + 2] == b"\xff\xff")
    assert udp(*PAIRS[version], 1, number) == udp_by_scapy(*PAIRS[version], 1, number)


@pytest.mark.parametrize("version", [4, 6])
def test_flows_keep_apart(version: int) -> None:
    source, to = PAIRS[version]
    first = packets.udp(source, to, 1, LABEL, PORTS, 8, TOKEN)
    other = packets.udp(source, to, 1, LABEL, (PORTS[0] + 1, PORTS[1]), 8, bytes(8))
    assert first != other
    assert packets.udp(source, to, 1, LABEL, PORTS, 8, TOKEN) == first
