"""Tests the facts about the vantage's own path, read from its self-tests."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from auditor.facts.path.differences import CONNECTS
from auditor.facts.path.vantage_path import Detour, detour, own_path, width
from auditor.framework.context import OwnPath
from auditor.framework.gathered import SlowerOverIpv6
from auditor.framework.policy import default
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.vantage import ControlPath, FittedSegments, SizeTried
from tests.unit.auditor.contexts import context, evidence, vantage

A6, B6, C6 = (ip_address(f"2001:db8:fff{digit}::1") for digit in "fed")
A4 = ip_address("192.0.2.1")


def path(address: IPAddress, *rtts: float | None, mtu: int | None = 1500) -> ControlPath:
    sizes = tuple(SizeTried(size=n, sent=3, received=3 if mtu is not None and n <= mtu else 0) for n in (1500, 1480))
    return ControlPath(address=address, rtts=rtts, sizes=sizes)


def test_own_path_of_several_controls_is_the_widest_and_of_median_delay() -> None:
    steps = (path(A6, 0.01, 0.03, 0.02, mtu=1480), path(B6, 0.2, None), path(A4, 0.005))
    found = own_path(EvidenceSet([evidence(*steps)]), 6)
    assert (found.mtu, found.milliseconds) == (1500, 110.0)


def test_own_path_to_the_nearest_control_is_that_to_one_of_our_own() -> None:
    """The delay to root servers does not count as the delay of the path that all traffic takes."""
    implied = replace(path(C6, 0.001), implied=True)
    found = own_path(EvidenceSet([evidence(path(A6, 0.3, 0.2, None), implied), evidence(path(B6, 0.5))]), 6)
    assert found.nearest == 200.0
    assert own_path(EvidenceSet([evidence(implied)]), 6).nearest is None


def test_own_path_is_as_uneven_as_that_to_the_steadiest_control_of_our_own() -> None:
    rough, even = [0.01, 0.05] * 20, [0.01, 0.012] * 20
    implied = replace(path(C6, *[0.001] * 40), implied=True)
    found = own_path(EvidenceSet([evidence(path(A6, *rough), implied), evidence(path(B6, *even))]), 6)
    assert found.uneven == pytest.approx(2.0)
    few = own_path(EvidenceSet([evidence(path(A6, *rough), path(B6, 0.01, 0.01, None, 0.01))]), 6)
    assert few.uneven == pytest.approx(40.0)
    assert own_path(EvidenceSet([evidence(implied)]), 6).uneven is None


def test_own_path_what_one_control_loses_alone_is_no_loss_of_ours() -> None:
    limited, whole = path(A6, *[0.01] * 14, *[None] * 6), path(B6, *[0.01] * 20)
    found = own_path(EvidenceSet([evidence(limited, whole)]), 6)
    assert (found.sent, found.lost, found.is_lossy) == (20, 0, False)


def test_own_path_what_every_control_loses_is_lost_near_us() -> None:
    worse, better = path(A6, *[0.01] * 15, *[None] * 5), path(B6, *[0.01] * 16, *[None] * 4)
    found = own_path(EvidenceSet([evidence(worse, better), evidence(path(C6, *[0.01] * 17, *[None] * 3))]), 6)
    assert (found.sent, found.lost, found.is_lossy, found.answering) == (40, 7, True, 3)
    alone = own_path(EvidenceSet([evidence(worse)]), 6)
    assert (alone.lost, alone.loss) == (5, 25.0)


def test_own_path_a_control_that_answers_nothing_is_no_loss() -> None:
    found = own_path(EvidenceSet([evidence(path(A6, None, None, mtu=None), path(B6, 0.01))]), 6)
    assert (found.sent, found.lost) == (1, 0)
    assert own_path(EvidenceSet([evidence(path(A6, None, mtu=None))]), 6) == OwnPath()


@pytest.mark.parametrize(
    ("points", "fits"),
    [
        ([], False),
        ([(1480, None)], False),
        ([(1480, 1480)], True),
        ([(1480, 1480), (1480, 1480)], True),
        ([(1480, 1480), (1480, None)], False),  # the last test decides nothing: connections may not have fitted since
        ([(1500, None), (1480, 1480)], False),  # it was not narrow before, and the time of the change is unknown
        ([(1480, 1480), (1400, 1400)], False),
        ([(None, 1480)], True),  # of the sizes tried none came back
    ],
)
def test_own_path_fits_where_every_self_test_made_connections_fit(
    points: list[tuple[int | None, int | None]], fits: bool
) -> None:
    tests = []
    for number, (mtu, fitted) in enumerate(points):
        sizes = tuple(SizeTried(size=n, sent=3, received=3 if mtu and n <= mtu else 0) for n in (1500, 1480, 1400))
        made = () if fitted is None else (FittedSegments(family=6, size=fitted),)
        steps = (ControlPath(address=A6, rtts=(0.01,), sizes=sizes), *made)
        tests.append(replace(evidence(*steps), id=EvidenceId(str(number))))
    assert own_path(EvidenceSet(tests), 6).fits is fits


BOTH = {6: OwnPath(milliseconds=70.0, sent=100, lost=5), 4: OwnPath(milliseconds=10.0, sent=100, lost=1)}


@pytest.mark.parametrize(
    ("own", "shared", "found"),
    [
        (BOTH, None, Detour(milliseconds=60.0, points=4.0)),
        ({6: BOTH[4], 4: BOTH[6]}, None, Detour()),
        ({6: BOTH[6]}, None, None),
        ({}, SlowerOverIpv6(compared=3, slower=0), Detour()),
        ({}, SlowerOverIpv6(compared=2, slower=0), None),
        (BOTH, SlowerOverIpv6(compared=10, slower=4), None),
        (BOTH, SlowerOverIpv6(compared=10, slower=2), Detour(milliseconds=60.0, points=4.0)),
        (BOTH, SlowerOverIpv6(compared=2, slower=2), Detour(milliseconds=60.0, points=4.0)),
    ],
)
def test_detour_is_what_controls_show_unless_too_many_share_more(
    own: dict[int, OwnPath], shared: SlowerOverIpv6 | None, found: Detour | None
) -> None:
    here = replace(vantage(), own=own, shared={} if shared is None else {CONNECTS: shared})
    assert detour(replace(context(here), policy=default()), CONNECTS) == found


@pytest.mark.parametrize(
    ("mtu", "elsewhere", "found"),
    [(1500, False, 1500), (1492, False, 1492), (None, False, None), (1492, True, 1500), (None, True, 1500)],
)
def test_width_is_the_controls_or_what_came_back_from_elsewhere(
    mtu: int | None, elsewhere: bool, found: int | None
) -> None:
    here = vantage(controls=((6, "icmp-1500"),) if elsewhere else ())
    assert width(context(replace(here, own={6: OwnPath(mtu=mtu)})), A6) == found
