"""Makes one TLS handshake with a web address, as a browser would for the name, or with a service of mail programs."""

from inventory.model import Endpoint
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.framework.tls_services import TLS_SERVICES, VERIFIED
from probes.net.api import Net
from probes.net.core.rules import port_of
from probes.net.http.visit import shown
from probes.net.tls.services import TlsServices
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
    """Record the agreed parameters and the certificates sent; nothing is verified here."""
    await shake_hands(net, rec, task.endpoint, protocol="https")


@endpoint_probe(
    version=1,
    title="TLS handshake with mail services and directories",
    records=(TlsHandshake,),
    services=VERIFIED,
    needs_open=True,
    deadline=60.0,
)
async def mail_tls(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Shake hands with a mail service; the handshake of an exchanger is in the dialogue of the probe ``smtp``."""
    if task.service is not None:
        await shake_hands(net, rec, task.endpoint, protocol=TLS_SERVICES[task.service.name])


async def shake_hands(net: Net, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsHandshake:
    """Make one handshake, which is recorded and never verified."""
    handshaker = net.shared(TlsServices).handshaker
    blank = TlsHandshake(address=endpoint.address, port=port_of(endpoint), server_name=endpoint.name, protocol=protocol)

    async def handshake() -> TlsHandshake:
        return shown(blank, await handshaker.handshake(blank.address, blank.port, blank.server_name, protocol))

    return await net.step(rec, endpoint.address, blank, handshake)
