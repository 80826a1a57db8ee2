"""Hands one mail to the relay within a total time limit.

Timeouts of sockets limit one wait; a host that sends an octet a minute keeps within them for ever. So a whole delivery
has a limit too, and its connection is closed when that is over or when the service ends.
"""

import asyncio
import smtplib
import socket
import ssl
from contextlib import suppress
from email.message import EmailMessage

from auditor.service.notify.model import MailRelay, Undelivered

_CONNECT = 30.0
"""Seconds for a connection to one address, for its greeting and for TLS."""
_REPLY = 300.0
"""Seconds for one reply and for sending the text.

A relay may examine attachments for minutes before it takes them, and a mail that arrives after the wait was given up is
sent again (RFC 5321 §4.5.3.2).
"""
_QUIT = 5.0
"""Seconds for QUIT, which has no effect on the delivery."""
LONGEST = 900.0
"""Seconds for one delivery, from the connection to the last reply."""


async def deliver(mail: EmailMessage, relay: MailRelay) -> None:
    """Send a mail in a thread. Raises Undelivered."""
    delivery = _Delivery(relay)
    try:
        async with asyncio.timeout(LONGEST):
            await asyncio.to_thread(delivery.send, mail)
    except TimeoutError as error:
        raise Undelivered("TimeoutError") from error
    finally:
        delivery.close()


class _Delivery:
    """Delivers one mail. ``send`` runs in a thread; ``close`` is called from outside it and ends its waiting."""

    def __init__(self, relay: MailRelay) -> None:
        self._relay = relay
        self._host: smtplib.SMTP | None = None
        self._is_closed = False

    def close(self) -> None:
        self._is_closed = True
        connection = None if self._host is None else self._host.sock
        if connection is not None:
            with suppress(OSError):  # it is closed already
                socket.socket.shutdown(connection, socket.SHUT_RDWR)  # TLS's own would disturb the reader

    def send(self, mail: EmailMessage) -> None:
        try:
            host = self._connected()
            try:
                host.send_message(mail)
            finally:
                _take_leave(host)
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _ in error.recipients.values()}
            raise Undelivered(f"recipient refused: {_listed(codes)}", for_good=min(codes) >= 500) from error
        except smtplib.SMTPResponseException as error:  # its text may quote what was sent
            raise Undelivered(f"{type(error).__name__} {error.smtp_code}") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Undelivered(type(error).__name__) from error

    def _connected(self) -> smtplib.SMTP:
        """Connect, with TLS and a login if the relay is configured so."""
        relay = self._relay
        context = ssl.create_default_context(cafile=relay.ca_file)
        if relay.tls == "tls":
            host: smtplib.SMTP = smtplib.SMTP_SSL(timeout=_CONNECT, context=context)
        else:
            host = smtplib.SMTP(timeout=_CONNECT)
        # The name for TLS to verify; given in the call above, smtplib would connect at once.
        host._host = relay.host  # type: ignore[attr-defined]
        self._host = host
        code, _ = host.connect(relay.host, relay.port)
        if code != 220:
            host.close()
            raise smtplib.SMTPConnectError(code, b"")
        if relay.tls == "starttls":
            host.starttls(context=context)
        if self._is_closed or host.sock is None:
            host.close()
            raise smtplib.SMTPServerDisconnected
        host.sock.settimeout(_REPLY)
        if relay.user:
            host.login(relay.user, relay.password)
        return host


def _take_leave(host: smtplib.SMTP) -> None:
    """Close a connection. The relay's reply to QUIT has no effect: a mail that it accepted has arrived."""
    with suppress(OSError, smtplib.SMTPException):
        if host.sock is not None:
            host.sock.settimeout(_QUIT)
            host.quit()
    host.close()


def _listed(codes: set[int]) -> str:
    return ", ".join(map(str, sorted(codes)))
