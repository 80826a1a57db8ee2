"""Says how much light the ports of a device receive, and which receive less than the device itself calls good."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from auditor.facts.device.answers import Device
from auditor.facts.device.interfaces import is_up
from auditor.framework.check import Message, says
from auditor.framework.findings import Outcome, Verdict
from probes.wire.snmp.optics import Light, light

CODES: Mapping[str, Message] = {
    "LIGHT": says(Outcome.PASS, "The optical ports of {name} receive light: {levels:list}."),
    "LIGHT_LOW": says(
        Outcome.WARN,
        "{levels/An optical port/Optical ports} of {name} {levels/receives/receive} less light than the device calls"
        " good: {levels:list}.",
        fix="Clean the connectors, look for bends in the fibre, and have its loss measured before it fails.",
    ),
}
_DETAIL = "light"
_SHOWN = 20


def received(device: Device) -> Iterator[Verdict]:
    """One verdict about all ports that are up and measure it; a port without a fibre is dark by right."""
    levels = [one for one in light(device.tree) if is_up(device, one.if_index)]
    dim = [one for one in levels if one.least is not None and one.dbm < one.least]
    if levels:
        said = device.says("LIGHT_LOW" if dim else "LIGHT", levels=_texts(device, dim or levels))
        yield replace(said, detail=_DETAIL)


def _texts(device: Device, levels: Sequence[Light]) -> tuple[str, ...]:
    return tuple(
        f"{device.interface(one.if_index)} {one.dbm:.1f} dBm" + ("" if one.least is None else f" (≥ {one.least:.1f})")
        for one in levels[:_SHOWN]
    )
