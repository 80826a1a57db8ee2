"""Tests the abilities of a vantage at one moment, and when a failure may be held against an address."""

from dataclasses import replace
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.framework.address_owners import ANYWHERE, Location
from auditor.framework.context import OwnPath, SelfTestPoint, TransportKey
from auditor.framework.findings import Reason
from inventory.model import Network
from probes.framework.evidence import Attribution, Failure, FailureKind
from tests.unit.auditor.contexts import A4, A6, PROVEN, REFUSED, TIMEOUT, at, context, point, vantage

DAY = vantage(point(-60, 4, 6), point(0, 4), point(60, 4, 6, iterative=False), point(120, 6))


@pytest.mark.parametrize(
    ("minutes", "v6", "v4", "iterative"),
    [
        (-90, True, True, True),  # only the first self-test, right after it
        (-60, False, True, True),  # the moment of a test belongs to the time after it
        (-30, False, True, True),
        (30, False, True, False),
        (59.99, False, True, False),
        (60, True, False, False),
        (120, True, False, True),
        (500, True, False, True),  # interrupted: nothing was tested after it
    ],
)
def test_both_sides_of_a_moment_must_be_well(minutes: float, *, v6: bool, v4: bool, iterative: bool) -> None:
    assert (DAY.usable(6, at(minutes)), DAY.usable(4, at(minutes))) == (v6, v4)
    assert DAY.iterative(at(minutes)) is iterative


def test_without_a_self_test_nothing_is_known_to_work() -> None:
    blank = replace(DAY, points=())
    assert not blank.usable(6, at(0))
    assert not blank.iterative(at(0))


@given(families=st.lists(st.frozensets(st.sampled_from([4, 6])), max_size=4))
def test_steady_means_that_every_moment_is_alike(families: list[frozenset[int]]) -> None:
    points = [point(10 * number, *sorted(family)) for number, family in enumerate(families)]
    seen = vantage(*points)
    moments = [at(minutes) for minutes in range(-5, 60, 5)]
    alike = all(
        seen.usable(family, moment) is seen.usable(family, moments[0]) for family in (4, 6) for moment in moments
    )
    assert seen.is_steady is alike


@given(families=st.lists(st.frozensets(st.sampled_from([4, 6])), min_size=1, max_size=6), minutes=st.integers(-10, 70))
def test_one_bad_side_taints_what_is_between(families: list[frozenset[int]], minutes: int) -> None:
    points = [point(10 * number, *sorted(family)) for number, family in enumerate(families)]
    before = [point for point in points if point.at <= at(minutes)]
    around = before[-1:] + points[len(before) : len(before) + 1]
    assert vantage(*points).usable(6, at(minutes)) is all(6 in self_test_point.families for self_test_point in around)


@pytest.mark.parametrize(
    ("answered", "transport", "proven"),
    [
        ((), "tcp/443", False),
        (("2001:db8:1::7",), "tcp/443", False),  # its own prefix proves nothing about the path there
        (("2001:db8:2::7",), "tcp/443", True),
        (("2001:db8:1::7", "2001:db8:2::7"), "tcp/443", True),
        (("2001:db8:2::7",), "tcp/80", False),
        (("2001:db8:2::7",), "icmp", False),
    ],
)
def test_proven_with_answers_of_subjects_needs_one_of_another_prefix(
    answered: tuple[str, ...], transport: str, *, proven: bool
) -> None:
    answers = {(6, "tcp/443"): frozenset(ANYWHERE.owner(ip_address(text)) for text in answered)}
    health = replace(vantage(), answers=answers)
    assert health.proven(A6, transport) is proven
    assert not health.proven(A4, "tcp/443")


def test_proven_with_a_configured_control_holds_for_every_address() -> None:
    """A configured control holds for addresses of its own prefix too: inside TSLCD all sites share that prefix."""
    health = vantage(controls=((6, "tcp/443"),))
    inside = Location(network=Network.TSLCD, site="xa-a")
    assert health.proven(A6, "tcp/443")
    assert health.proven(A6, "tcp/443", location=inside)
    assert not health.proven(A6, "icmp", location=inside)
    assert not health.proven(A4, "tcp/443", location=inside)


@pytest.mark.parametrize(
    ("others", "proven"),
    [
        ((("xa-a", "2001:db8:1:9::1"),), False),  # its own router proves nothing about the path there
        ((("xa-b", "2001:db8:1::2"),), True),  # another commune, though it is in the same /64
        ((("", "2001:db8:1:9::1"),), True),
    ],
)
def test_proven_inside_tslcd_needs_an_answer_of_another_site(
    others: tuple[tuple[str, str], ...], *, proven: bool
) -> None:
    owners = (Location(network=Network.TSLCD, site=site).owner(ip_address(text)) for site, text in others)
    health = replace(vantage(), answers={(6, "icmp"): frozenset(owners)})
    assert health.proven(A6, "icmp", location=Location(network=Network.TSLCD, site="xa-a")) is proven


def test_proven_inside_tslcd_not_by_what_the_internet_answers() -> None:
    health = replace(vantage(), answers={(6, "icmp"): frozenset({ANYWHERE.owner(ip_address("2001:db8:2::1"))})})
    assert health.proven(A6, "icmp")
    assert not health.proven(A6, "icmp", location=Location(network=Network.TSLCD, site="xa-a"))


KEY = (6, "tcp/443")
ANSWERED, SILENT = {"answered": frozenset({KEY})}, {"silent": frozenset({KEY})}


@pytest.mark.parametrize(
    ("tests", "proven"),
    [
        ([{}, {}], True),  # no control of its own: answers in the run count
        ([ANSWERED, ANSWERED], True),
        ([ANSWERED, SILENT], False),
        ([SILENT, ANSWERED], False),
        ([SILENT, SILENT], True),  # controls that never answer over it prove nothing about it
        ([ANSWERED, ANSWERED, SILENT], True),  # silent, but not beside the moment
        ([ANSWERED, {}, SILENT], True),
    ],
)
def test_controls_that_fell_silent_beside_a_moment(
    tests: list[dict[str, frozenset[TransportKey]]], *, proven: bool
) -> None:
    """A control counts at a moment between the first two self-tests if it had not fallen silent there."""
    points = [replace(point(60 * number, 4, 6), **kinds) for number, kinds in enumerate(tests)]  # type: ignore[arg-type]  # names of two fields
    health = vantage(*points, controls=(KEY,))
    assert health.proven(A6, "tcp/443", at(30)) is proven
    assert health.proven(A6, "tcp/443")


@pytest.mark.parametrize("kind", FailureKind)
def test_every_failure_of_ours_has_a_reason_and_no_other_has_one_where_the_way_is_proven(kind: FailureKind) -> None:
    reason = PROVEN.unproven(Failure(kind=kind), A6, "tcp/443")
    assert (reason is not None) is (kind.attribution is Attribution.OURS)


def test_silence_needs_a_control_and_refusal_none() -> None:
    ctx = context()
    assert ctx.unproven(None, A6, "tcp/443") is None
    assert ctx.unproven(TIMEOUT, A6, "tcp/443") is Reason.EGR
    assert ctx.unproven(REFUSED, A6, "tcp/443") is None
    assert PROVEN.unproven(TIMEOUT, A6, "tcp/443") is None
    assert PROVEN.unproven(TIMEOUT, A6, "tcp/80") is Reason.EGR


_PASSES = ((6, "tcp/443"), (6, "tcp-full"), (6, "large-hello"))


@pytest.mark.parametrize(
    ("own", "reason"),
    [
        ({}, None),
        ({6: OwnPath(mtu=1492)}, None),  # our own link: connections agree on smaller segments
        ({6: OwnPath(mtu=1480, routers=frozenset({A6}))}, Reason.V6),
        ({6: OwnPath(mtu=1480, routers=frozenset({A6}), fits=True)}, None),  # connections were made to
    ],
)
def test_unproven_silence_behind_a_router_of_ours_with_a_narrow_link_is_ours(
    own: dict[int, OwnPath], reason: Reason | None
) -> None:
    here = context(replace(vantage(controls=_PASSES), own=own))
    assert here.unproven(TIMEOUT, A6, "tcp/443", large=True) is reason
    assert here.unproven(TIMEOUT, A6, "tcp/443") is None


def test_proven_large_hellos_elsewhere_say_nothing_where_full_segments_are_lost() -> None:
    silent = SelfTestPoint(
        at=at(0), label="before", families=frozenset({6}), iterative=True, silent=frozenset({(6, "tcp-full")})
    )
    here = vantage(controls=((6, "large-hello"),))
    assert here.proven(A6, "large-hello", at(0))
    assert not replace(here, points=(silent,)).proven(A6, "large-hello", at(0))


@pytest.mark.parametrize(
    ("own", "reason"),
    [
        (OwnPath(answering=2, sent=60, lost=12), Reason.V6),
        (OwnPath(answering=2, sent=60, lost=11), None),
        (OwnPath(answering=1, sent=60, lost=30), None),  # a limit on the echo of that one control looks the same
    ],
)
def test_silence_behind_a_line_of_ours_that_loses_a_fifth_is_nobody_else_s(own: OwnPath, reason: Reason | None) -> None:
    ctx = context(replace(vantage(controls=((6, "tcp/443"),)), own={6: own}))
    assert ctx.unproven(TIMEOUT, A6, "tcp/443", at(0)) is reason
    assert ctx.unproven(Failure(kind=FailureKind.REFUSED), A6, "tcp/443", at(0)) is None
    unreachable = Failure(kind=FailureKind.UNREACHABLE)
    assert ctx.unproven(unreachable, A6, "tcp/443", at(0)) is None  # a router said so: that packet was not lost
