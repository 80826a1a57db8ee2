"""Addresses in settings: literals with a port in every usual form, never a name."""

from ipaddress import IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.addresses import parse_endpoint
from inventory.model import Endpoint, IPAddress


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("2001:db8::1", "2001:db8::1", None),
        ("192.0.2.1", "192.0.2.1", None),
        ("  192.0.2.1\n", "192.0.2.1", None),
        ("[2001:db8::1]", "2001:db8::1", None),
        ("[2001:db8::1]:443", "2001:db8::1", 443),
        ("[192.0.2.1]:443", "192.0.2.1", 443),
        ("192.0.2.1:53", "192.0.2.1", 53),
        ("192.0.2.1#53", "192.0.2.1", 53),
        ("2001:db8::1#5353", "2001:db8::1", 5353),
        ("2001:DB8::1#1", "2001:db8::1", 1),
        ("2001:db8::1:53", "2001:db8::1:53", None),  # an address with one more group, not a port
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1", None),
        ("fe80::1%eth0", "fe80::1%eth0", None),
        ("::1#65535", "::1", 65535),
    ],
)
def test_addresses_in_the_usual_forms_are_read(text: str, address: str, port: int | None) -> None:
    assert parse_endpoint(text) == Endpoint(address=ip_address(address), port=port)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "www.example.vn",
        "www.example.vn:443",
        "192.0.2.1:",
        "192.0.2.1:0",
        "192.0.2.1:65536",
        "192.0.2.1#99999",
        "192.0.2.1:123456",
        "192.0.2.256:53",
        "192.0.2.1/32",
        "2001:db8::1#",
        "2001:db8::1#x",
        "2001:db8::1 #53",
        "[2001:db8::1",
        "[2001:db8::1]443",
        "[2001:db8::1]#53",
        "[2001:db8::1]:",
        "[]:53",
        "192.000.002.001",
        "0x7f.1",
        "2130706433",
        "1 92.0.2.1",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_endpoint(text)


@given(address=st.ip_addresses(), port=st.none() | st.integers(1, 65_535))
def test_what_is_written_is_read(address: IPAddress, port: int | None) -> None:
    expected = Endpoint(address=address, port=port)
    bracketed = f"[{address}]" if port is None else f"[{address}]:{port}"
    assert parse_endpoint(bracketed) == expected
    assert parse_endpoint(str(address) if port is None else f"{address}#{port}") == expected
    if port is not None and not isinstance(address, IPv6Address):
        assert parse_endpoint(f"{address}:{port}") == expected


@given(text=st.text("0123456789abcdef:.[]#% \n", max_size=30) | st.text(max_size=20))
def test_any_text_is_an_endpoint_or_a_value_error(text: str) -> None:
    try:
        endpoint = parse_endpoint(text)
    except ValueError:
        return
    assert endpoint.name is None
    assert endpoint.port is None or 1 <= endpoint.port <= 65_535
