"""The module that is generated out of IANA's registries against the registries, the generator and Python's own list."""

import csv
import runpy
from ipaddress import ip_address, ip_network

import pytest

from inventory import special_ranges
from inventory.scope import is_global
from tests.architecture.tree import ROOT

SCRIPT = runpy.run_path(str(ROOT / "scripts/special_ranges.py"))
ROWS = [row for family in (4, 6) for row in SCRIPT["rows"](family)]


def test_module_is_what_the_registries_make_it() -> None:
    module = (ROOT / "inventory/special_ranges.py").read_text(encoding="utf-8")
    assert module == SCRIPT["module"](), "run scripts/special_ranges.py"
    assert SCRIPT["RETRIEVED"] == special_ranges.RETRIEVED


@pytest.mark.parametrize(("family", "blocks"), [(4, 26), (6, 25)])
def test_registries_are_whole(family: int, blocks: int) -> None:
    path = ROOT / f"scripts/registries/iana-ipv{family}-special-registry-1.csv"
    with path.open(encoding="utf-8", newline="") as file:
        listed = [block for row in csv.DictReader(file) for block in row["Address Block"].split(",")]
    assert len(listed) == blocks


@pytest.mark.parametrize(("block", "name", "reachable"), ROWS)
def test_both_ends_of_each_block_are_as_the_registry_says(block: str, name: str, reachable: bool) -> None:
    network = ip_network(block)
    narrower = [ip_network(other) for other, _, _ in ROWS if other != block]
    for address in (network[0], network[-1]):
        mapped = block == "::ffff:0:0/96"  # an address of it is the IPv4 address in it
        carried = block == "64:ff9b::/96"  # as global as the IPv4 address in it
        held = any(
            address in other_network and other_network.prefixlen > network.prefixlen for other_network in narrower
        )
        if not (mapped or carried or held):
            assert is_global(address) is reachable, name


def test_addresses_beside_the_blocks_are_global_where_the_internet_is() -> None:
    for text in (
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.0.9",
        "192.0.1.0",
        "198.20.0.0",
        "2001:200::1",
        "2001:db7::1",
        "2001:db9::1",
        "2400::1",
        "2001:4:112::1",
        "64:ff9b::808:808",
        "3fff:1000::1",
    ):
        assert is_global(ip_address(text)), text
    for text in ("4000::1", "1::1", "fec0::1", "ff0e::1", "64:ff9b::a00:1", "::ffff:10.0.0.1", "2002:808:808::1"):
        assert not is_global(ip_address(text)), text


def test_what_python_calls_private_is_global_nowhere() -> None:
    """Python's own list is of the same registries, of another day; it may know less, and nothing that we do not."""
    beside = {ip_network(block) for block, _ in special_ranges.GLOBAL}
    for block, _, _ in ROWS:
        network = ip_network(block)
        for address in (network[0], network[-1]):
            if address.is_private and not any(address in network for network in beside):
                assert not is_global(address), block
