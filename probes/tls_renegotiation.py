"""Counts how often a web server or a service of a mail host lets a client renegotiate TLS on one connection."""

from dataclasses import replace

from inventory.model import Endpoint
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.framework.tls_services import TLS_SERVICES
from probes.net.api import Net
from probes.net.core.rules import port_of
from probes.net.tls.renegotiation import Renegotiation
from probes.net.tls.services import TlsServices
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
    """Renegotiate on one connection."""
    await renegotiate(net, rec, task.endpoint, protocol="https")


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
    """Renegotiate on one connection, behind STARTTLS where the service begins in clear text; over SMTP in its turn."""
    if task.service is not None:
        await renegotiate(net, rec, task.endpoint, protocol=TLS_SERVICES[task.service.name])


async def renegotiate(net: Net, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsRenegotiation:
    """Renegotiate as a client on one connection, until it is refused or the limit is reached."""
    services = net.shared(TlsServices)
    renegotiation = Renegotiation(net.connector, net.setting.timing.tls)
    blank = TlsRenegotiation(
        address=endpoint.address, port=port_of(endpoint), server_name=endpoint.name, protocol=protocol
    )

    async def count() -> TlsRenegotiation:
        async with services.gate(endpoint.address, protocol):
            counted, ended = await renegotiation.counted(services.target(endpoint, protocol), endpoint.name)
        return replace(blank, count=counted, ended=ended)

    return await net.step(rec, endpoint.address, blank, count)
