"""Counts how often a web server lets a client renegotiate TLS on one connection."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.tls import TlsRenegotiation


@endpoint_probe(
    version=1,
    title="Renegotiation by the client",
    records=(TlsRenegotiation,),
    services=frozenset({"https", "https-alt"}),
    needs_open=True,
    retry="flaw",
    deadline=60.0,
)
async def tls_renegotiation(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """One connection."""
    await net.tls_renegotiation(rec, task.endpoint, protocol="https")
