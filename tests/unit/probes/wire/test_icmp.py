"""Echo messages and the errors that quote them."""

import struct
from ipaddress import ip_address

import pytest

from probes.wire import icmp

THERE6 = ip_address("2001:db8::1").packed
THERE4 = ip_address("192.0.2.1").packed


def ipv6(payload: bytes, next_header: int = 58) -> bytes:
    return struct.pack("!IHBB", 6 << 28, len(payload), next_header, 61) + b"\xfe" * 16 + THERE6 + payload


def ipv4(payload: bytes, protocol: int = 1, words: int = 5) -> bytes:
    head = struct.pack("!BBHHHBBH", 0x40 | words, 0, words * 4 + len(payload), 1, 0, 57, protocol, 0)
    return head + b"\xc6\x33\x64\x01" + THERE4 + b"\0" * (4 * (words - 5)) + payload


def test_the_checksum_of_a_whole_message_is_zero() -> None:
    for size in (0, 1, 55, 56):
        assert icmp.checksum(icmp.echo_request(4, 4711, 3, b"x" * size) + b"\0" * (size % 2)) == 0
    assert icmp.echo_request(6, 1, 2, b"ab") == b"\x80\0\0\0\0\1\0\2ab"


def test_replies() -> None:
    six = icmp.parse(6, b"\x81\0\0\0\0\1\0\2payload")
    assert six is not None
    assert six.is_reply
    assert six.payload == b"payload"
    four = icmp.parse(4, ipv4(b"\0\0\0\0\0\1\0\2payload", words=7), has_ip_header=True)
    assert four is not None
    assert (four.is_reply, four.payload, four.hop_limit) == (True, b"payload", 57)


def test_errors_carry_the_request_they_are_about() -> None:
    six = icmp.parse(6, b"\1\1\0\0\0\0\0\0" + ipv6(icmp.echo_request(6, 9, 8, b"token")))
    assert six is not None
    assert (six.type, six.code, six.is_reply) == (1, 1, False)
    assert six.quoted == icmp.Quoted(THERE6, 9, 8, b"token")
    four = icmp.parse(4, ipv4(b"\3\x0d\0\0\0\0\0\0" + ipv4(icmp.echo_request(4, 9, 8, b""))), has_ip_header=True)
    assert four is not None
    assert four.quoted == icmp.Quoted(THERE4, 9, 8, b"")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x81\0\0\0\0\0\0",
        b"\x88\0\0\0\0\0\0\0" + b"\0" * 16,  # a neighbour advertisement
        b"\1\1\0\0\0\0\0\0" + ipv6(icmp.echo_request(6, 9, 8, b""))[:47],
        b"\1\4\0\0\0\0\0\0" + ipv6(b"\0\x35\0\x35\0\x08\0\0", next_header=17),
        b"\1\4\0\0\0\0\0\0" + ipv6(b"\x81\0\0\0\0\0\0\0"),  # about a reply
    ],
)
def test_everything_else_is_nothing(data: bytes) -> None:
    assert icmp.parse(6, data) is None


@pytest.mark.parametrize(
    "data", [b"", b"\x45" + b"\0" * 18, ipv4(b"", protocol=6), b"\x4f" + ipv4(b"")[1:], b"\x65" * 40]
)
def test_broken_ipv4_headers(data: bytes) -> None:
    assert icmp.parse(4, data, has_ip_header=True) is None


def test_filters_let_in_what_is_read() -> None:
    six = struct.unpack("=8I", icmp.filter6())
    passed = {kind for kind in range(256) if not six[kind >> 5] & 1 << (kind & 31)}
    assert passed == {1, 2, 3, 4, 129}
    (four,) = struct.unpack("=I", icmp.filter4())
    assert {kind for kind in range(32) if not four & 1 << kind} == {0, 3, 11, 12}


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("number", [0, 1, 0xFFFF, 0x10000, 0xFFFFFFFF, 0x12345678])
@pytest.mark.parametrize("size", [12, 13, 56, 1452])
def test_the_fast_maker_makes_the_same_requests(version: int, number: int, size: int) -> None:
    token = bytes(range(8))
    payload = (token + number.to_bytes(4)).ljust(size, icmp.EchoRequests.PAD)
    fast = icmp.EchoRequests(version, 4711, token).make((7, number), size)
    assert len(fast) == 2
    assert fast[1] == icmp.echo_request(version, 4711, number & 0xFFFF, payload)


@pytest.mark.parametrize("version", [4, 6])
def test_the_number_in_a_reply(version: int) -> None:
    maker, other = (icmp.EchoRequests(version, 4711, bytes([first]) * 8) for first in (1, 2))
    (request,) = maker.make((0x12345678,), 56)
    body = bytes([129 if version == 6 else 0]) + request[1:]
    for words in (5, 7):
        has_ip_header = version == 4
        reply = ipv4(body, words=words) if has_ip_header else body
        assert maker.number_in(reply, has_ip_header=has_ip_header) == 0x12345678
        assert other.number_in(reply, has_ip_header=has_ip_header) is None
        asked = ipv4(request, words=words) if has_ip_header else request
        assert maker.number_in(asked, has_ip_header=has_ip_header) is None
        whole = len(reply) - 56 + 12
        for size in range(whole):
            assert maker.number_in(reply[:size], has_ip_header=has_ip_header) is None
        assert maker.number_in(reply[:whole], has_ip_header=has_ip_header) == 0x12345678
