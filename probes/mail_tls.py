"""Probe ``mail_tls``: one TLS handshake with a service of people's mail programs, for its certificate."""

from probes.framework.mail_services import FOR_CLIENTS, MAIL_TLS
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.web import TlsHandshake


@endpoint_probe(
    version=1,
    title="TLS handshake with mail services",
    records=(TlsHandshake,),
    services=FOR_CLIENTS,
    needs_open=True,
    deadline=60.0,
)
async def mail_tls(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """That of an exchanger stands in the dialogue of the probe ``smtp``."""
    if task.service is not None:
        await net.tls(rec, task.endpoint, protocol=MAIL_TLS[task.service.name])
