"""Implements the TLS calls of ``Net``: one handshake, an enumeration of everything, known flaws.

One enumeration at a time goes to an address. Over SMTP one connection at a time does, through the same gate as the
dialogues with that address, and there is a pause between commands (CHECKS §0.4).
"""

import socket
from collections.abc import Mapping
from dataclasses import replace

from inventory.model import Endpoint, IPAddress
from probes.framework.limits import DEADLINE
from probes.framework.recorder import Recorder
from probes.net.core.rules import Timing
from probes.net.core.steps import Steps, port_of
from probes.net.core.tcp import Connector, source_of
from probes.net.http.visit import shown
from probes.net.mail.smtp import MailGate, SmtpTiming, SpacedMailGate
from probes.net.tls.client_hello import Hellos, Target
from probes.net.tls.enumeration import SECONDS, Enumeration
from probes.net.tls.handshake import CHAIN_LIMIT, Handshaker
from probes.net.tls.renegotiation import Renegotiation
from probes.net.tls.scan_gate import Gate, Gates, Inquiry
from probes.net.tls.stapled import Staples
from probes.net.tls.starttls import PROLOGUES, Prologue, Smtp
from probes.net.tls.weaknesses import TRIES, Weaknesses
from probes.observations.certificates import TlsStaple
from probes.observations.tls import BrowserHello, HelloAnswer, TlsRenegotiation, TlsSupport, TlsWeakness
from probes.observations.web import TlsHandshake
from probes.wire.tls.large import hello

_SMTP = "smtp"
_HANDING_OVER = 1.0
"""Seconds before the end of the time at which an enumeration sums up what it has."""


class SecuredServices(Steps):
    """Implements those calls of ``Net`` under the rules of the class that inherits it."""

    def __init__(self, connector: Connector, timing: Timing, smtp_timing: SmtpTiming, mail_gate: MailGate) -> None:
        def named(sock: socket.socket) -> str:
            return smtp_timing.name(source_of(sock))

        self._before_tls: Mapping[str, Prologue] = {**PROLOGUES, _SMTP: Smtp(name=named, pause=smtp_timing.pause)}
        self._mail_patience = smtp_timing.reply + smtp_timing.pause
        self._mail_seconds = timing.mail_enumeration
        self._mail_gate = mail_gate
        self._handshaker = Handshaker(connector, timing.tls, self._before_tls)
        self._hellos = Hellos(connector, timing.tls)
        self._weaknesses = Weaknesses(connector, timing.tls)
        self._renegotiation = Renegotiation(connector, timing.tls)
        self._staples = Staples(connector, self._hellos, timing.tls)
        self._gates = Gates()

    async def tls(self, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsHandshake:
        blank = TlsHandshake(
            address=endpoint.address, port=port_of(endpoint), server_name=endpoint.name, protocol=protocol
        )

        async def handshake() -> TlsHandshake:
            done = await self._handshaker.handshake(blank.address, blank.port, blank.server_name, protocol)
            return shown(blank, done)

        return await self._step(rec, endpoint.address, blank, handshake)

    async def tls_support(self, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsSupport:
        blank = TlsSupport(
            address=endpoint.address, port=port_of(endpoint), server_name=endpoint.name, protocol=protocol
        )

        async def enumerate_all() -> TlsSupport:
            target, gate, mail = (
                self._target(endpoint, protocol),
                self._gate(endpoint.address, protocol),
                protocol == _SMTP,
            )
            inquiry = Inquiry(self._hellos, target, gate, serial=mail)
            seconds = self._mail_seconds if mail else SECONDS
            return await Enumeration(inquiry, endpoint.name, seconds=_in_time(seconds)).run(blank)

        async with self._gates.scan(endpoint.address):
            return await self._step(rec, endpoint.address, blank, enumerate_all)

    async def tls_weakness(self, rec: Recorder, endpoint: Endpoint, *, protocol: str, weakness: str) -> TlsWeakness:
        blank = TlsWeakness(
            address=endpoint.address,
            port=port_of(endpoint),
            server_name=endpoint.name,
            protocol=protocol,
            weakness=weakness,
        )

        async def try_all() -> TlsWeakness:
            target, gate, tries = self._target(endpoint, protocol), self._gate(endpoint.address, protocol), []
            for _ in range(TRIES):
                async with gate:
                    tries.append(await self._weaknesses.tried(target, endpoint.name, weakness))
            return replace(blank, tries=tuple(tries))

        return await self._step(rec, endpoint.address, blank, try_all)

    async def tls_renegotiation(self, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsRenegotiation:
        blank = TlsRenegotiation(
            address=endpoint.address, port=port_of(endpoint), server_name=endpoint.name, protocol=protocol
        )

        async def count() -> TlsRenegotiation:
            async with self._gate(endpoint.address, protocol):
                counted, ended = await self._renegotiation.counted(self._target(endpoint, protocol), endpoint.name)
            return replace(blank, count=counted, ended=ended)

        return await self._step(rec, endpoint.address, blank, count)

    async def staple(self, rec: Recorder, endpoint: Endpoint, *, protocol: str) -> TlsStaple:
        blank = TlsStaple(
            address=endpoint.address, port=port_of(endpoint), server_name=endpoint.name, protocol=protocol
        )

        async def ask() -> TlsStaple:
            async with self._gate(endpoint.address, protocol):
                got = await self._staples.asked(self._target(endpoint, protocol), endpoint.name)
            kept = got.sent
            return replace(
                blank, version=got.version, chain=kept.chain[:CHAIN_LIMIT], ocsp=kept.ocsp, timestamps=kept.timestamps
            )

        return await self._step(rec, endpoint.address, blank, ask)

    async def browser_hello(self, rec: Recorder, endpoint: Endpoint, *, protocol: str, large: bool) -> BrowserHello:
        wire = hello(endpoint.name, large=large)
        blank = BrowserHello(
            address=endpoint.address,
            port=port_of(endpoint),
            server_name=endpoint.name,
            protocol=protocol,
            large=large,
            size=len(wire),
        )

        async def ask() -> BrowserHello:
            async with self._gate(endpoint.address, protocol):
                reply = await self._hellos.send(self._target(endpoint, protocol), wire)
            if reply.hello is not None:
                return replace(blank, answer=HelloAnswer.RETRY if reply.hello.retry else HelloAnswer.HELLO)
            answer = HelloAnswer.NONE if reply.alert is None else HelloAnswer.ALERT
            return replace(blank, answer=answer, failure=reply.failure)

        return await self._step(rec, endpoint.address, blank, ask)

    def _target(self, endpoint: Endpoint, protocol: str) -> Target:
        patience = self._mail_patience if protocol == _SMTP else 0.0
        return Target(endpoint.address, port_of(endpoint), self._before_tls[protocol], patience)

    def _gate(self, address: IPAddress, protocol: str) -> Gate:
        return SpacedMailGate(self._mail_gate, address) if protocol == _SMTP else self._gates.of(address)


def _in_time(seconds: float) -> float:
    """So many seconds, or fewer where what bounds the probe ends before: what was found until then is handed over."""
    deadline = DEADLINE.get()
    return seconds if deadline is None else max(0.0, min(seconds, deadline.left - _HANDING_OVER))
