"""Addresses out of tables as real agents fill them: odd indexes are understood, nothing is invented."""

from ipaddress import ip_address

import pytest

from probes.observations.snmp import Varbind
from probes.wire.snmp.addresses import InterfaceAddress, addresses
from probes.wire.snmp.tree import Tree

TABLE = "1.3.6.1.2.1.4.34.1"
PREFIX = "1.3.6.1.2.1.4.32.1.5"
V6 = "32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1"
NET = "32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.0"


def _tree(*lines: str) -> Tree:
    parts = (line.split("|") for line in lines)
    return Tree(Varbind(oid, kind, value) for oid, kind, value in parts)


def _only(*lines: str) -> InterfaceAddress:
    [declared] = addresses(_tree(*lines))
    return declared


@pytest.mark.parametrize(
    "index",
    [
        pytest.param(f"2.16.{V6}", id="by the book"),
        pytest.param(f"2.{V6}", id="without length (Cisco ASA)"),
        pytest.param(f"2.{V6}.0.0.0.0", id="with a zone that the type does not have (IP Infusion)"),
        pytest.param(f"4.20.{V6}.0.0.0.7", id="ipv6z"),
        pytest.param(f"2.16.{V6}.3", id="with a virtual system (FortiGate)"),
        pytest.param("2.11." + ".".join(str(ord(c)) for c in "2001:db8::1"), id="as text"),
    ],
)
def test_indexes_that_hold_an_address(index: str) -> None:
    declared = _only(f"{TABLE}.3.{index}|int|7", f"{TABLE}.6.{index}|int|2", f"{TABLE}.7.{index}|int|1")
    assert declared == InterfaceAddress(
        address=ip_address("2001:db8::1"), if_index=7, origin="manual", status="preferred", source="ipAddressTable"
    )


@pytest.mark.parametrize(
    "index",
    [
        "2",
        "2.16",
        f"2.16.{V6[:-2]}",
        f"2.15.{V6}",
        "2.16." + V6.replace("184", "300"),
        f"9.16.{V6}",
        f"2.16.{V6}.1.2",
        "1.4.192.0.2",
        "16.4.1.2.3.4",
        f"2.{V6}.1",
        "0.16." + V6,
    ],
)
def test_indexes_that_hold_none(index: str) -> None:
    assert addresses(_tree(f"{TABLE}.3.{index}|int|7")) == ()


def test_an_ipv4_address_in_an_ipv6_row_is_an_ipv4_address() -> None:
    assert _only(f"{TABLE}.3.2.4.192.0.2.1|int|7").address == ip_address("192.0.2.1")


@pytest.mark.parametrize(
    ("pointer", "length"),
    [
        pytest.param(f"{PREFIX}.7.2.16.{NET}.64", 64, id="by the book"),
        pytest.param(f"{PREFIX}.7.2.{NET}.64", 64, id="without length of the address"),
        pytest.param(f"{PREFIX}.7.2.11.{'.'.join(str(ord(c)) for c in '2001:db8::1')}.124", 124, id="as text"),
        pytest.param("0.0", None, id="zeroDotZero"),
        pytest.param(f"{PREFIX}.7.2.16.{NET}", None, id="no length at the end"),
        pytest.param(f"{PREFIX}.7.2.16.{NET}.129", None, id="longer than an address"),
        pytest.param(f"{PREFIX}.7.2.16.{NET.replace('184', '185')}.64", None, id="a prefix that does not hold it"),
        pytest.param(f"{PREFIX}.7.1.4.192.0.2.0.24", None, id="of the other family"),
        pytest.param(f"1.3.6.1.2.1.55.1.7.1.7.2.16.{NET}.64", None, id="into another table"),
        pytest.param(f"{PREFIX}.7", None, id="too short"),
    ],
)
def test_a_prefix_length_is_said_or_unknown(pointer: str, length: int | None) -> None:
    declared = _only(f"{TABLE}.3.2.16.{V6}|int|7", f"{TABLE}.5.2.16.{V6}|oid|{pointer}")
    assert declared.prefix_length == length


def test_the_historic_table_gives_the_length_that_the_pointer_lacks() -> None:
    declared = _only(
        f"{TABLE}.3.2.16.{V6}|int|7",
        f"{TABLE}.5.2.16.{V6}|oid|0.0",
        f"1.3.6.1.2.1.55.1.8.1.2.7.{V6}|int|64",
        f"1.3.6.1.2.1.55.1.8.1.2.8.{V6}|int|48",
    )
    assert (declared.prefix_length, declared.source) == (64, "ipAddressTable")


def test_each_family_comes_from_its_first_table() -> None:
    found = addresses(
        _tree(
            f"{TABLE}.3.1.4.192.0.2.1|int|1",
            "1.3.6.1.2.1.4.20.1.2.198.51.100.1|int|1",
            f"1.3.6.1.2.1.55.1.8.1.2.7.{V6}|int|64",
            f"1.3.6.1.2.1.55.1.8.1.5.7.{V6}|int|1",
        )
    )
    assert [(str(declared.address), declared.source) for declared in found] == [
        ("192.0.2.1", "ipAddressTable"),
        ("2001:db8::1", "ipv6AddrTable"),
    ]


@pytest.mark.parametrize(("mask", "length"), [("255.255.255.0", 24), ("0.0.0.0", None), ("255.0.255.0", None)])
def test_ipv4_masks(mask: str, length: int | None) -> None:
    declared = _only("1.3.6.1.2.1.4.20.1.2.192.0.2.1.3|int|5", f"1.3.6.1.2.1.4.20.1.3.192.0.2.1.3|ip|{mask}")
    assert (str(declared.address), declared.prefix_length, declared.if_index) == ("192.0.2.1", length, 5)


def test_the_same_address_on_two_interfaces_is_two_rows() -> None:
    found = addresses(_tree(*(f"1.3.6.1.2.1.55.1.8.1.2.{n}.{V6}|int|64" for n in (8, 7))))
    assert [declared.if_index for declared in found] == [7, 8]
