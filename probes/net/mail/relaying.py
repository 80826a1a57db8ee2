"""Offers a mail host recipients of other domains, up to RCPT and no further. Only where the owner authorised it.

Every transaction ends with RSET; there is no DATA in this module. The recipients are addresses of our own, or names
that are reserved for examples (RFC 2606) where none are configured.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from probes.framework.evidence import Failure
from probes.net.core import faults
from probes.net.core.tcp import Connector, source_of
from probes.net.mail.smtp import BROKEN, Conversation, MailGate, SmtpTiming, greet
from probes.observations.mail import RelayTry, SmtpRelay

STRANGERS = ("relay-test@example.com", "relay-test@example.net", "relay-test@example.org")
"""The sender, then two recipients of two other domains."""
NOBODY = "relay-test-khong-co-that"
"""A mailbox that no domain has: a host that accepts it accepts any, so its answers do not prove relaying."""


@dataclass(frozen=True, slots=True)
class _Transaction:
    form: str
    sender: str
    recipients: tuple[str, ...]


class Relays:
    """Asks mail hosts whether they relay."""

    def __init__(
        self, connector: Connector, smtp_timing: SmtpTiming, mail_gate: MailGate, relay_test: Sequence[str]
    ) -> None:
        self._connector = connector
        self._smtp_timing = smtp_timing
        self._mail_gate = mail_gate
        self._relay_test = tuple(relay_test) or STRANGERS

    async def ask(self, blank: SmtpRelay) -> SmtpRelay:
        """Ask a host whether it relays. Raises Fault without a connection; a later failure is in the result."""
        tries: list[RelayTry] = []
        failure: Failure | None = None
        async with self._mail_gate.at(blank.address):
            with await self._connector.connect(blank.address, blank.port) as sock:
                helo = self._smtp_timing.name(source_of(sock))
                talk = Conversation(sock, self._smtp_timing)
                try:
                    await self._converse(talk, helo, blank.domain, tries)
                except BROKEN as problem:
                    failure = faults.from_exception(problem)
                if failure is None:
                    await talk.quit()
        replies = tuple(talk.replies)
        return replace(blank, helo=helo, connected=True, replies=replies, tries=tuple(tries), failure=failure)

    async def _converse(self, talk: Conversation, helo: str, domain: str, tries: list[RelayTry]) -> None:
        if (await talk.greeting()).code != 220 or (await greet(talk, helo)).code != 250:
            return
        sender, *others = self._relay_test
        if not await _offer(talk, _local(sender, domain), tries):
            # It refuses our domain, as one without mail or by its SPF, which says nothing about recipients. No host may
            # refuse the empty sender (RFC 5321 §4.5.5).
            sender = ""
            tries.clear()
            await _offer(talk, _local(sender, domain), tries)
        for transaction in _of_strangers(sender, (others[0], others[-1]), domain):
            if transaction.form == "percent" and any(t.form == "local" and t.code != 550 for t in tries):
                return  # a host that accepts any mailbox accepts this one too
            await _offer(talk, transaction, tries)
            if sum(t.code in (250, 251) for t in tries if t.form == transaction.form != "local") > 1:
                return  # it relays, or takes anything; nothing more to ask


def _local(sender: str, domain: str) -> _Transaction:
    return _Transaction("local", sender, (f"{NOBODY}@{domain}",))


def _of_strangers(sender: str, recipients: tuple[str, ...], domain: str) -> Iterator[_Transaction]:
    yield _Transaction("plain", sender, recipients)
    yield _Transaction("own-sender", f"postmaster@{domain}", recipients)
    yield _Transaction("percent", sender, tuple(f"{address.replace('@', '%')}@{domain}" for address in recipients))


async def _offer(talk: Conversation, transaction: _Transaction, tries: list[RelayTry]) -> bool:
    """Send MAIL, RCPT for each recipient, RSET; return False if the sender was refused permanently.

    A sender that is refused counts as a refusal of all of its recipients.
    """
    mail = await talk.say(f"MAIL FROM:<{transaction.sender}>")
    for recipient in transaction.recipients:
        reply = mail if mail.code != 250 else await talk.say(f"RCPT TO:<{recipient}>")
        text = reply.lines[-1] if reply.lines else ""
        tries.append(
            RelayTry(form=transaction.form, sender=transaction.sender, recipient=recipient, code=reply.code, text=text)
        )
    await talk.say("RSET")
    return mail.code is None or mail.code < 500
