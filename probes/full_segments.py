"""Sends TCP packets of 1280 and of 1500 bytes where echo requests of that size do not come back."""

from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import EchoShape, Net
from probes.net.tls.segments import send_segment
from probes.observations.path import LEAST, NARROWER, SEGMENT_SIZES, FullSegment

_HEADERS = 48  # IPv6 and ICMPv6
_ROUTERS = 3
"""Links on a path, each narrower than the one before, that are found one after the other."""


@endpoint_probe(
    version=2,
    title="TCP packets of full size",
    records=(FullSegment,),
    services=frozenset({"https"}),
    needs_open=True,
    deadline=60.0,
)
async def full_segments(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send TCP packets of growing size as long as they arrive; do nothing where echo requests already show this.

    A lost packet is sent once more. Where our own link is too small for the largest size, or a router says so, the
    largest size that fits is sent.
    """
    if task.endpoint.address.version != 6 or await _echo_shows(task, net, rec):
        return
    *smaller, largest = SEGMENT_SIZES
    for size in smaller:
        if (await _sent(task, net, rec, size)).failure is not None:
            return
    step = await _sent(task, net, rec, largest)
    for size in NARROWER:
        if step.failure is not None and step.failure.kind is FailureKind.CUT_SHORT:
            step = await _sent(task, net, rec, size)
    for _ in range(_ROUTERS):
        if step.failure is not None or step.mtu is None or not LEAST < step.mtu < step.size:
            return
        step = await _sent(task, net, rec, step.mtu)


async def _echo_shows(task: EndpointTask, net: Net, rec: Recorder) -> bool:
    """True if echo requests of the largest size that fits are answered: then TCP segments would show nothing more."""
    size = SEGMENT_SIZES[-1]
    for _ in range(_ROUTERS):
        shape = EchoShape(count=2, interval=0.2, size=size - _HEADERS)
        echoed = await net.echo(rec.aside(), task.endpoint.address, shape)
        if echoed.received:
            return True
        if echoed.mtu is None or not LEAST <= echoed.mtu < size:
            return False
        size = echoed.mtu
    return False


async def _sent(task: EndpointTask, net: Net, rec: Recorder, size: int) -> FullSegment:
    step = await send_segment(net, rec, task.endpoint, size)
    if step.failure is not None and step.failure.kind is FailureKind.TIMEOUT:
        step = await send_segment(net, rec, task.endpoint, size)
    return step
