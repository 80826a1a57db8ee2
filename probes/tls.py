"""Makes one TLS handshake with one web address, as a browser would for the name."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.web import TlsHandshake


@endpoint_probe(
    version=1,
    title="TLS handshake",
    records=(TlsHandshake,),
    services=frozenset({"https", "https-alt"}),
    needs_open=True,
    deadline=20.0,
)
async def tls(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Record what was agreed and the certificates sent; nothing is verified here."""
    await net.tls(rec, task.endpoint, protocol="https")
