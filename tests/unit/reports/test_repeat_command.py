"""Tests that the command to measure again covers the finding, and that one which covers less is not offered."""

import shlex
from dataclasses import replace
from ipaddress import ip_address

import pytest

from auditor.framework.findings import CheckId
from inventory.model import Clearance, Kind, Network, Subject, SubjectId
from inventory.sources.adhoc import parse_target
from reports.document import InventoryInfo, ReportHeader
from reports.repeat_command import repeat_command
from tests.unit.auditor.stored import row
from tests.unit.reports.sample import header

PARITY = "security.ports.v4v6-parity"
WITH_INVENTORY = replace(header(), inventory=InventoryInfo(source="danh-muc.xlsx"), profile="audit")
ADHOC = replace(header(), inventory=None, profile="quick")
BOTH = (ip_address("192.0.2.1"), ip_address("2001:db8::1"))
ROUTER = replace(row("bien", Kind.ROUTER, "S1"), host=None, addresses=BOTH)


def command(subject: Subject, header: ReportHeader, check: str = PARITY, *addresses: str, derived: bool = False) -> str:
    asked = tuple(map(ip_address, addresses))
    return repeat_command(subject, CheckId(check), header, addresses=asked, derived=derived)


def test_hole_over_ipv6_only_is_measured_over_both_families_again() -> None:
    asked_again = command(ROUTER, WITH_INVENTORY)
    assert asked_again == (
        "auditor audit danh-muc.xlsx --subject bien --only security.ports.v4v6-parity --profile audit"
    )


def test_file_of_several_tables_is_named_once() -> None:
    twice = replace(WITH_INVENTORY, inventory=InventoryInfo(source="a.csv, inventory.csv, inventory.csv"))
    words = shlex.split(command(ROUTER, twice))
    assert words[:5] == ["auditor", "audit", "a.csv", "inventory.csv", "--subject"]


def test_name_with_addresses_from_dns_is_checked_as_its_kind() -> None:
    site = row("www.xa.vn", Kind.COMMUNE_SITE, "X1")
    asked_again = command(site, WITH_INVENTORY, "ipv6.web.reach", "2001:db8::1")
    assert asked_again == "auditor check www.xa.vn --kind commune-site --only ipv6.web.reach --profile audit"


@pytest.mark.parametrize(
    "subject",
    [
        replace(row("www.xa.vn", Kind.PORTAL, "X1"), addresses=BOTH),
        replace(row("www.xa.vn", Kind.PORTAL, "X1"), network=Network.TSLCD),
        replace(row("www.xa.vn", Kind.PORTAL, "X1"), clearance=Clearance.INTRUSIVE),
        replace(row("www.xa.vn", Kind.PORTAL, "X1"), tags=("jump-host",)),
    ],
)
def test_row_that_says_more_than_its_name_is_measured_from_the_inventory(subject: Subject) -> None:
    assert command(subject, WITH_INVENTORY).startswith("auditor audit danh-muc.xlsx --subject")


def test_zone_that_planning_found_is_checked_as_a_zone() -> None:
    zone = replace(row("zone:tinh.vn", Kind.ZONE, "S1"), host="tinh.vn", derived_from=(SubjectId("www.tinh.vn"),))
    asked_again = command(zone, WITH_INVENTORY, "ipv6.dns.ns-aaaa", derived=True)
    assert asked_again == "auditor check tinh.vn --kind zone --only ipv6.dns.ns-aaaa --profile audit"


def test_without_an_inventory_file_the_address_of_the_finding_is_asked() -> None:
    scoped = replace(WITH_INVENTORY, inventory=InventoryInfo(source=""))
    asked_again = command(ROUTER, scoped, "security.ssh.auth", "2001:db8::1")
    assert asked_again == "auditor check 2001:db8::1 --kind router --only security.ssh.auth --profile audit"


def test_findings_of_both_families_that_are_told_once_are_asked_at_both_addresses() -> None:
    scoped = replace(WITH_INVENTORY, inventory=InventoryInfo(source=""))
    words = shlex.split(command(ROUTER, scoped, "security.ssh.auth", "192.0.2.1", "2001:db8::1"))
    assert words[2:4] == ["192.0.2.1", "2001:db8::1"]


@pytest.mark.parametrize(
    ("typed", "kind", "asked"),
    [
        ("www.tinh.vn", None, ["www.tinh.vn"]),
        ("https://www.tinh.vn:8443", None, ["https://www.tinh.vn:8443", "--kind", "portal"]),
        ("[2001:db8::1]:8443", Kind.HOST, ["[2001:db8::1]:8443", "--kind", "host"]),
        ("2001:db8::1", None, ["2001:db8::1", "--kind", "host"]),
    ],
)
def test_target_of_the_command_line_is_asked_as_it_was_typed(typed: str, kind: Kind | None, asked: list[str]) -> None:
    subject = parse_target(typed, kind)
    asked_again = command(subject, ADHOC)
    assert shlex.split(asked_again) == [
        *("auditor", "check", *asked, "--only", "security.ports.v4v6-parity", "--profile", "quick")
    ]


def test_hostile_ids_stay_one_word_of_the_shell() -> None:
    hostile = replace(ROUTER, id=SubjectId("x; rm -rf / #"))
    words = shlex.split(command(hostile, WITH_INVENTORY))
    assert words[words.index("--subject") + 1] == "x; rm -rf / #"
