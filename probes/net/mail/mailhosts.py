"""Implements the mail calls of ``Net``: dialogues up to STARTTLS, and the question of relaying up to RCPT."""

from collections.abc import Sequence

from inventory.model import Endpoint
from probes.framework.recorder import Recorder
from probes.net.core.rules import Timing
from probes.net.core.steps import Steps
from probes.net.core.tcp import Connector
from probes.net.mail.relaying import Relays
from probes.net.mail.smtp import PORT, SmtpTiming, Talker
from probes.observations.mail import SmtpDialogue, SmtpRelay


class MailHosts(Steps):
    """Implements those calls of ``Net`` under the rules of the class that inherits it."""

    def __init__(self, connector: Connector, timing: Timing, helo: str, relay_test: Sequence[str]) -> None:
        smtp_timing = SmtpTiming(reply=timing.smtp_reply, pause=timing.smtp_pause, tls=timing.tls, helo=helo)
        self._talker = Talker(connector, smtp_timing)
        self.smtp_timing, self.mail_gate = smtp_timing, self._talker.mail_gate
        self._relays = Relays(connector, smtp_timing, self.mail_gate, relay_test)

    async def smtp(self, rec: Recorder, endpoint: Endpoint) -> SmtpDialogue:
        port = endpoint.port or PORT
        blank = SmtpDialogue(address=endpoint.address, port=port, server_name=endpoint.name)
        return await self._step(rec, endpoint.address, blank, lambda: self._talker.dialogue(blank))

    async def smtp_relay(self, rec: Recorder, endpoint: Endpoint, *, domain: str) -> SmtpRelay:
        port = endpoint.port or PORT
        blank = SmtpRelay(address=endpoint.address, port=port, server_name=endpoint.name, domain=domain)
        return await self._step(rec, endpoint.address, blank, lambda: self._relays.ask(blank))
