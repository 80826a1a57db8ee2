"""Tests the iterator against the province's real name servers: its results are the published records.

This holds from any vantage.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_address

import pytest

from containers.rehearsal.addressing import lay_out, server_name
from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.model import PortalSpec
from containers.rehearsal.province import PROVINCE
from inventory.model import written

pytest_plugins = ("tests.support.rehearsal",)

LAYOUT = lay_out(PROVINCE)


def published(portal: PortalSpec) -> Mapping[str, set[str]]:
    seat = LAYOUT.portals[PROVINCE.fqdn(portal.label)]
    return {
        "A": set(map(written, seat.v4)),
        "AAAA": {*map(written, map(ip_address, portal.published_v6)), *map(written, seat.v6)},
    }


def measure(lab: Rehearsal, what: str, *names: str, vantage: str = "vantage") -> Mapping[str, object]:
    ran = lab.run([sys.executable, "-m", "tests.support.measure", what, *names], vantage)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert isinstance(found, dict)
    return found


def assert_portals(lab: Rehearsal, vantage: str) -> None:
    names = [PROVINCE.fqdn(portal.label) for portal in PROVINCE.portals]
    found = measure(lab, "lookup", *names, vantage=vantage)
    for portal, name in zip(PROVINCE.portals, names, strict=True):
        said = found[name]
        assert isinstance(said, dict)
        for rtype, records in published(portal).items():
            assert said[rtype] == ["answer" if records else "no_data", sorted(records), None], (name, rtype)


@pytest.mark.parametrize("vantage", ["vantage", "vantage-v4", "vantage-v6"])
def test_portals_have_the_published_addresses(lab: Rehearsal, vantage: str) -> None:
    assert_portals(lab, vantage)


def test_a_vantage_that_lost_a_family_still_sees_both(lab: Rehearsal) -> None:
    with lab.fault("no_v6_route", "vantage"):
        assert_portals(lab, "vantage")


def test_zones_are_delegated_as_described(lab: Rehearsal) -> None:
    zones = {PROVINCE.fqdn(zone.label): zone for zone in PROVINCE.zones}
    found = measure(lab, "delegation", *zones, *(f"www.{name}" for name in zones))
    for name, zone in zones.items():
        servers = sorted([*(server_name(PROVINCE, zone, server) for server in zone.servers), *zone.lapsed])
        for asked in (name, f"www.{name}"):
            said = found[asked]
            assert isinstance(said, list)
            assert said[0] == name
            assert said[3] == servers
            assert said[2] == ([] if said[4] else servers)
            assert said[5] is None


def test_a_name_that_is_nowhere(lab: Rehearsal) -> None:
    name = f"khong-co.{PROVINCE.fqdn('')}".rstrip(".")
    assert measure(lab, "lookup", name)[name] == {"A": ["no_such_name", [], None], "AAAA": ["no_such_name", [], None]}


COUNT = """
table inet counted {
  counter sent4 {}
  counter sent6 {}
  chain out {
    type filter hook output priority 0;
    meta nfproto ipv4 counter name sent4
    meta nfproto ipv6 meta l4proto { tcp, udp } counter name sent6
  }
}
"""


@contextmanager
def counted(lab: Rehearsal, vantage: str) -> Iterator[Callable[[], dict[str, int]]]:
    """Yield a function that returns the packets sent by a vantage since the start, by address family."""

    def read() -> dict[str, int]:
        said = json.loads(lab.run(["nft", "-j", "list", "counters", "table", "inet", "counted"], vantage).stdout)
        found = [one["counter"] for one in said["nftables"] if "counter" in one]
        return {one["name"]: one["packets"] for one in found}

    assert lab.run(["nft", "-f", "-"], vantage, input=COUNT).returncode == 0
    try:
        yield read
    finally:
        lab.run(["nft", "delete", "table", "inet", "counted"], vantage)


@pytest.mark.parametrize(("family", "silent"), [("6", "sent4"), ("4", "sent6")])
def test_over_one_family_alone_nothing_is_sent_over_the_other(lab: Rehearsal, family: str, silent: str) -> None:
    zones = [PROVINCE.fqdn(zone.label) for zone in PROVINCE.zones]
    with counted(lab, "vantage") as read:
        found = measure(lab, f"only-v{family}", *zones)
        sent = read()
    other = {"sent4": "sent6", "sent6": "sent4"}[silent]
    assert sent[silent] == 0
    assert sent[other] > 50
    assert found["gov.vn"] == [0, None]
    assert found[PROVINCE.domain] in ([3, None], [0, None])  # three servers asked in its own cut, or none
    assert found[PROVINCE.fqdn("lienthong")] == ([0, "name_error"] if family == "6" else [2, None])
