"""Tests the parsing of replies to our packets."""

import struct
from ipaddress import ip_address

import pytest

from probes.rawpkt import packets, replies

HERE, THERE = ip_address("2001:db8::2"), ip_address("2001:db8::1")
HERE4, THERE4 = ip_address("192.0.2.2"), ip_address("192.0.2.1")
TOKEN = bytes(range(8))


def error(kind: int, code: int, quoted: bytes) -> bytes:
    return struct.pack("!BBHI", kind, code, 0, 0) + quoted


def test_an_error_about_a_udp_probe() -> None:
    probe = packets.udp(HERE, THERE, 3, 5, (40000, 33434), 24, TOKEN)
    message = replies.icmp(6, error(3, 0, probe))
    assert message is not None
    assert message.quoted is not None
    assert (message.type, message.quoted.destination, message.quoted.protocol) == (3, THERE.packed, 17)
    assert message.quoted.payload[8:] == TOKEN + b"\0\x18"


def test_an_error_about_a_fragment_shows_what_is_behind_the_header() -> None:
    first, second = packets.fragments(HERE, THERE, 7, TOKEN)
    for piece in (first, second):
        message = replies.icmp(6, error(3, 1, piece))
        assert message is not None
        assert message.quoted is not None
        assert message.quoted.protocol == 58
    assert len(first) < 1280
    assert len(second) < 1280


def test_an_ipv4_error_quotes_eight_bytes() -> None:
    probe = packets.udp(HERE4, THERE4, 3, 0, (40000, 33434), 24, TOKEN)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 56, 0, 0, 64, 1, 0) + THERE4.packed + HERE4.packed
    message = replies.icmp(4, head + error(11, 0, probe[:28]))
    assert message is not None
    assert message.quoted is not None
    assert (message.quoted.ident, len(message.quoted.payload)) == (24, 8)


def test_one_flow_whatever_the_number() -> None:
    """A router hashes the same fields in every probe (Paris traceroute); for echo these include the checksum."""
    one, other = (packets.udp(HERE, THERE, hop, 5, (40000, 33434), number, TOKEN) for hop, number in ((1, 8), (9, 77)))
    assert one[:7] + one[8:46] == other[:7] + other[8:46]
    sums = {packets.echo(HERE, THERE, 1, 5, 7, number, TOKEN)[42:44] for number in range(8, 100)}
    assert len(sums) == 1
    sums4 = {packets.echo(HERE4, THERE4, 1, 5, 7, number, TOKEN)[22:24] for number in range(8, 100)}
    assert len(sums4) == 1


def test_segment_is_read_with_its_flags_and_payload() -> None:
    wire = packets.syn(HERE, THERE, 64, 0, (40000, 80), 4711, 8)[40:]
    segment = replies.segment(6, wire + b"data")
    assert segment is not None
    assert (segment.source, segment.destination, segment.seq, segment.syn, segment.rst) == (
        40000,
        80,
        4711,
        True,
        False,
    )
    assert segment.payload == 4
    assert replies.segment(6, wire[:19]) is None
    assert replies.segment(6, wire[:12] + b"\xf0" + wire[13:]) is None  # a header longer than the segment
    assert replies.segment(4, wire) is None


def test_packet_too_big_quotes_no_more_than_fits() -> None:
    wire = packets.too_big(HERE, THERE, 1300, bytes(1440))
    assert (wire[0], int.from_bytes(wire[4:8]), len(wire)) == (2, 1300, 1280 - 40)
    assert wire[8 + 8 : 8 + 24] == THERE.packed  # from the server
    assert wire[8 + 24 : 8 + 40] == HERE.packed


def heard(segment: bytes, *, part: int = 0, link: bytes = b"", protocol: int = 6, length: int | None = None) -> bytes:
    """Return a packet from THERE to HERE as the kernel delivers it; ``part`` is the size of packets that it merged."""
    offload = struct.pack("=BBHHHH", 1, 4 if part else 0, 92, part, 54, 16)
    head = struct.pack("!IHBB", 6 << 28, len(segment) if length is None else length, protocol, 60)
    return offload + link + head + THERE.packed + HERE.packed + segment


def tcp(payload: bytes, *, seq: int = 1, words: int = 8, ports: tuple[int, int] = (80, 40000)) -> bytes:
    return struct.pack("!HHIIBBHHH", *ports, seq, 9, words << 4, 16, 0, 0, 0) + bytes(words * 4 - 20) + payload


def flow(data: bytes) -> list[tuple[int, int]]:
    return [(packet.seq, packet.size) for packet in replies.flow(data, (THERE.packed, 80), (HERE.packed, 40000))]


@pytest.mark.parametrize("link", [b"", bytes(14), bytes(18)], ids=["tunnel", "ethernet", "vlan"])
def test_merged_packets_are_told_apart(link: bytes) -> None:
    payload = bytes(range(256)) * 14
    assert flow(heard(tcp(payload[:1208]), link=link)) == [(1, 1280)]
    assert flow(heard(tcp(payload[:1208]), part=1208, link=link)) == [(1, 1280)]
    data = heard(tcp(payload[:3000], seq=0xFFFFFFF0), part=1208, link=link)
    assert flow(data) == [(0xFFFFFFF0, 1280), (1192, 1280), (2400, 656)]
    made = replies.flow(data, (THERE.packed, 80), (HERE.packed, 40000))
    assert b"".join(packet.segment[32:] for packet in made) == payload[:3000]
    assert {packet.segment[:32] for packet in made} == {tcp(b"", seq=0xFFFFFFF0)}


def test_padding_is_no_data_and_a_length_of_zero_is_none() -> None:
    assert flow(heard(tcp(b"ab") + bytes(6), length=34)) == [(1, 74)]
    assert flow(heard(tcp(bytes(70_000)), part=1400, length=0))[-1] == (68_601, 1472)
    assert len(flow(heard(tcp(bytes(70_000)), part=1400, length=0))) == 50


def test_what_is_not_of_the_flow() -> None:
    whole = heard(tcp(b"data"))
    assert flow(whole) == [(1, 76)]
    for other in (
        heard(tcp(b"")),
        heard(tcp(b"data", ports=(443, 40000))),
        heard(tcp(b"data", ports=(80, 40001))),
        heard(tcp(b"data"), protocol=17),
        whole.replace(THERE.packed, HERE.packed),
        *(whole[:size] for size in range(len(whole) - 4)),
    ):
        assert flow(other) == []
