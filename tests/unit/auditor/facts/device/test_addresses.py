"""Tests the choice of addresses that count as a device's own."""

from ipaddress import ip_address

import pytest

from auditor.facts.device.addresses import is_own, own_addresses
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid, Tree
from tests.golden.lab_snmp import address_table, bind, walk


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("2001:db8::1", True),
        ("fd00::1", True),
        ("fe80::1", True),
        ("::1", True),
        ("10.0.0.1", True),
        ("127.0.0.1", True),
        ("::", False),
        ("0.0.0.0", False),
        ("ff02::1", False),
        ("224.0.0.5", False),
        ("fec0::a:0:0:4", False),
        ("::ffff:192.0.2.1", False),
        ("::192.0.2.1", False),
    ],
)
def test_addresses_that_a_device_can_have(text: str, *, own: bool) -> None:
    assert is_own(ip_address(text)) is own


@pytest.mark.parametrize(
    ("maker", "name", "inside"),
    [
        (2636, "em0.0", True),
        (2636, "bme0.0", True),
        (2636, "fxp1.0", True),
        (2636, "lc-0/0/0.32769", True),
        (2636, "lo0.16385", True),
        (2636, "sp-0/0/0.16383", True),
        (2636, "fxp0.0", False),
        (2636, "lo0.0", False),
        (2636, "ge-0/0/0.0", False),
        (8072, "em0", False),
        (12325, "em1", False),
        (9, "EOBC0/0", True),
        (9, "GigabitEthernet0", False),
    ],
)
def test_interfaces_of_the_machine_s_inside(maker: int, name: str, *, inside: bool) -> None:
    object_id: Oid = (*oids.ENTERPRISES, maker, 1)
    rows = (*walk(oids.IF_NAME, {oids.IF_NAME: {(7,): name}}).rows, *address_table(("2001:db8::1", 7)).rows)
    assert (own_addresses(Tree([bind(oids.SYS_OBJECT_ID, object_id), *rows])) == ()) is inside
