"""Probe ``mail_tls_weaknesses``: known flaws of TLS on mail services, where the owner authorised to touch them."""

from inventory.model import Clearance
from probes.framework.mail_services import MAIL_TLS
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.weaknesses import EARLY_CCS, HEARTBLEED
from probes.observations.tls import TlsWeakness


@endpoint_probe(
    version=1,
    title="Known TLS flaws of mail services",
    records=(TlsWeakness,),
    services=frozenset(MAIL_TLS),
    needs_open=True,
    retry="flaw",
    deadline=300.0,
    clearance=Clearance.INTRUSIVE,
)
async def mail_tls_weaknesses(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Each flaw on connections of its own."""
    if task.service is not None:
        for weakness in (HEARTBLEED, EARLY_CCS):
            await net.tls_weakness(rec, task.endpoint, protocol=MAIL_TLS[task.service.name], weakness=weakness)
