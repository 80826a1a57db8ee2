"""The question that a Teredo server answers, and its answer as miredo-server 1.2.6 gave it."""

import struct
from ipaddress import IPv6Address

import pytest
from scapy.layers.inet6 import ICMPv6ND_RA, ICMPv6ND_RS, ICMPv6NDOptPrefixInfo, IPv6, in6_chksum

from probes.wire.exposure import teredo

ANSWER = bytes.fromhex(
    "00010000000000000000000000"  # authentication without secrets, the nonce of the question
    "00005c9539cc9bc2"  # origin: port and address of whoever asked, inverted
    "6000000000383afffe800000000000008000f22739cc9bc2fe800000000000000000ffffffffffff"
    "8600954c0000000000000000000007d0"
    "03044040ffffffffffffffff0000000020010000c633643d0000000000000000"
    "0501000000000500"
)


def test_the_question_is_a_solicitation_that_is_answered_from_where_it_went() -> None:
    """RFC 4380 §5.2.1 and §5.3.1: only without the cone bit does the answer come from the address that was asked."""
    question = teredo.solicitation()
    indicator, packet = question[:13], question[13:]
    assert indicator == b"\0\1" + bytes(11)
    length, header, hops = struct.unpack_from("!HBB", packet, 4)
    source, to = packet[8:24], packet[24:40]
    assert (packet[0] >> 4, length, header, hops) == (6, len(packet) - 40, 58, 255)
    assert (IPv6Address(source), IPv6Address(to)) == (IPv6Address("fe80::ffff:ffff:ffff"), IPv6Address("ff02::2"))
    assert not source[8] & 0x80
    body = packet[40:]
    assert body[:2] == b"\x85\0"
    pseudo = IPv6(src=str(IPv6Address(source)), dst=str(IPv6Address(to)))
    assert in6_chksum(58, pseudo, body) == 0


def test_the_answer_of_a_server() -> None:
    assert len(ANSWER) == 117
    assert teredo.is_advertisement(ANSWER)
    assert teredo.is_advertisement(ANSWER[13:])
    assert teredo.is_advertisement(ANSWER[21:])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        ANSWER[:61],
        teredo.solicitation(),
        ANSWER[21:27] + b"\x11" + ANSWER[28:],  # not ICMPv6
        ANSWER[21:61] + b"\x88" + ANSWER[62:],  # not an advertisement
        b"\0\1\xff\xff" + ANSWER[4:],
    ],
)
def test_what_is_no_answer(data: bytes) -> None:
    assert not teredo.is_advertisement(data)


def test_both_are_what_scapy_reads() -> None:

    asked, answered = IPv6(teredo.solicitation()[13:]), IPv6(ANSWER[21:])
    assert asked.haslayer(ICMPv6ND_RS)
    assert answered.haslayer(ICMPv6ND_RA)
    assert answered[ICMPv6NDOptPrefixInfo].prefix == "2001:0:c633:643d::"
    for packet, whole in ((asked, teredo.solicitation()[13:]), (answered, ANSWER[21:])):
        again = packet.copy()
        del again[1].cksum
        assert bytes(again) == whole
