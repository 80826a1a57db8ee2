"""Probe ``full_segments``: TCP packets of 1280 and of 1500 bytes, where echo requests of that size do not come back."""

from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import EchoShape, Net
from probes.observations.path import SEGMENT_SIZES, FullSegment

ECHO = EchoShape(count=2, interval=0.2, size=SEGMENT_SIZES[-1] - 48)


@endpoint_probe(
    version=1,
    title="TCP packets of full size",
    records=(FullSegment,),
    services=frozenset({"https"}),
    needs_open=True,
    deadline=60.0,
)
async def full_segments(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Nothing where echo requests show it. A small one, then larger ones as long as they arrive; what was lost is sent
    once more."""
    address = task.endpoint.address
    if address.version != 6:
        return
    echoed = await net.echo(rec.aside(), address, ECHO)
    if echoed.received or echoed.mtu is not None:  # echo requests say all there is to know
        return
    for size in SEGMENT_SIZES:
        step = await net.segment(rec, task.endpoint, size)
        if step.failure is not None and step.failure.kind is FailureKind.TIMEOUT:
            step = await net.segment(rec, task.endpoint, size)
        if step.failure is not None:
            return
