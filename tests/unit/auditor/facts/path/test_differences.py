"""Tests that a problem shared by many subjects is told from that of a few, without the vantage's own detour."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from auditor.facts.path.differences import CONNECTS, ECHOES, Differences
from auditor.framework.context import OwnPath
from auditor.framework.gathered import SlowerOverIpv6
from auditor.framework.policy import default
from inventory.model import SubjectId
from probes.framework.evidence import Evidence, Observation
from probes.observations.pages import Pair, PairedConnects
from probes.observations.path import EchoTrain
from tests.unit.auditor.contexts import evidence

V4, V6 = ip_address("198.51.100.1"), ip_address("2001:db8::1")


def of(subject: int, *steps: Observation) -> Evidence:
    return replace(evidence(*steps), subject=SubjectId(str(subject)))


def connects(subject: int, more: float) -> Evidence:
    pair = Pair(address4=V4, address6=V6, seconds4=0.01, seconds6=0.01 + more)
    return of(subject, PairedConnects(port=443, pairs=(pair,) * 3))


def test_those_that_are_slower_by_more_than_is_passed_are_counted() -> None:
    differences = Differences()
    for subject, more in enumerate((0.0, 0.001, 0.06, 0.07)):
        differences.add(connects(subject, more))
    assert differences.seen(default(), {})[CONNECTS] == SlowerOverIpv6(compared=4, slower=2)
    assert differences.seen(default(), {})[ECHOES] == SlowerOverIpv6()


def test_the_own_detour_is_nobodys() -> None:
    differences = Differences()
    for subject in range(4):
        differences.add(connects(subject, 0.06))
    own = {6: OwnPath(milliseconds=70.0, sent=60), 4: OwnPath(milliseconds=10.0, sent=60)}
    assert differences.seen(default(), own)[CONNECTS] == SlowerOverIpv6(compared=4, slower=0)


def test_echoes_to_the_addresses_of_a_subject_are_compared() -> None:
    differences = Differences()
    for subject, more in enumerate((0.0, 0.05)):
        differences.add(of(subject, EchoTrain(address=V4, interval=0.2, rtts=(0.01, None))))
        differences.add(of(subject, EchoTrain(address=V6, interval=0.2, rtts=(0.01 + more,))))
    differences.add(of(9, EchoTrain(address=V6, interval=0.2, rtts=(0.5,))))  # of only one family
    assert differences.seen(default(), {})[ECHOES] == SlowerOverIpv6(compared=2, slower=1)


def test_a_subject_is_not_slower_where_its_fastest_connect_is_as_fast() -> None:
    differences = Differences()
    pairs = tuple(Pair(address4=V4, address6=V6, seconds4=0.01, seconds6=seconds) for seconds in (0.01, 0.2, 0.3))
    differences.add(of(1, PairedConnects(port=443, pairs=pairs)))
    assert differences.seen(default(), {})[CONNECTS] == SlowerOverIpv6(compared=1, slower=0)


def test_a_subject_without_ipv6_is_not_compared() -> None:
    differences = Differences()
    differences.add(of(1, EchoTrain(address=V4, interval=0.2, rtts=(0.01,))))
    assert differences.seen(default(), {})[ECHOES] == SlowerOverIpv6()


@pytest.mark.parametrize("family", [4, 6])
def test_an_own_way_that_is_known_over_one_family_is_no_detour(family: int) -> None:
    differences = Differences()
    differences.add(connects(1, 0.06))
    own = {family: OwnPath(milliseconds=70.0, sent=60)}
    assert differences.seen(default(), own)[CONNECTS] == SlowerOverIpv6(compared=1, slower=1)
