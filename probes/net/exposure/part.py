"""Implements the exposure calls of ``Net``: sweeps, datagrams, first words of FTP, SMB and SSH."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from inventory.model import Endpoint, IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.core.loop_lag import LoopLag
from probes.net.core.rules import SWEEP, Timing
from probes.net.core.steps import Steps
from probes.net.core.tcp import Connector
from probes.net.exposure import greetings, packets
from probes.net.exposure.ssh import USER, Ssh
from probes.net.exposure.sweep import Sweeper
from probes.observations.exposure import DatagramReply, FtpGreeting, PortSweep, SmbNegotiate
from probes.observations.ssh import SshAuthMethods, SshExchange
from probes.observations.transport import QuicKnock
from probes.wire import amplifiers, quic

_QUIC_KEPT = 64


class Exposure(Steps):
    """Implements those calls of ``Net`` on the connector and under the rules of the class that inherits it."""

    def __init__(
        self,
        connector: Connector,
        admit: Callable[[IPAddress], Awaitable[None]],
        timing: Timing,
        chance: random.Random,
        loop_lag: LoopLag,
    ) -> None:
        self._exposed = connector
        self._exposure_timing = timing
        self._sweeper = Sweeper(connector, admit, loop_lag)
        self._ssh = Ssh(connector, timing.tls, chance=chance)

    async def sweep(
        self, rec: Recorder, address: IPAddress, ports: Sequence[int], *, name: str | None = None
    ) -> PortSweep:
        blank = PortSweep(address=address)

        async def sweep_ports() -> PortSweep:
            return replace(blank, replies=await self._sweeper.sweep(address, tuple(ports), name))

        return await self._step(rec, address, blank, sweep_ports, transport=SWEEP)

    async def datagram(self, rec: Recorder, address: IPAddress, *, service: str) -> DatagramReply:
        request = amplifiers.REQUESTS[service]
        blank = DatagramReply(address=address, port=request.port, service=service, sent=len(request.payload))

        async def ask() -> DatagramReply:
            seconds, elsewhere = self._exposure_timing.dns_udp, request.elsewhere
            got = await packets.ask(address, request.port, request.payload, seconds, elsewhere=elsewhere)
            return replace(blank, received=got.received, reply=got.first, failure=got.failure)

        return await self._step(rec, address, blank, ask)

    async def quic(self, rec: Recorder, endpoint: Endpoint) -> QuicKnock:
        blank = QuicKnock(address=endpoint.address, port=endpoint.port or 443, server_name=endpoint.name)
        sent = quic.initial(endpoint.name)

        async def ask() -> QuicKnock:
            got = await packets.ask(blank.address, blank.port, sent, self._exposure_timing.dns_udp)
            if got.first is None or quic.is_quic(got.first, sent):
                return replace(blank, reply=(got.first or b"")[:_QUIC_KEPT], failure=got.failure)
            return replace(blank, failure=Failure(kind=FailureKind.PROTOCOL, detail="an answer that is no QUIC"))

        return await self._step(rec, blank.address, blank, ask)

    async def ftp(self, rec: Recorder, address: IPAddress, port: int) -> FtpGreeting:
        blank = FtpGreeting(address=address, port=port)

        async def greet() -> FtpGreeting:
            got = await greetings.ftp(self._exposed, address, port, self._exposure_timing.tls)
            return replace(blank, greeting=got.greeting, auth_tls=got.auth_tls, failure=got.failure)

        return await self._step(rec, address, blank, greet)

    async def smb(self, rec: Recorder, address: IPAddress, port: int, *, version: int) -> SmbNegotiate:
        blank = SmbNegotiate(address=address, port=port, version=version)

        async def negotiate() -> SmbNegotiate:
            got = await greetings.smb_negotiate(self._exposed, address, port, version, self._exposure_timing.tls)
            return replace(blank, accepted=got.accepted, dialect=got.dialect, signing_required=got.signing_required)

        return await self._step(rec, address, blank, negotiate)

    async def ssh(self, rec: Recorder, address: IPAddress, port: int) -> SshExchange:
        blank = SshExchange(address=address, port=port)

        async def begin() -> SshExchange:
            got = await self._ssh.begin(address, port)
            return replace(blank, banner=got.banner, kexinit=got.kexinit, host_key=got.host_key, failure=got.failure)

        return await self._step(rec, address, blank, begin)

    async def ssh_methods(self, rec: Recorder, address: IPAddress, port: int) -> SshAuthMethods:
        blank = SshAuthMethods(address=address, port=port, user=USER)

        async def ask() -> SshAuthMethods:
            got = await self._ssh.begin(address, port, ask_methods=True)
            return replace(blank, methods=got.methods, accepted=got.accepted, failure=got.failure)

        return await self._step(rec, address, blank, ask)
