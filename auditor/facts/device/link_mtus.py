"""Says of a device on which links the device at the other end takes packets of another size."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from auditor.facts.device.answers import Device
from auditor.framework.check import Message, says
from auditor.framework.context import Context
from auditor.framework.findings import Outcome, Verdict
from inventory.model import Subject

CODES: Mapping[str, Message] = {
    "MTU_DIFFERS": says(
        Outcome.WARN,
        "{name} takes packets of up to {mtu:n} bytes on {interface}, but {other} at the other end of the link"
        " {network} of up to {theirs:n}: what is larger than the smaller of both is lost.",
        fix="Set the same MTU at both ends of the link.",
    )
}


def unequal(subject: Subject, device: Device, ctx: Context) -> Iterator[Verdict]:
    """A verdict about each interface at whose other end another MTU is set."""
    links = {one.interface: one for one in ctx.estate.mtus.get(subject.id, ())}
    for link in links.values():
        said = device.says(
            "MTU_DIFFERS",
            interface=link.interface,
            mtu=link.mtu,
            other=link.other,
            theirs=link.theirs,
            network=link.network,
        )
        yield replace(said, detail=link.interface)
