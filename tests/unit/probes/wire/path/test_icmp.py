"""Echo messages, and the errors about them as the kernel reports them."""

import socket
import struct
from ipaddress import ip_address

import pytest

from probes.wire.path import icmp

ROUTER = {4: ip_address("198.51.100.1").packed, 6: ip_address("2001:db8::fe").packed}
ORIGIN = {4: 2, 6: 3}
REQUEST = {4: b"\x08", 6: b"\x80"}


def told(version: int, kind: int, code: int, info: int = 0, origin: int | None = None) -> bytes:
    """A ``sock_extended_err`` with the address of a router behind it."""
    head = struct.pack("=IBBBxII", 113, ORIGIN[version] if origin is None else origin, kind, code, info, 0)
    if version == 4:
        return head + struct.pack("=HH", socket.AF_INET, 0) + ROUTER[4] + bytes(8)
    return head + struct.pack("=HHI", socket.AF_INET6, 0, 0) + ROUTER[6] + bytes(4)


def quoted(version: int, payload: bytes = b"token", sequence: int = 8) -> bytes:
    return REQUEST[version] + b"\0\0\0\0\x09" + sequence.to_bytes(2) + payload


@pytest.mark.parametrize(
    ("version", "kind", "code"), [(4, 3, 13), (4, 11, 0), (4, 12, 0), (6, 1, 1), (6, 3, 0), (6, 4, 1)]
)
def test_report_of_an_icmp_error_names_its_sender_and_the_request(version: int, kind: int, code: int) -> None:
    report = icmp.report(version, told(version, kind, code), quoted(version))
    assert report == icmp.IcmpError(kind, code, ROUTER[version], 8, b"token")


@pytest.mark.parametrize(("version", "kind", "code"), [(4, 3, 4), (6, 2, 0)])
def test_report_of_a_packet_too_big_names_the_mtu(version: int, kind: int, code: int) -> None:
    report = icmp.report(version, told(version, kind, code, 1400), quoted(version))
    assert report is not None
    assert report.mtu == 1400
    silent = icmp.report(version, told(version, kind, code, 0), quoted(version))
    assert silent is not None
    assert silent.mtu is None


@pytest.mark.parametrize("version", [4, 6])
def test_report_of_anything_else_is_nothing(version: int) -> None:
    error = {4: (3, 1), 6: (1, 4)}[version]
    for said, about in (
        (b"", quoted(version)),
        (told(version, *error)[:-9], quoted(version)),
        (told(version, *error, origin=1), quoted(version)),  # the kernel's own: too large for its link
        (told(version, 5, 0), quoted(version)),  # a redirect, or nothing that is known
        (told(version, *error), quoted(version)[:7]),
        (told(version, *error), b"\0" + quoted(version)[1:]),  # about a reply
    ):
        assert icmp.report(version, said, about) is None


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("number", [0, 1, 0xFFFF, 0x10000, 0xFFFFFFFF, 0x12345678])
@pytest.mark.parametrize("size", [12, 13, 56, 1452])
def test_make_puts_token_and_number_in_front(version: int, number: int, size: int) -> None:
    token = bytes(range(8))
    made = icmp.EchoRequests(version, token).make((7, number), size)
    payload = (token + number.to_bytes(4)).ljust(size, icmp.EchoRequests.PAD)
    assert made[1] == REQUEST[version] + bytes(5) + (number & 0xFFFF).to_bytes(2) + payload


@pytest.mark.parametrize("version", [4, 6])
def test_number_in_a_reply_is_found_where_it_is_whole_and_ours(version: int) -> None:
    maker, other = (icmp.EchoRequests(version, bytes([first]) * 8) for first in (1, 2))
    (request,) = maker.make((0x12345678,), 56)
    reply = bytes([129 if version == 6 else 0]) + request[1:]
    assert maker.number_in(reply) == 0x12345678
    assert other.number_in(reply) is None
    assert maker.number_in(request) is None
    whole = len(reply) - 56 + 12
    for size in range(whole):
        assert maker.number_in(reply[:size]) is None
    assert maker.number_in(reply[:whole]) == 0x12345678
