"""Records the OCSP response and the time stamps of logs that a server sends beside its certificate on request.

TLS 1.3 encrypts them, so that a handshake has to come to its end; before, two clear messages show them.
"""

import asyncio
from dataclasses import dataclass, replace

from inventory.model import Endpoint
from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.net.core import faults
from probes.net.core.rules import port_of
from probes.net.core.tcp import Connector
from probes.net.tls.client_hello import Hellos, HelloTarget, converse
from probes.net.tls.handshake import CHAIN_LIMIT
from probes.net.tls.services import TlsServices
from probes.observations.certificates import TlsStaple
from probes.wire.tls import groups, sent, signatures, suites
from probes.wire.tls.errors import TlsWireError
from probes.wire.tls.hello import HelloOffer
from probes.wire.tls.numbers import SIGNED_TIMESTAMPS, TLS12, version_name
from probes.wire.tls.sent import SentParts
from probes.wire.tls.session13 import Session13


@dataclass(frozen=True, slots=True, kw_only=True)
class Stapled:
    """Holds the stapled data. ``version`` is that of the handshake or flight that showed it."""

    version: str
    sent: SentParts


class Staples:
    """Asks on a connection of TLS 1.3, and if that fails on one of TLS 1.2."""

    def __init__(self, connector: Connector, hellos: Hellos, seconds: float) -> None:
        self._connector = connector
        self._hellos = hellos
        self._seconds = seconds

    async def asked(self, target: HelloTarget, server_name: str | None) -> Stapled:
        """Return the stapled data. Fault or OSError if neither version shows a certificate."""
        staple = await self._tls13(target, server_name)
        return staple if staple is not None else await self._tls12(target, server_name)

    async def _tls13(self, target: HelloTarget, server_name: str | None) -> Stapled | None:
        session = Session13(server_name, more=sent.ASKED)
        with await self._connector.connect(target.address, target.port) as sock:
            try:
                async with asyncio.timeout(self._seconds + target.patience):
                    await target.prologue(sock)
                    await converse(sock, session)
            except (TlsWireError, faults.Fault, OSError, EOFError):
                pass  # the data from before is valid
        if not session.certificates:
            return None
        try:
            return Stapled(version="TLSv1.3", sent=sent.of_tls13(session.certificates))
        except TlsWireError:
            return None

    async def _tls12(self, target: HelloTarget, server_name: str | None) -> Stapled:
        offer = HelloOffer(
            version=TLS12,
            suites=suites.usual(),
            server_name=server_name,
            groups=groups.for_tls12(),
            signatures=signatures.EVERY,
            more=sent.ASKED,
        )
        reply = await self._hellos.say(target, offer)
        flight, hello = reply.flight, reply.hello
        if hello is None or not flight.certificates:
            if reply.failure is not None:
                raise faults.Fault(reply.failure)
            raise faults.fault(FailureKind.PROTOCOL, "no certificate")
        try:
            return Stapled(
                version=version_name(hello.version),
                sent=SentParts(
                    chain=sent.of_tls12(flight.certificates),
                    ocsp=sent.of_status(flight.status) if flight.status else b"",
                    timestamps=dict(hello.extensions).get(SIGNED_TIMESTAMPS, b""),
                ),
            )
        except TlsWireError as problem:
            raise faults.fault(FailureKind.PROTOCOL, str(problem)) from problem


async def ask_staple(net: Net, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsStaple:
    """Record the OCSP response and time stamps of logs that the server sends when a client asks for them."""
    services = net.shared(TlsServices)
    staples = Staples(net.connector, services.hellos, net.setting.timing.tls)
    blank = TlsStaple(address=endpoint.address, port=port_of(endpoint), server_name=endpoint.name, protocol=protocol)

    async def ask() -> TlsStaple:
        async with services.gate(endpoint.address, protocol):
            got = await staples.asked(services.target(endpoint, protocol), endpoint.name)
        kept = got.sent
        return replace(
            blank, version=got.version, chain=kept.chain[:CHAIN_LIMIT], ocsp=kept.ocsp, timestamps=kept.timestamps
        )

    return await net.step(rec, endpoint.address, blank, ask)
