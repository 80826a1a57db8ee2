"""Tests web and mail services for known flaws of TLS implementations, harmlessly and where the owner authorised it."""

from dataclasses import replace

from inventory.model import Clearance, Endpoint
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.framework.tls_services import TLS_SERVICES
from probes.net.api import Net
from probes.net.core.rules import port_of
from probes.net.tls.services import TlsServices
from probes.net.tls.weaknesses import EARLY_CCS, HEARTBLEED, TRIES, Weaknesses
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
    """Try each flaw on connections of its own."""
    for weakness in (HEARTBLEED, EARLY_CCS):
        await try_weakness(net, rec, task.endpoint, protocol="https", weakness=weakness)


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
    """Try each flaw on connections of its own."""
    if task.service is not None:
        for weakness in (HEARTBLEED, EARLY_CCS):
            await try_weakness(net, rec, task.endpoint, protocol=TLS_SERVICES[task.service.name], weakness=weakness)


async def try_weakness(net: Net, rec: Recorder, endpoint: Endpoint, *, protocol: str, weakness: str) -> TlsWeakness:
    """Try one flaw of ``probes.net.tls.weaknesses`` twice."""
    services = net.shared(TlsServices)
    weaknesses = Weaknesses(net.connector, net.setting.timing.tls)
    blank = TlsWeakness(
        address=endpoint.address,
        port=port_of(endpoint),
        server_name=endpoint.name,
        protocol=protocol,
        weakness=weakness,
    )

    async def try_all() -> TlsWeakness:
        target, gate, tries = services.target(endpoint, protocol), services.gate(endpoint.address, protocol), []
        for _ in range(TRIES):
            async with gate:
                tries.append(await weaknesses.tried(target, endpoint.name, weakness))
        return replace(blank, tries=tuple(tries))

    return await net.step(rec, endpoint.address, blank, try_all)
