"""Tests how many senders an SPF record allows."""

import pytest

from auditor.checks.security.mail.spf import is_everybody, ptr_terms, wide_terms
from probes.wire.mail.spf.asker import unknown_senders
from probes.wire.mail.spf.walk import Spf, evaluate


def told(record: str, included: str = "v=spf1 -all") -> Spf:
    """Return the SPF result of ``a.vn`` for an unrelated IPv4 sender; every other name has the record ``included``."""
    walk = evaluate("a.vn", unknown_senders("a.vn")[0])
    name, rtype = next(walk)
    try:
        while True:
            texts = {"a.vn": record}.get(name, included)
            name, rtype = walk.send((f'"{texts}"',) if rtype == "TXT" else ())
    except StopIteration as end:
        spf: Spf = end.value
        return spf


@pytest.mark.parametrize(
    ("record", "everybody"),
    [
        ("ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", True),
        ("ip4:0.0.0.0/1 ip4:128.0.0.0/2 ip4:192.0.0.0/2 -all", True),
        ("ip4:0.0.0.0/1 ip4:128.0.0.0/2 -all", False),
        ("ip6:2000::/3 -all", True),
        ("ip6:::/0 -all", True),
        ("-ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", False),
        ("ip4:0.0.0.0/1 -all ip4:128.0.0.0/1", False),
        ("-all", False),
    ],
)
def test_ranges_that_together_are_everybody(record: str, *, everybody: bool) -> None:
    assert is_everybody(told(f"v=spf1 {record}")) is everybody


def test_wide_ranges_are_the_domains_own_or_of_others() -> None:
    outside = told("v=spf1 include:b.vn ip4:10.0.0.0/16 -all", "v=spf1 ip4:40.0.0.0/15 ip6:2a00::/31 -all")
    assert wide_terms(outside, own=True) == ()
    assert wide_terms(outside, own=False) == ("ip4:40.0.0.0/15", "ip6:2a00::/31")
    inside = told("v=spf1 include:_spf.a.vn -all", "v=spf1 ip4:40.0.0.0/15 -all")
    assert (wide_terms(inside, own=True), wide_terms(inside, own=False)) == (("ip4:40.0.0.0/15",), ())


def test_what_an_include_turns_away_is_not_let_in() -> None:
    assert told("v=spf1 -include:b.vn -all", "v=spf1 ip4:40.0.0.0/8 -all").granting == ()


def test_ptr_terms_of_the_own_record_are_named() -> None:
    assert ptr_terms(told("v=spf1 ptr ptr:a.vn include:b.vn -all", "v=spf1 ptr -all")) == ("ptr", "ptr:a.vn")
