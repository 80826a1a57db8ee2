"""Makes one TLS handshake with a web address, as a browser would for the name, or with a service of mail programs."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.secured_services import TLS_SERVICES, VERIFIED
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


@endpoint_probe(
    version=1,
    title="TLS handshake with mail services and directories",
    records=(TlsHandshake,),
    services=VERIFIED,
    needs_open=True,
    deadline=60.0,
)
async def mail_tls(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """That of an exchanger stands in the dialogue of the probe ``smtp``."""
    if task.service is not None:
        await net.tls(rec, task.endpoint, protocol=TLS_SERVICES[task.service.name])
