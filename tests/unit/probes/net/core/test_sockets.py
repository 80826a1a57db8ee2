"""Addresses as the kernel takes them."""

import socket
from ipaddress import ip_address

import pytest

from probes.net.core.sockets import is_mapped, sockaddr


@pytest.mark.parametrize(
    ("address", "mapped"),
    [("::ffff:192.0.2.1", True), ("2001:db8::1", False), ("::1", False), ("::192.0.2.1", False), ("192.0.2.1", False)],
)
def test_is_mapped_is_true_of_ipv4_in_ipv6_form(address: str, mapped: bool) -> None:
    assert is_mapped(ip_address(address).packed) is mapped


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.1", ("192.0.2.1", 7)),
        ("2001:db8::1", ("2001:db8::1", 7, 0, 0)),
        ("fe80::1%lo", ("fe80::1", 7, 0, socket.if_nametoindex("lo"))),
        ("fe80::1%2", ("fe80::1", 7, 0, 2)),
        ("fe80::1%nothere", ("fe80::1", 7, 0, 0)),
    ],
)
def test_sockaddr_gives_a_zone_as_the_index_of_its_interface(address: str, place: tuple[object, ...]) -> None:
    assert sockaddr(ip_address(address), 7) == place
