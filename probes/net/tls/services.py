"""Holds the state that engines of TLS services share: dialogues before TLS, their time limits, address gates.

One enumeration at a time goes to an address. Over SMTP one connection at a time does, through the same gate as the
dialogues with that address, and there is a pause between commands (CHECKS §0.4).
"""

import socket
from collections.abc import Mapping

from inventory.model import Endpoint, IPAddress
from probes.net.api import Net
from probes.net.core.rules import port_of
from probes.net.core.tcp import source_of
from probes.net.mail.mailhosts import MailHosts
from probes.net.mail.smtp import SpacedMailGate
from probes.net.tls.client_hello import Hellos, HelloTarget
from probes.net.tls.handshake import Handshaker
from probes.net.tls.scan_gate import Gate, Gates
from probes.net.tls.starttls import PROLOGUES, Prologue, Smtp

SMTP = "smtp"


class TlsServices:
    """Holds the state that all TLS engines of one net share: ``net.shared(TlsServices)``."""

    def __init__(self, net: Net) -> None:
        mail, seconds = net.shared(MailHosts), net.setting.timing.tls

        def named(sock: socket.socket) -> str:
            return mail.smtp_timing.name(source_of(sock))

        prologues: Mapping[str, Prologue] = {**PROLOGUES, SMTP: Smtp(name=named, pause=mail.smtp_timing.pause)}
        self._prologues = prologues
        self._mail = mail
        self.handshaker = Handshaker(net.connector, seconds, prologues)
        self.hellos = Hellos(net.connector, seconds)
        self.gates = Gates()

    def target(self, endpoint: Endpoint, protocol: str) -> HelloTarget:
        """Return the destination of connections, with the dialogue before TLS."""
        timing = self._mail.smtp_timing
        patience = timing.reply + timing.pause if protocol == SMTP else 0.0
        return HelloTarget(endpoint.address, port_of(endpoint), self._prologues[protocol], patience)

    def gate(self, address: IPAddress, protocol: str) -> Gate:
        """Return the gate to enter around each connection to an address."""
        return SpacedMailGate(self._mail.mail_gate, address) if protocol == SMTP else self.gates.of(address)
