"""Tests the rows of a web name: the site, its zones and mail domain, and the servers in its registered domain."""

from dataclasses import replace

import pytest

from auditor.service.cli.commands.inventories.inventory_of_name import is_in_dns, names_above, rows_in_domain
from inventory.loader import load_sent
from inventory.model import SubjectId
from probes.framework.evidence import Evidence
from probes.observations.dns import Delegation, LookupStatus, NameLookup
from tests.golden.lab_snmp import polled

HOST, DOMAIN = "cong.tinh.example.vn", "tinh.example.vn"


def lookup(name: str, rtype: str, *records: str, status: LookupStatus = LookupStatus.ANSWER) -> NameLookup:
    return NameLookup(t0=0.0, t=0.1, name=name, rtype=rtype, role="host", status=status, records=records, zone=DOMAIN)


def evidence(*more: NameLookup) -> tuple[Evidence, ...]:
    steps = (
        lookup(HOST, "AAAA", "2001:db8::1"),
        lookup(DOMAIN, "MX", "10 mx.tinh.example.vn", "20 mx.provider.vn"),
        Delegation(t0=0.0, t=0.1, zone=DOMAIN, parent="example.vn", parent_ns=("ns.tinh.example.vn", "ns.vn")),
        *more,
    )
    return (replace(polled(*steps), subject=SubjectId(HOST)),)


@pytest.mark.parametrize(
    ("host", "names"),
    [
        (DOMAIN, (DOMAIN,)),
        (HOST, (HOST, DOMAIN)),
        ("a.b." + DOMAIN, ("a.b." + DOMAIN, "b." + DOMAIN, DOMAIN)),
        ("a." * 50 + DOMAIN, (*("a." * (50 - at) + DOMAIN for at in range(5)), DOMAIN)),
    ],
)
def test_names_above_end_with_the_registered_domain_and_are_few(host: str, names: tuple[str, ...]) -> None:
    assert names_above(host, DOMAIN) == names


def test_name_without_addresses_is_in_the_dns_and_one_that_is_denied_is_not() -> None:
    assert is_in_dns(HOST, evidence())
    assert is_in_dns("x.vn", evidence(lookup("x.vn", "A", status=LookupStatus.NO_DATA)))
    assert not is_in_dns("x.vn", evidence(lookup("x.vn", "A", status=LookupStatus.NO_SUCH_NAME)))
    assert not is_in_dns("x.vn", evidence(lookup("x.vn", "A", status=LookupStatus.NO_ANSWER)))


def test_rows_in_domain_are_site_zone_mail_and_servers_without_those_of_others() -> None:
    rows = rows_in_domain(HOST, DOMAIN, evidence(), ())
    assert [(row["fqdn"], row["kind"]) for row in rows] == [
        (HOST, "portal"),
        ("mx.tinh.example.vn", "host"),
        ("ns.tinh.example.vn", "host"),
        ("tinh.example.vn", "mail"),
        ("tinh.example.vn", "zone"),
    ]


def test_rows_in_domain_leave_out_what_is_known() -> None:
    known = load_sent([("a.csv", f"name,kind\n{HOST},portal\n{DOMAIN},zone\n".encode())]).inventory.subjects
    kinds = [row["kind"] for row in rows_in_domain(HOST, DOMAIN, evidence(), known)]
    assert kinds == ["host", "host", "mail"]
