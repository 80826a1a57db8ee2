"""Tests that access from inside the network does not show that the Internet has access."""

from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from auditor.framework.check import Check, SilenceMeaning, VantageKind, load
from auditor.framework.context import Context
from auditor.framework.findings import Outcome, Reason, Verdict
from auditor.framework.inventory_index import InventoryIndex
from inventory.model import IPAddress, Network
from tests.unit.auditor.contexts import A4, A6, SITE, always, check, connect, context, judged, vantage

INSIDE6, INSIDE4 = ip_address("2001:db8:1:9::7"), ip_address("192.0.2.200")
OUTSIDE6 = ip_address("2001:db8:2::7")
PRIVATE = ip_address("10.0.0.7")
BAD = replace(
    check(always(Verdict(code="BAD", address=A6)), question=SilenceMeaning.EXPOSURE), unauthenticated=frozenset({"BAD"})
)


def standing(*sources: IPAddress, public: tuple[IPAddress, ...] = (), declared: bool = True) -> Context:
    known = tuple(map(ip_network, ("2001:db8:1::/48", "192.0.2.0/24"))) if declared else ()
    here = replace(vantage(), sources=sources, public=public)
    return replace(context(here), inventory=InventoryIndex(prefixes=known))


@pytest.mark.parametrize(
    ("ctx", "held"),
    [
        (standing(INSIDE6), False),
        (standing(OUTSIDE6), True),
        (standing(INSIDE4), True),  # another family proves nothing about this one
        (standing(INSIDE6, declared=False), False),  # of one /48, which has one owner
        (standing(OUTSIDE6, declared=False), True),
        (standing(), True),
    ],
)
def test_an_open_port_seen_from_inside_is_not_open_to_the_internet(ctx: Context, held: bool) -> None:
    (found,) = judged(BAD, connect(A6), ctx=ctx)
    assert found.outcome is (Outcome.FAIL if held else Outcome.INCONCLUSIVE)
    assert found.reason is (None if held else Reason.VP)
    assert found.address == A6


@pytest.mark.parametrize(("last", "held"), [(6, False), (9, True)])
def test_an_ipv4_block_of_a_provider_has_many_owners(last: int, held: bool) -> None:
    (found,) = judged(_at(A4), connect(A4), ctx=standing(ip_address(f"192.0.2.{last}"), declared=False))
    assert (found.outcome is Outcome.FAIL) is held


@pytest.mark.parametrize(("public", "held"), [((), True), ((INSIDE4,), False), ((ip_address("203.0.113.7"),), True)])
def test_behind_translation_it_counts_what_others_see(public: tuple[IPAddress, ...], held: bool) -> None:
    (found,) = judged(_at(A4), connect(A4), ctx=standing(PRIVATE, public=public))
    assert (found.outcome is Outcome.FAIL) is held


@pytest.mark.parametrize(
    ("sources", "public", "held"),
    [
        ((PRIVATE, INSIDE6), (), False),
        ((PRIVATE, OUTSIDE6), (), True),
        ((PRIVATE, INSIDE6), (ip_address("203.0.113.7"),), True),  # it leaves through another owner's network
    ],
)
def test_behind_translation_the_other_family_tells_in_whose_network_the_vantage_stands(
    sources: tuple[IPAddress, ...], public: tuple[IPAddress, ...], held: bool
) -> None:
    subject = replace(SITE, addresses=(A4, A6))
    (found,) = judged(_at(A4), connect(A4), ctx=standing(*sources, public=public), subject=subject)
    assert (found.outcome is Outcome.FAIL) is held


def _at(address: IPAddress) -> Check:
    return replace(BAD, run=always(Verdict(code="BAD", address=address)))


def test_a_comparison_of_addresses_needs_to_be_seen_from_outside_at_each() -> None:
    one, other = connect(A6), connect(A4)
    whole = replace(BAD, run=always(Verdict(code="BAD", evidence=(one.id, other.id))))
    (found,) = judged(whole, one, other, ctx=standing(OUTSIDE6, INSIDE4))
    assert found.reason is Reason.VP


def test_inside_tslcd_there_are_no_strangers_from_the_internet() -> None:
    inside = replace(SITE, network=Network.TSLCD)
    here = standing(INSIDE6)
    here = replace(here, vantage=replace(here.vantage, networks=frozenset({Network.TSLCD})))
    anywhere = replace(BAD, vantage=frozenset({VantageKind.INET, VantageKind.TSL}))
    (found,) = judged(anywhere, connect(A6), subject=inside, ctx=here)
    assert found.outcome is Outcome.FAIL


def test_strangers_are_spoken_of_in_declared_messages() -> None:
    for each in load().values():
        assert each.unauthenticated <= each.messages.keys()
        assert not each.unauthenticated or each.question is SilenceMeaning.EXPOSURE
        outcomes = {each.messages[code].outcome for code in each.unauthenticated}
        assert outcomes <= {Outcome.WARN, Outcome.FAIL}, each.id


def test_prefixes_are_those_of_all_rows() -> None:
    rows = (replace(SITE, tags=(f"prefix={text}",)) for text in ("2001:db8:1::/48", "192.0.2.0/24"))
    index = InventoryIndex.of(rows)
    assert index.share_prefix(INSIDE6, A6)
    assert not index.share_prefix(OUTSIDE6, A6)
    assert not index.share_prefix(INSIDE4, A6)
