"""Tests which servers of a zone have an older copy than the newest one."""

from ipaddress import ip_address

import dns.name
import pytest

from auditor.facts.dns.dnssec.answers import all_of
from auditor.facts.dns.dnssec.trust import Validator
from probes.framework.evidence import EvidenceSet
from tests.golden import lab_dnssec
from tests.golden.lab import ZONE
from tests.golden.lab_dnssec import answer, of_server, rrset

A, B, C = "192.0.2.1", "192.0.2.2", "2001:db8::3"
ONE, TWO = f"ns1.{ZONE}", f"ns2.{ZONE}"


@pytest.mark.parametrize(
    ("heads", "behind"),
    [
        ({}, set()),
        ({A: (ONE, 7)}, set()),
        ({A: (ONE, 7), B: (ONE, 7)}, set()),
        ({A: (ONE, 7), B: (ONE, 6), C: (ONE, 5)}, {B, C}),
        ({A: (ONE, 6), B: (ONE, 7)}, {A}),
        ({A: (ONE, 4_294_967_290), B: (ONE, 3)}, {A}),  # the serial has wrapped (RFC 1982 §3.2)
        ({A: (ONE, 7), B: (TWO, 6)}, set()),  # a primary of its own: nothing is copied
    ],
)
def test_servers_that_are_behind(heads: dict[str, tuple[str, int]], behind: set[str]) -> None:
    evidence = [
        of_server(
            server,
            answer(ZONE, ZONE, "SOA", [rrset(ZONE, "SOA", f"{primary}. h.{ZONE}. {serial} 1 1 1 1")], server=server),
        )
        for server, (primary, serial) in heads.items()
    ]
    validator = Validator(answers=all_of(EvidenceSet(evidence)), anchors=())
    found = validator.behind(dns.name.from_text(lab_dnssec.dot(ZONE)))
    assert found == {ip_address(server) for server in behind}
