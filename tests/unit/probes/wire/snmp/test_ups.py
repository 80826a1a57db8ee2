"""Tests the reading of a UPS's state from UPS-MIB."""

import pytest

from probes.observations.snmp import Varbind
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid, Tree
from probes.wire.snmp.ups import Ups, ups


def told(values: dict[Oid, int]) -> Ups | None:
    return ups(Tree(Varbind(dotted(oid), "int", str(value)) for oid, value in values.items()))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, None),
        ({oids.UPS_ALARMS: 3}, None),
        (
            {oids.UPS_BATTERY_STATUS: 2, oids.UPS_OUTPUT_SOURCE: 3},
            Ups(battery="normal", on_battery=False, minutes=None, alarms=0),
        ),
        (
            {oids.UPS_BATTERY_STATUS: 4, oids.UPS_OUTPUT_SOURCE: 5, oids.UPS_MINUTES_LEFT: 7, oids.UPS_ALARMS: 2},
            Ups(battery="depleted", on_battery=True, minutes=7, alarms=2, testing=True),
        ),
        (
            {oids.UPS_BATTERY_STATUS: 1, oids.UPS_SECONDS_ON_BATTERY: 30, oids.UPS_ALARMS: -1},
            Ups(battery=None, on_battery=True, minutes=None, alarms=0, testing=True),
        ),
        (
            {oids.UPS_BATTERY_STATUS: 2, oids.UPS_SECONDS_ON_BATTERY: 600, oids.UPS_MINUTES_LEFT: 0},
            Ups(battery="normal", on_battery=True, minutes=None, alarms=0),
        ),
    ],
)
def test_ups_is_read_from_what_the_device_says(values: dict[Oid, int], expected: Ups | None) -> None:
    assert told(values) == expected
