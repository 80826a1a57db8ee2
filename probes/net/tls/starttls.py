"""Opens protocols that start in clear text up to where TLS begins (STARTTLS).

SMTP by RFC 3207, IMAP by RFC 9051 §6.2.1, POP3 by RFC 2595 §4, LDAP by RFC 4511 §4.14. Protocols with TLS from the
first byte have none: HTTPS, the services for mail programs of RFC 8314 (``smtps``, ``imaps``, ``pop3s``), and
``ldaps``.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from probes.framework.evidence import FailureKind
from probes.net.core import faults
from probes.net.core.reader import Inflow

Prologue = Callable[[socket.socket], Awaitable[None]]
_LINE_LIMIT = 4_096
_LINES = 100
_START_TLS = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037"
_SUCCESS = b"\x0a\x01\x00"
"""The result code of a successful answer (resultCode success)."""
_SEQUENCE, _EXTENDED_RESPONSE, _LONG_FORM = b"\x30", b"\x78", 0x80
_SMTP_LAST = re.compile(rb"\d{3}(?:[ *\r\n]|$)")


async def https(_sock: socket.socket) -> None:
    """Do nothing, as TLS begins with the first byte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """Runs greeting, EHLO, STARTTLS. Raises Fault if the server refuses.

    ``name`` makes our name from the socket; ``pause``: seconds from one command to the next, the time of the first
    answer included.
    """

    name: Callable[[socket.socket], str] = lambda sock: "auditor.invalid"
    pause: float = 0.0

    async def __call__(self, sock: socket.socket) -> None:
        hello = f"EHLO {self.name(sock)}\r\n".encode("ascii", "replace")
        clock = asyncio.get_running_loop().time
        with Inflow(sock) as inflow:
            lines, due = _Lines(sock, inflow), 0.0
            for data in (b"", hello, b"STARTTLS\r\n"):
                await asyncio.sleep(max(0.0, due - clock()))
                due = clock() + self.pause if data else 0.0
                answer = await lines.after(data, _SMTP_LAST)
                if not answer.startswith(b"2"):
                    raise faults.fault(FailureKind.PROTOCOL, "SMTP: " + answer.decode("utf-8", "replace"))


async def imap(sock: socket.socket) -> None:
    """Read the greeting, then send STARTTLS. Raises Fault if the server refuses."""
    with Inflow(sock) as inflow:
        lines = _Lines(sock, inflow)
        greeting = await lines.after(b"", re.compile(rb"\* "))
        answer = await lines.after(b"a STARTTLS\r\n", re.compile(rb"a "))
    if not greeting.upper().startswith(b"* OK") or not answer.upper().startswith(b"A OK"):
        raise faults.fault(FailureKind.PROTOCOL, "IMAP: " + answer.decode("utf-8", "replace"))


async def pop3(sock: socket.socket) -> None:
    """Read the greeting, then send STLS. Raises Fault if the server refuses."""
    with Inflow(sock) as inflow:
        lines = _Lines(sock, inflow)
        for data in (b"", b"STLS\r\n"):
            answer = await lines.after(data, re.compile(rb"[+-]"))
            if not answer.startswith(b"+OK"):
                raise faults.fault(FailureKind.PROTOCOL, "POP3: " + answer.decode("utf-8", "replace"))


async def ldap(sock: socket.socket) -> None:
    """Send the extended request StartTLS (RFC 4511 §4.14). Raises Fault if the server refuses."""
    await asyncio.get_running_loop().sock_sendall(sock, _START_TLS)
    data = b""
    with Inflow(sock) as inflow:
        while (message := _element(data)) is None:
            chunk = await inflow.more(_LINE_LIMIT)
            if not chunk:
                raise EOFError
            data += chunk
            if len(data) > _LINE_LIMIT:
                raise faults.fault(FailureKind.PROTOCOL, "an LDAP answer before TLS without an end")
    number = _element(message[1]) or (b"", b"")
    answer = _element(message[1][2 + len(number[1]) :]) or (b"", b"")
    if (message[0], answer[0], answer[1][:3]) != (_SEQUENCE, _EXTENDED_RESPONSE, _SUCCESS):
        raise faults.fault(FailureKind.PROTOCOL, "LDAP: StartTLS was refused")


def _element(data: bytes) -> tuple[bytes, bytes] | None:
    """Return tag and content of the first element of BER; None while it is incomplete.

    Raises Fault for a length that no answer has.
    """
    if len(data) < 2:
        return None
    size, at = data[1], 2
    if size & _LONG_FORM:
        at = 2 + (size & ~_LONG_FORM)
        if not 2 < at <= 6 or (len(data) >= at and int.from_bytes(data[2:at]) > _LINE_LIMIT):
            raise faults.fault(FailureKind.PROTOCOL, "no LDAP answer")
        size = int.from_bytes(data[2:at])
    return (data[:1], data[at : at + size]) if len(data) >= at + size and len(data) >= at else None


PROLOGUES: Mapping[str, Prologue] = {
    "https": https,
    "smtps": https,
    "imaps": https,
    "pop3s": https,
    "smtp": Smtp(),
    "imap": imap,
    "pop3": pop3,
    "ldaps": https,
    "ldap": ldap,
}
"""The prologue of each protocol; a network replaces that of SMTP by one with its own settings."""


class _Lines:
    """Reads the server's lines. Data behind the requested line is thrown away: before TLS none may follow."""

    def __init__(self, sock: socket.socket, inflow: Inflow) -> None:
        self._sock = sock
        self._inflow = inflow

    async def after(self, said: bytes, last: re.Pattern[bytes]) -> bytes:
        """Send ``said``, then return the first line that ``last`` matches from its start."""
        if said:
            await asyncio.get_running_loop().sock_sendall(self._sock, said)
        data = b""
        for _ in range(_LINES):
            while b"\n" not in data:
                chunk = await self._inflow.more(_LINE_LIMIT)
                if not chunk:
                    raise EOFError
                data += chunk
                if b"\n" not in data and len(data) > _LINE_LIMIT:
                    raise faults.fault(FailureKind.PROTOCOL, "a line before TLS without an end")
            line, _, data = data.partition(b"\n")
            if last.match(line):
                return line
        raise faults.fault(FailureKind.PROTOCOL, "no end of the lines before TLS")
