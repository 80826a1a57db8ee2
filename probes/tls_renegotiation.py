"""Counts how often a web server or a service of a mail host lets a client renegotiate TLS on one connection."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.secured_services import TLS_SERVICES
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


@endpoint_probe(
    version=1,
    title="Renegotiation by the client of a mail service",
    records=(TlsRenegotiation,),
    services=frozenset(TLS_SERVICES),
    needs_open=True,
    retry="flaw",
    deadline=300.0,
)
async def mail_tls_renegotiation(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """One connection, behind STARTTLS where the service begins in clear text; over SMTP in its turn."""
    if task.service is not None:
        await net.tls_renegotiation(rec, task.endpoint, protocol=TLS_SERVICES[task.service.name])
