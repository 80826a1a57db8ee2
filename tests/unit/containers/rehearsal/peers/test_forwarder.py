"""The peer that passes packets on, held against scapy's reading of the same headers."""

from ipaddress import ip_address

import pytest
from scapy.layers.inet import IP
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6, IPv6ExtHdrRouting
from scapy.layers.l2 import GRE
from scapy.packet import Packet

from containers.rehearsal.peers.forwarder import GRE as GRE_HEADER
from containers.rehearsal.peers.forwarder import IN_IP, IPV4, IPV6, ROUTING, passed_on

US, HOST, HOST4 = "2001:db8:77::10", "2001:db8:c5::1", "192.0.2.200"
WANTED = {(ip_address(HOST), header) for header in (ROUTING, IN_IP, GRE_HEADER)}
WANTED |= {(ip_address(HOST4), header) for header in (IN_IP, GRE_HEADER)}
INNER = IPv6(src="2001:db8::9", dst=US) / ICMPv6EchoRequest(data=b"inside")


def test_a_routing_header_leads_to_its_next_address() -> None:
    header = IPv6ExtHdrRouting(type=0, segleft=1, addresses=[US])
    sent = bytes(IPv6(src=US, dst=HOST, hlim=64) / header / ICMPv6EchoRequest(data=b"back"))
    left = passed_on(sent, IPV6, WANTED)
    assert left is not None
    read = IPv6(left)
    routing = read[IPv6ExtHdrRouting]
    assert (read.dst, read.hlim, routing.segleft, routing.addresses) == (US, 63, 0, [HOST])
    again = bytearray(left)
    again[24:40] = ip_address(HOST).packed
    assert passed_on(bytes(again), IPV6, WANTED) is None  # nobody is left to visit


@pytest.mark.parametrize(
    ("outer", "kind"),
    [
        (IP(src="192.0.2.1", dst=HOST4, proto=IN_IP), IPV4),
        (IP(src="192.0.2.1", dst=HOST4) / GRE(proto=0x86DD), IPV4),
        (IPv6(src=US, dst=HOST, nh=IN_IP), IPV6),
        (IPv6(src=US, dst=HOST) / GRE(proto=0x86DD), IPV6),
    ],
)
def test_what_is_in_a_tunnel_leaves_it(outer: Packet, kind: int) -> None:
    assert passed_on(bytes(outer / INNER), kind, WANTED) == bytes(INNER)


def test_forwarder_drops_other_packets() -> None:
    assert passed_on(bytes(INNER), IPV6, WANTED) is None
    assert passed_on(bytes(IP(dst="192.0.2.9", proto=IN_IP) / INNER), IPV4, WANTED) is None
    assert passed_on(b"", IPV6, WANTED) is None
