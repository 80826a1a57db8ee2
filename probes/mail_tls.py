"""Makes one TLS handshake with a service that mail programs use, for its certificate."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.secured_services import TLS_SERVICES, VERIFIED
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.web import TlsHandshake


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
