"""Tests which observations of DNSSEC are confirmed by a second one."""

from ipaddress import ip_address

import pytest

from probes.observations.dnssec import SecondOpinion


@pytest.mark.parametrize(
    ("rcode", "validates", "unchecked", "again"),
    [
        ("SERVFAIL", True, "NOERROR", True),
        ("SERVFAIL", True, "SERVFAIL", False),
        ("SERVFAIL", False, "NOERROR", False),
        ("NOERROR", True, "", False),
    ],
)
def test_second_opinion_that_a_name_is_bogus_is_confirmed(
    rcode: str, validates: bool, unchecked: str, again: bool
) -> None:
    second_opinion = SecondOpinion(
        server=ip_address("192.0.2.53"),
        qname="a.vn",
        qtype="SOA",
        rcode=rcode,
        validates=validates,
        unchecked=unchecked,
    )
    assert second_opinion.worth_confirming is again
