"""Enumerates the versions, suites, groups and extensions of TLS that one web address accepts."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.tls import TlsSupport


@endpoint_probe(
    version=2,
    title="TLS enumeration",
    records=(TlsSupport,),
    services=frozenset({"https", "https-alt"}),
    needs_open=True,
    deadline=90.0,
)
async def tls_support(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Hellos only, one observation; five connections at once at most."""
    await net.tls_support(rec, task.endpoint, protocol="https")
