"""Finds the versions, suites, groups and extensions of TLS that a web address or a service of a mail host accepts."""

from collections.abc import Iterable
from contextlib import suppress

from inventory.model import Endpoint
from probes.framework.limits import DEADLINE
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.framework.tls_services import TLS_SERVICES
from probes.net.api import Net
from probes.net.core.rules import port_of
from probes.net.tls.enumeration import SECONDS, Enumeration
from probes.net.tls.handshake import CHAIN_LIMIT
from probes.net.tls.scan_gate import Inquiry
from probes.net.tls.services import SMTP, TlsServices
from probes.observations.certificates import OtherCertificate
from probes.observations.tls import TlsSupport
from probes.wire.tls.errors import TlsWireError
from probes.wire.tls.sent import of_tls12

_HANDING_OVER = 1.0
"""Seconds before the deadline at which an enumeration sums up its results."""


@endpoint_probe(
    version=6,
    title="TLS enumeration",
    records=(TlsSupport, OtherCertificate),
    services=frozenset({"https", "https-alt"}),
    needs_open=True,
    deadline=90.0,
)
async def tls_support(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Enumerate by hellos only, summed up; five connections at once at most."""
    await enumerate_tls(net, rec, task.endpoint, protocol="https")


@endpoint_probe(
    version=6,
    title="TLS enumeration of mail services and directories",
    records=(TlsSupport, OtherCertificate),
    services=frozenset(TLS_SERVICES),
    needs_open=True,
    deadline=900.0,
)
async def mail_tls_support(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Enumerate by hellos only, behind STARTTLS where the service begins in clear text; over SMTP one at a time."""
    if task.service is not None:
        await enumerate_tls(net, rec, task.endpoint, protocol=TLS_SERVICES[task.service.name])


async def enumerate_tls(net: Net, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsSupport:
    """List everything that the endpoint accepts, by some tens of hellos.

    ``protocol`` is one of ``probes.net.tls.starttls``: ``smtp``, ``imap`` and ``pop3`` begin in clear text. Where
    several certificates are presented, each is recorded.
    """
    seen: dict[bytes, None] = {}
    services, mail = net.shared(TlsServices), protocol == SMTP
    blank = TlsSupport(address=endpoint.address, port=port_of(endpoint), server_name=endpoint.name, protocol=protocol)

    async def enumerate_all() -> TlsSupport:
        target, gate = services.target(endpoint, protocol), services.gate(endpoint.address, protocol)
        inquiry = Inquiry(services.hellos, target, gate, serial=mail)
        seconds = net.setting.timing.mail_enumeration if mail else SECONDS
        is_hurried, seconds = net.setting.timing.is_hurried, _in_time(seconds)
        try:
            return await Enumeration(inquiry, endpoint.name, seconds=seconds, is_hurried=is_hurried).run(blank)
        finally:
            seen.update(inquiry.certificates)

    async with services.gates.scan(endpoint.address):
        found = await net.step(rec, endpoint.address, blank, enumerate_all)
    for chain in _several(seen):
        other = OtherCertificate(
            address=found.address, port=found.port, server_name=found.server_name, protocol=found.protocol, chain=chain
        )
        rec.record(other, t0=found.t0)
    return found


def _several(messages: Iterable[bytes]) -> list[tuple[bytes, ...]]:
    """Return the chains of messages with certificates, by their leaves; none where all are equal."""
    chains: dict[bytes, tuple[bytes, ...]] = {}
    for message in messages:
        with suppress(TlsWireError):
            chain = of_tls12(message)[:CHAIN_LIMIT]
            chains.setdefault(b"".join(chain[:1]), chain)
    return list(chains.values()) if len(chains) > 1 else []


def _in_time(seconds: float) -> float:
    """Return ``seconds``, or fewer where the probe's deadline is sooner, so that the results until then are kept."""
    deadline = DEADLINE.get()
    return seconds if deadline is None else max(0.0, min(seconds, deadline.left - _HANDING_OVER))
