"""Tests that findings equal except for the address are shown as one, and any other difference keeps them apart."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from ipaddress import ip_address

import pytest

from auditor.framework.findings import Arg, Finding, Outcome, Severity, VantageVerdict, Waiver
from probes.framework.evidence import EvidenceId
from reports.joined import join
from tests.unit.reports.sample import Says

V4, V6 = "192.0.2.7", "2001:db8::7"


def hsts(address: str, code: str = "SHORT", args: Mapping[str, Arg] | None = None, evidence: str = "") -> Finding:
    stated: Mapping[str, Arg] = {"address": address, "days": 30} if args is None else args
    says = Says("security.http.hsts", code, Outcome.WARN, stated, address=ip_address(address))
    return replace(says.of("www.example.vn"), evidence=(EvidenceId(evidence),) if evidence else ())


def test_same_text_over_ipv4_and_ipv6_is_joined_with_both_addresses() -> None:
    (joined,) = join([hsts(V4, evidence="e1"), hsts(V6, evidence="e2")])
    assert joined.addresses == (ip_address(V4), ip_address(V6))
    assert joined.finding.args == {"address": f"{V4} / {V6}", "days": 30}
    assert joined.evidence == ("e1", "e2")
    assert joined.finding.id == joined.members[0].id


def test_text_without_an_address_is_left_as_it_is() -> None:
    (joined,) = join([hsts(V4, args={"days": 30}), hsts(V6, args={"days": 30})])
    assert joined.finding.args == {"days": 30}
    assert len(joined.members) == 2


@pytest.mark.parametrize(
    "other",
    [
        hsts(V6, code="ABSENT"),
        hsts(V6, args={"address": V6, "days": 31}),
        hsts(V6, args={"address": "somewhere else", "days": 30}),
        replace(hsts(V6), severity=Severity.LOW),
        replace(hsts(V6), outcome=Outcome.FAIL),
        replace(hsts(V6), detail="mx1.example.vn"),
        replace(hsts(V6), waived=Waiver(reason="moving", owner="IT", until=date(2027, 1, 1))),
        replace(hsts(V6), vantages=(VantageVerdict(name="hn", outcome=Outcome.PASS, code="GOOD"),)),
    ],
    ids=["code", "value", "address in the text", "severity", "outcome", "detail", "waiver", "vantages"],
)
def test_any_other_difference_keeps_findings_apart(other: Finding) -> None:
    assert [len(joined.members) for joined in join([hsts(V4), other])] == [1, 1]


def test_findings_of_no_address_are_never_joined() -> None:
    alike = replace(hsts(V4), address=None)
    assert len(join([alike, replace(alike, id=hsts(V6).id)])) == 2


def test_message_names_the_first_addresses_and_says_that_there_are_more() -> None:
    many = [f"2001:db8::{number}" for number in range(1, 7)]
    (joined,) = join(map(hsts, many))
    assert joined.finding.args["address"] == " / ".join(many[:4]) + " / …"
    assert [str(address) for address in joined.addresses] == many
