"""Records the segment size that services inside TSLCD agree on, over IPv4 and IPv6."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.tls.segments import agree_on_segments
from probes.observations.path import SegmentSize


@endpoint_probe(
    version=1,
    title="TCP segments inside TSLCD",
    records=(SegmentSize,),
    services=frozenset({"http", "https", "ssh"}),
    needs_open=True,
    deadline=30.0,
)
async def segment_sizes(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Connect once to each open service."""
    if task.tslcd is not None:
        await agree_on_segments(net, rec, task.endpoint)
