"""Finds which versions, suites, groups and extensions of TLS a web address or a service of a mail host accepts."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.secured_services import TLS_SERVICES
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


@endpoint_probe(
    version=2,
    title="TLS enumeration of mail services and directories",
    records=(TlsSupport,),
    services=frozenset(TLS_SERVICES),
    needs_open=True,
    deadline=900.0,
)
async def mail_tls_support(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Hellos only, behind STARTTLS where the service begins in clear text; over SMTP one connection at a time."""
    if task.service is not None:
        await net.tls_support(rec, task.endpoint, protocol=TLS_SERVICES[task.service.name])
