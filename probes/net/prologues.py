"""What has to be said before TLS starts, for protocols that start in clear text (STARTTLS).

SMTP by RFC 3207, IMAP by RFC 9051 §6.2.1, POP3 by RFC 2595 §4. HTTPS has none.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable

from probes.framework.evidence import FailureKind
from probes.net import faults

Prologue = Callable[[socket.socket], Awaitable[None]]
_LINE_LIMIT = 4_096
_LINES = 100
_EHLO = b"EHLO auditor.invalid\r\n"
_SMTP_LAST = re.compile(rb"\d{3}(?:[ \r\n]|$)")


async def https(_sock: socket.socket) -> None:
    """TLS from the first byte."""


async def smtp(sock: socket.socket) -> None:
    """Greeting, EHLO, STARTTLS. Raises Fault where the server does not go along."""
    lines = _Lines(sock)
    for said in (b"", _EHLO, b"STARTTLS\r\n"):
        answer = await lines.after(said, _SMTP_LAST)
        if not answer.startswith(b"2"):
            raise faults.fault(FailureKind.PROTOCOL, "SMTP: " + answer.decode("utf-8", "replace"))


async def imap(sock: socket.socket) -> None:
    """Greeting, then STARTTLS. Raises Fault where the server does not go along."""
    lines = _Lines(sock)
    greeting = await lines.after(b"", re.compile(rb"\* "))
    answer = await lines.after(b"a STARTTLS\r\n", re.compile(rb"a "))
    if not greeting.upper().startswith(b"* OK") or not answer.upper().startswith(b"A OK"):
        raise faults.fault(FailureKind.PROTOCOL, "IMAP: " + answer.decode("utf-8", "replace"))


async def pop3(sock: socket.socket) -> None:
    """Greeting, then STLS. Raises Fault where the server does not go along."""
    lines = _Lines(sock)
    for said in (b"", b"STLS\r\n"):
        answer = await lines.after(said, re.compile(rb"[+-]"))
        if not answer.startswith(b"+OK"):
            raise faults.fault(FailureKind.PROTOCOL, "POP3: " + answer.decode("utf-8", "replace"))


PROLOGUES: dict[str, Prologue] = {"https": https, "smtp": smtp, "imap": imap, "pop3": pop3}


class _Lines:
    """The server's lines. What it sends behind the line asked for is thrown away: before TLS nothing may follow."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    async def after(self, said: bytes, last: re.Pattern[bytes]) -> bytes:
        """Say something, then the first line that ``last`` matches from its start."""
        loop = asyncio.get_running_loop()
        if said:
            await loop.sock_sendall(self._sock, said)
        data = b""
        for _ in range(_LINES):
            while b"\n" not in data:
                chunk = await loop.sock_recv(self._sock, _LINE_LIMIT)
                if not chunk:
                    raise EOFError
                data += chunk
                if len(data) > _LINE_LIMIT * _LINES:
                    break
            line, _, data = data.partition(b"\n")
            if last.match(line):
                return line
        raise faults.fault(FailureKind.PROTOCOL, "no end of the lines before TLS")
