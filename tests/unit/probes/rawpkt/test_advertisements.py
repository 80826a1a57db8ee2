"""Tests the reading of advertisements of routers and DHCPv6 servers, without those that a host ignores."""

import struct
from ipaddress import IPv6Address

import pytest

from probes.rawpkt import advertisements, packets

ROUTER, EVERYBODY = IPv6Address("fe80::1"), IPv6Address("ff02::1")
PREFIX = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 86_400, 14_400, 0) + IPv6Address("2001:db8:bad::").packed
SERVERS = struct.pack("!BBHI", 25, 3, 0, 600) + IPv6Address("2001:db8:bad::53").packed
HEAD = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0x88, 1800, 0, 0)


def on_link(body: bytes, source: IPv6Address = ROUTER, hops: int = 255, protocol: int = 58, place: int = 2) -> bytes:
    return packets._link_packet(source, EVERYBODY, protocol, hops, body, place)


def test_an_advertisement() -> None:
    assert advertisements.read(on_link(HEAD + PREFIX + SERVERS)) == (
        "router",
        {
            "source": "fe80::1",
            "lifetime": 1800,
            "preference": "high",
            "managed": True,
            "other": False,
            "prefixes": [
                {"prefix": "2001:db8:bad::/64", "on_link": True, "autonomous": True, "valid": 86400, "preferred": 14400}
            ],
            "rdnss": ["2001:db8:bad::53"],
        },
    )


def test_behind_an_extension_header_it_is_still_one() -> None:
    """RFC 7113: such packets slip past switches that look at the first header alone, and hosts heed them."""
    whole = on_link(HEAD)
    hidden = (
        whole[:4] + struct.pack("!H", len(whole) - 32) + b"\x3c" + whole[7:40] + b"\x3a\0\1\4" + bytes(4) + whole[40:]
    )
    assert advertisements.read(hidden) is not None


@pytest.mark.parametrize(
    "packet",
    [
        on_link(HEAD, hops=64),
        on_link(HEAD, source=IPv6Address("2001:db8::1")),
        on_link(HEAD)[:-1] + b"\1",
        on_link(HEAD[:12]),
        on_link(HEAD + b"\3\0" + PREFIX[2:]),
        on_link(HEAD + PREFIX[:-8]),
        on_link(b"\x85" + HEAD[1:]),
        b"",
    ],
)
def test_what_a_host_ignores(packet: bytes) -> None:
    assert advertisements.read(packet) is None


def dhcp(message: bytes) -> bytes:
    return on_link(struct.pack("!HHHH", 547, 546, 8 + len(message), 0) + message, hops=1, protocol=17, place=6)


def option(code: int, data: bytes) -> bytes:
    return struct.pack("!HH", code, len(data)) + data


def test_dhcpv6_offer_is_read_with_its_addresses() -> None:
    address = option(5, IPv6Address("2001:db8:bad::100").packed + bytes(8))
    message = b"\2abc" + option(2, b"\0\4uuid") + option(3, bytes(12) + address)
    assert advertisements.read(dhcp(message + option(23, IPv6Address("2001:db8:bad::53").packed))) == (
        "server",
        {"source": "fe80::1", "duid": "000475756964", "offered": ["2001:db8:bad::100"], "dns": ["2001:db8:bad::53"]},
    )


def test_what_is_no_offer() -> None:
    assert advertisements.read(dhcp(b"\1abc" + option(2, b"\0\4uuid"))) is None  # a client's own
    assert advertisements.read(dhcp(b"\2abc")) is None  # no server's name


def test_what_is_asked_is_read_by_scapy() -> None:
    from scapy.layers.dhcp6 import DHCP6_Solicit
    from scapy.layers.inet6 import ICMPv6ND_RS, IPv6

    asked = IPv6(packets.router_solicitation(ROUTER))
    assert (asked.dst, asked.hlim, ICMPv6ND_RS in asked) == ("ff02::2", 255, True)
    sought = IPv6(packets.dhcp_solicit(ROUTER, b"abc", b"\0\4uuid"))
    assert (sought.dst, sought.hlim, DHCP6_Solicit in sought) == ("ff02::1:2", 1, True)
