"""Says how the uninterruptible power supply of a device stands, where the device shows one."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from auditor.facts.device.answers import Device
from auditor.framework.check import Message, says
from auditor.framework.findings import Outcome, Verdict
from probes.wire.snmp.ups import Ups, ups

CODES: Mapping[str, Message] = {
    "UPS_READY": says(Outcome.PASS, "The UPS of {name} is fed from the mains, and its battery is in order."),
    "UPS_LOW": says(
        Outcome.WARN,
        "The battery of the UPS of {name} is low or empty: the device goes off with the next loss of power.",
        fix="Have the battery charged or replaced.",
    ),
    "UPS_ON_BATTERY": says(
        Outcome.WARN,
        "The UPS of {name} runs on its battery; by its own estimate {minutes:n} {minutes/minute/minutes}"
        " {minutes/is/are} left.",
        fix="Restore the mains at the site before the battery is empty.",
    ),
    "UPS_ON_BATTERY_NO_ESTIMATE": says(
        Outcome.WARN,
        "The UPS of {name} runs on its battery, and does not say how long that lasts.",
        fix="Restore the mains at the site before the battery is empty.",
    ),
    "UPS_ALARM": says(
        Outcome.WARN,
        "The UPS of {name} reports {count:n} {count/alarm/alarms}.",
        fix="Look at the display of the UPS for what it reports.",
    ),
}
_DETAIL = "UPS"


def backed_up(device: Device) -> Iterator[Verdict]:
    """One verdict about the UPS; none about a device that shows none or does not say how it stands."""
    found = ups(device.tree)
    said = None if found is None else _judge(device, found)
    if said is not None:
        yield replace(said, detail=_DETAIL)


def _judge(device: Device, found: Ups) -> Verdict | None:
    if found.battery in ("low", "depleted"):
        return device.says("UPS_LOW")
    if found.on_battery:
        if found.minutes is None:
            return device.says("UPS_ON_BATTERY_NO_ESTIMATE")
        return device.says("UPS_ON_BATTERY", minutes=found.minutes)
    if found.alarms:
        return device.says("UPS_ALARM", count=found.alarms)
    return device.says("UPS_READY") if found.battery == "normal" else None
