"""Tests web and mail services for known flaws of TLS implementations, harmlessly and where the owner authorised it."""

from inventory.model import Clearance
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.secured_services import TLS_SERVICES
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.tls.weaknesses import EARLY_CCS, HEARTBLEED
from probes.observations.tls import TlsWeakness


@endpoint_probe(
    version=1,
    title="Known TLS flaws",
    records=(TlsWeakness,),
    services=frozenset({"https", "https-alt"}),
    needs_open=True,
    retry="flaw",
    deadline=60.0,
    clearance=Clearance.INTRUSIVE,
)
async def tls_weaknesses(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Each flaw on connections of its own."""
    for weakness in (HEARTBLEED, EARLY_CCS):
        await net.tls_weakness(rec, task.endpoint, protocol="https", weakness=weakness)


@endpoint_probe(
    version=1,
    title="Known TLS flaws of mail services and directories",
    records=(TlsWeakness,),
    services=frozenset(TLS_SERVICES),
    needs_open=True,
    retry="flaw",
    deadline=300.0,
    clearance=Clearance.INTRUSIVE,
)
async def mail_tls_weaknesses(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Each flaw on connections of its own."""
    if task.service is not None:
        for weakness in (HEARTBLEED, EARLY_CCS):
            await net.tls_weakness(rec, task.endpoint, protocol=TLS_SERVICES[task.service.name], weakness=weakness)
