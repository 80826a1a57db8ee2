"""Gives access to mail hosts at their pace, one dialogue at a time with each address."""

from probes.net.api import Net
from probes.net.mail.smtp import MailGate, SmtpTiming


class MailHosts:
    """Holds the state that all SMTP engines share: ``net.shared(MailHosts)``."""

    def __init__(self, net: Net) -> None:
        timing = net.setting.timing
        self.smtp_timing = SmtpTiming(reply=timing.smtp_reply, pause=timing.smtp_pause, helo=net.setting.helo)
        self.mail_gate = MailGate(self.smtp_timing.pause)
