"""Reads the state of an uninterruptible power supply that a device is or monitors (UPS-MIB, RFC 1628)."""

from dataclasses import dataclass

from probes.wire.snmp import oids
from probes.wire.snmp.tree import Tree

_BATTERY = {2: "normal", 3: "low", 4: "depleted"}
_FROM_BATTERY = 5
_TEST = 60
"""The seconds that a UPS may take to test its battery by itself, as most do every week or two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ups:
    """Holds the state of a UPS.

    ``battery`` is the word for upsBatteryStatus, None if unknown; ``minutes``: the time left by its own estimate, None
    without one; ``alarms``: the number now present. ``testing``: it may be testing its battery, which takes seconds;
    also True on battery if the device does not say for how long.
    """

    battery: str | None
    on_battery: bool
    minutes: int | None
    alarms: int
    testing: bool = False


def ups(tree: Tree) -> Ups | None:
    """Return the state of the UPS; None if the device reports no battery."""
    status, source = tree.integer(oids.UPS_BATTERY_STATUS), tree.integer(oids.UPS_OUTPUT_SOURCE)
    if status is None and source is None:
        return None
    minutes, since = tree.integer(oids.UPS_MINUTES_LEFT), tree.integer(oids.UPS_SECONDS_ON_BATTERY)
    return Ups(
        battery=_BATTERY.get(status or 0),
        on_battery=source == _FROM_BATTERY or (since or 0) > 0,
        minutes=minutes if minutes is not None and minutes > 0 else None,  # it is a PositiveInteger
        alarms=max(0, tree.integer(oids.UPS_ALARMS) or 0),
        testing=0 < since < _TEST if since is not None else source == _FROM_BATTERY,
    )
