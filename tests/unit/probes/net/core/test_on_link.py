"""Tests which networks are reached without a router, by the kernel's routing tables."""

from ipaddress import ip_network
from pathlib import Path

from probes.net.core.on_link import on_link_networks

ROUTE = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
tun0\t00000000\t00000000\t0001\t0\t0\t9\t00000000\t0\t0\t0
eth0\t00F0640A\t00000000\t0001\t0\t0\t0\t00F0FFFF\t0\t0\t0
eth0\t0000650A\t010200C0\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0
eth0\t0000FEA9\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
lo\t0000007F\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0
"""
NONE = "0" * 32
TAIL = "00000100 00000001 00000000 00000001"
IPV6_ROUTE = f"""\
20010db8000100000000000000000000 40 {NONE} 00 {NONE} {TAIL}     eth0
20010db8000200000000000000000000 40 {NONE} 00 20010db8000100000000000000000001 {TAIL}     eth0
fe800000000000000000000000000000 40 {NONE} 00 {NONE} {TAIL}     eth0
ff000000000000000000000000000000 08 {NONE} 00 {NONE} {TAIL}     eth0
{NONE} 00 {NONE} 00 {NONE} ffffffff 00000001 00000000 00200200       lo
00000000000000000000000000000001 80 {NONE} 00 {NONE} {TAIL}       lo
"""


def test_networks_without_a_gateway_are_on_the_link(tmp_path: Path) -> None:
    (tmp_path / "route").write_text(ROUTE)
    (tmp_path / "ipv6_route").write_text(IPV6_ROUTE)
    assert on_link_networks(tmp_path) == {ip_network("10.100.240.0/20"), ip_network("2001:db8:1::/64")}


def test_none_is_known_where_the_kernel_shows_no_table(tmp_path: Path) -> None:
    assert on_link_networks(tmp_path) == frozenset()
