"""Tests that lookups are folded into one answer, or into the reason why there is none."""

from ipaddress import ip_address

import pytest

from auditor.facts.dns.names import canonical, lookup, own, usable_v6
from auditor.framework.check import load
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import Network
from probes.framework.evidence import EvidenceSet, FailureKind
from probes.observations.dns import LookupStatus, NameLookup
from tests.golden import lab
from tests.golden.case import Case, dump
from tests.golden.case import load as load_case

CHECKS = {str(id_): check for id_, check in load().items()}


@pytest.fixture
def ctx() -> Context:
    case = Case(check="ipv6.web.aaaa", code="", about="", subject=lab.site(), evidence=(lab.names(),), expect=())
    return load_case(case.check, dump(case, CHECKS)).ctx


def _host(*lookups: NameLookup) -> EvidenceSet:
    return EvidenceSet([lab.evidence("dns", *lookups, task="a")])


def test_answers_of_one_look_are_joined(ctx: Context) -> None:
    found = lookup(
        _host(lab.look(lab.WEB, "AAAA", "host", lab.V6B), lab.look(lab.WEB, "AAAA", "host", lab.V6)),
        ctx,
        lab.WEB.upper() + ".",
        "AAAA",
        "host",
    )
    assert found.records == (lab.V6, lab.V6B)
    assert found.known


@pytest.mark.parametrize(
    ("rtype", "role", "first", "later"),
    [
        ("AAAA", "host", lab.V6, lab.V6B),
        ("MX", "mx", f"10 mx1.{lab.ZONE}", "0 ."),
        ("HTTPS", "https", r"\# 3 000100", r"\# 3 000200"),
    ],
)
def test_what_a_later_look_found_does_not_count_where_the_first_found_some(
    ctx: Context, rtype: str, role: str, first: str, later: str
) -> None:
    looks = [lab.look(lab.WEB, rtype, role, text) for text in (first, later)]
    both = [lab.evidence("dns", look, task="a", attempt=n, minutes=20 * n) for n, look in enumerate(looks, 1)]
    for evidence in (both, both[::-1]):
        assert lookup(EvidenceSet(evidence), ctx, lab.WEB, rtype, role).records == (first,)


def test_addresses_that_only_a_later_look_found_count(ctx: Context) -> None:
    looks = [lab.look(lab.WEB, "AAAA", "host"), lab.look(lab.WEB, "AAAA", "host", lab.V6)]
    both = [lab.evidence("dns", look, task="a", attempt=n, minutes=20 * n) for n, look in enumerate(looks, 1)]
    assert lookup(EvidenceSet(both), ctx, lab.WEB, "AAAA", "host").records == (lab.V6,)


def test_an_answer_outweighs_silence(ctx: Context) -> None:
    found = lookup(
        _host(lab.unanswered("AAAA", "host", lab.WEB), lab.look(lab.WEB, "AAAA", "host", lab.V6)),
        ctx,
        lab.WEB,
        "AAAA",
        "host",
    )
    assert found.records == (lab.V6,)


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (FailureKind.TIMEOUT, Reason.DNS),
        (FailureKind.REFUSED, Reason.DNS),
        (FailureKind.CUT_SHORT, Reason.CUT),
        (FailureKind.OUT_OF_SCOPE, Reason.SCOPE),
        (FailureKind.NO_PERMISSION, Reason.PRIV),
        (FailureKind.FILTERED_HERE, Reason.EGR),
    ],
)
def test_why_there_is_no_answer(ctx: Context, failure: FailureKind, reason: Reason) -> None:
    found = lookup(_host(lab.unanswered("AAAA", "host", lab.WEB, failure)), ctx, lab.WEB, "AAAA", "host")
    assert found.reason is reason


def test_other_names_types_and_roles_say_nothing(ctx: Context) -> None:
    evidence = _host(
        lab.look("other.example", "AAAA", "host", lab.V6),
        lab.look(lab.WEB, "A", "host", lab.V4),
        lab.look(lab.WEB, "AAAA", "redirect", lab.V6),
    )
    assert lookup(evidence, ctx, lab.WEB, "AAAA", "host").reason is Reason.CUT


def test_a_resolver_is_believed_where_only_an_address_to_dial_is_wanted(ctx: Context) -> None:
    evidence = _host(lab.look(lab.WEB, "AAAA", "host", lab.V6, via="resolver"))
    assert lookup(evidence, ctx, lab.WEB, "AAAA", "host").known
    assert lookup(evidence, ctx, lab.WEB, "AAAA", "host", authoritative=True).reason is Reason.EGR


def test_a_missing_name_and_no_data_both_say_none(ctx: Context) -> None:
    evidence = _host(
        lab.look(lab.WEB, "AAAA", "host"), lab.look(lab.WEB, "AAAA", "host", status=LookupStatus.NO_SUCH_NAME)
    )
    found = lookup(evidence, ctx, lab.WEB, "AAAA", "host")
    assert found.known
    assert found.status is LookupStatus.NO_DATA


def test_declared_addresses_stand_in_only_where_there_is_no_name(ctx: Context) -> None:
    named = lab.site(addresses=(ip_address(lab.V6),))
    assert own(named, _host(lab.look(lab.WEB, "AAAA", "host")), ctx, "AAAA").v6 == ()
    unnamed = lab.router(lab.V6, lab.V4)
    assert [str(a) for a in own(unnamed, EvidenceSet([]), ctx, "AAAA").v6] == [lab.V6]
    assert [str(a) for a in own(unnamed, EvidenceSet([]), ctx, "A").v4] == [lab.V4]


def test_unique_local_addresses_are_usable_inside_tslcd_alone(ctx: Context) -> None:
    evidence = _host(lab.look(lab.WEB, "AAAA", "host", "fd00::1"), lab.look(lab.WEB, "A", "host", lab.V4))
    assert usable_v6(lab.site(), evidence, ctx) == ()
    assert usable_v6(lab.site(network=Network.TSLCD), evidence, ctx) != ()


def test_canonical() -> None:
    assert canonical("WWW.Example.VN.") == "www.example.vn"
