"""Connects once to an address that only an HTTPS record lists."""

from probes.framework.expand import HINT
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.transport import TcpConnect


@endpoint_probe(
    version=1,
    title="TCP connect to a hint of an HTTPS record",
    records=(TcpConnect,),
    services=frozenset({HINT}),
    retry="connect",
    deadline=15.0,
)
async def https_hint(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Connect and close, as the probe ``tcp`` does with the published addresses."""
    await net.tcp(rec, task.endpoint)
