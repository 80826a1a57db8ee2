"""Tests which routers may have the whole table of the Internet, by what their tables say of BGP."""

import pytest

from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.bgp_routes import may_have_the_whole_table
from probes.observations.snmp import SnmpWalk
from probes.wire.snmp.tree import Tree
from tests.golden.cases_device_routing import OTHER, PEER, peers
from tests.golden.lab import NOW


def device(*steps: object) -> SeenDevice:
    walks = tuple(step for step in steps if isinstance(step, SnmpWalk))
    return SeenDevice("router-1", Tree(row for each in walks for row in each.rows), walks, (), (), NOW)


@pytest.mark.parametrize(("accepted", "may"), [(0, False), (63, False), (64, True), (200_000, True), (None, True)])
def test_few_accepted_prefixes_are_not_the_whole_table(accepted: int | None, may: bool) -> None:
    assert may_have_the_whole_table(device(*peers((PEER, 6), accepted=accepted))) is may


@pytest.mark.parametrize("state", [1, 3, 5])
def test_sessions_that_are_down_taught_nothing(state: int) -> None:
    assert not may_have_the_whole_table(device(*peers((PEER, state))))


def test_prefixes_of_all_sessions_count_together() -> None:
    assert may_have_the_whole_table(device(*peers((PEER, 6), (OTHER, 6), accepted=32)))
