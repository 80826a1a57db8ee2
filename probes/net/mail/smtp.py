"""Runs SMTP with mail hosts, slowly and never as far as a message: DATA is not in this module (CHECKS §0.4, §0.5).

One connection at a time to an address, a pause between commands, and QUIT at the end in all cases. Each reply has a
time and a size limit; data beyond is not read.
"""

import asyncio
import math
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from types import TracebackType
from weakref import WeakValueDictionary

from inventory.model import IPAddress, written
from probes.framework.evidence import Failure, FailureKind
from probes.net.core import faults
from probes.net.core.gate import deadline_held
from probes.net.core.tcp import Connector, source_of
from probes.net.tls.handshake import TlsLayer, agree, can_be_sni, chain_of, permissive_context
from probes.observations.mail import SmtpDialogue, SmtpReply, StartTls
from probes.wire.mail.smtp import ReplyReader, SmtpAnswer, SmtpWireError, keywords

PORT = 25
QUIT_SECONDS = 5.0
_CHUNK = 4_096
BROKEN = (faults.Fault, OSError, EOFError, TimeoutError)
_UNKNOWN_COMMAND = frozenset({500, 502})


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpTiming:
    """Holds the seconds for each reply and for a TLS handshake, as senders wait, and from one command to the next.
    ``helo``: our name, empty for our address."""

    reply: float
    pause: float
    helo: str = ""

    def name(self, source: IPAddress | None) -> str:
        """Return our name: the configured one, or the address that we send from (RFC 5321 §4.1.3)."""
        if self.helo or source is None:
            return self.helo or "auditor.invalid"
        return f"[IPv6:{written(source)}]" if source.version == 6 else f"[{source}]"


class MailGate:
    """Lets one dialogue at a time through to an address, with a pause after each."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._locks: WeakValueDictionary[IPAddress, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def at(self, address: IPAddress, *, from_start: bool = False) -> AsyncIterator[None]:
        """Hold the address for the block; with ``from_start`` the pause counts from the beginning of the block."""
        lock = self._locks.get(address)
        if lock is None:
            lock = self._locks[address] = asyncio.Semaphore(1)
        with deadline_held() if lock.locked() else nullcontext():
            await lock.acquire()
        try:
            clock = asyncio.get_running_loop().time
            began = clock()
            yield
            await asyncio.sleep(self._pause - (clock() - began) if from_start else self._pause)
        finally:
            lock.release()


class SpacedMailGate:
    """Gates short connections: the pause runs from the beginning of one to the beginning of the next.

    A context manager that many tasks may enter; one is inside at a time.
    """

    def __init__(self, mail_gate: MailGate, address: IPAddress) -> None:
        self._mail_gate, self._address = mail_gate, address
        self._inside: AbstractAsyncContextManager[None] | None = None

    async def __aenter__(self) -> None:
        held = self._mail_gate.at(self._address, from_start=True)
        await held.__aenter__()
        self._inside = held

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        held, self._inside = self._inside, None
        if held is not None:
            await held.__aexit__(kind, error, trace)


class Conversation:
    """Runs one SMTP connection. All commands and replies are in ``replies``, also when a call raised."""

    def __init__(self, sock: socket.socket, smtp_timing: SmtpTiming) -> None:
        self._sock = sock
        self._smtp_timing = smtp_timing
        self._reader = ReplyReader()
        self._secured: TlsLayer | None = None
        self._spoke = -math.inf
        self.replies: list[SmtpReply] = []

    async def greeting(self) -> SmtpReply:
        return await self._answer("", self._smtp_timing.reply)

    async def say(self, line: str) -> SmtpReply:
        """Send one command and return its reply. Raises Fault, OSError, EOFError or TimeoutError without one."""
        await self._pause()
        self._reader.drop()  # data that came before this command is no answer to it
        await self._send(line.encode("ascii", "replace") + b"\r\n")
        return await self._answer(line, self._smtp_timing.reply)

    def plaintext_ahead(self) -> int:
        """Return the octets that came behind the last reply; they are forgotten with this call."""
        ahead = self._reader.ahead
        self._reader.drop()
        return ahead

    async def secure(self, context: ssl.SSLContext, name: str | None) -> TlsLayer:
        """Use TLS from now on. Raises the handshake's errors."""
        async with asyncio.timeout(self._smtp_timing.reply):
            self._secured = await agree(self._sock, context, name)
        return self._secured

    async def quit(self) -> None:
        """Send QUIT; the answer is recorded if there is one."""
        with suppress(*BROKEN, ssl.SSLError):
            await self._pause()
            self._reader.drop()
            await self._send(b"QUIT\r\n")
            await self._answer("QUIT", min(QUIT_SECONDS, self._smtp_timing.reply))

    async def _pause(self) -> None:
        """Wait for the pause between commands, counted from the command before, its answer's time included.

        Before the first command there is none, because the greeting was waited for.
        """
        await asyncio.sleep(max(0.0, self._spoke + self._smtp_timing.pause - asyncio.get_running_loop().time()))

    async def _send(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._spoke = loop.time()
        wire = data if self._secured is None else self._secured.sealed(data)
        await loop.sock_sendall(self._sock, wire)

    async def _answer(self, command: str, seconds: float) -> SmtpReply:
        clock = asyncio.get_running_loop().time
        began, reply = clock(), SmtpReply(said=command)
        try:
            async with asyncio.timeout(seconds):
                got = await self._reply()
            reply = replace(reply, code=got.code, lines=got.lines, cut=got.cut)
        except SmtpWireError as problem:
            reply = replace(reply, lines=self._reader.lines, cut=True)
            raise faults.fault(FailureKind.PROTOCOL, f"SMTP: {problem}") from problem
        finally:
            lines = reply.lines or self._reader.lines
            self.replies.append(replace(reply, lines=lines, seconds=round(clock() - began, 3)))
        return self.replies[-1]

    async def _reply(self) -> SmtpAnswer:
        loop = asyncio.get_running_loop()
        while (reply := self._reader.take()) is None:
            chunk = await loop.sock_recv(self._sock, _CHUNK)
            if not chunk:
                raise EOFError
            self._reader.feed(chunk if self._secured is None else self._secured.opened(chunk))
        return reply


@dataclass(slots=True)
class _Found:
    """Holds the results of a dialogue so far."""

    extensions: tuple[str, ...] = ()
    starttls: StartTls = StartTls.NOT_ASKED
    tls_failure: Failure | None = None
    version: str | None = None
    cipher: str | None = None
    chain: tuple[bytes, ...] = field(default=())
    plaintext_ahead: int = 0


class Talker:
    """Holds dialogues with mail hosts."""

    def __init__(self, connector: Connector, smtp_timing: SmtpTiming, mail_gate: MailGate) -> None:
        self._connector = connector
        self._smtp_timing = smtp_timing
        self._context = permissive_context()
        self._mail_gate = mail_gate

    async def dialogue(self, blank: SmtpDialogue) -> SmtpDialogue:
        """Run greeting, EHLO, STARTTLS, QUIT. Raises Fault without a connection; a later failure is in the result."""
        async with self._mail_gate.at(blank.address):
            with await self._connector.connect(blank.address, blank.port) as sock:
                source = source_of(sock)
                helo = self._smtp_timing.name(source)
                talk, dialogue, failure = Conversation(sock, self._smtp_timing), _Found(), None
                try:
                    await self._converse(talk, dialogue, helo, blank.server_name)
                except BROKEN as problem:
                    failure = faults.from_exception(problem)
                if failure is None and dialogue.tls_failure is None:
                    await talk.quit()
        return replace(
            blank,
            helo=helo,
            connected=True,
            source=source,
            replies=tuple(talk.replies),
            extensions=dialogue.extensions,
            starttls=dialogue.starttls,
            tls_failure=dialogue.tls_failure,
            version=dialogue.version,
            cipher=dialogue.cipher,
            chain=dialogue.chain,
            plaintext_ahead=dialogue.plaintext_ahead,
            failure=failure,
        )

    async def _converse(self, talk: Conversation, dialogue: _Found, helo: str, name: str | None) -> None:
        if (await talk.greeting()).code != 220:
            return
        hello = await greet(talk, helo)
        if hello.code != 250:
            return
        dialogue.extensions = keywords(hello.lines) if hello.said.startswith("EHLO") else ()
        if "STARTTLS" not in dialogue.extensions:
            dialogue.starttls = StartTls.NOT_OFFERED
            return
        consent = await talk.say("STARTTLS")
        if consent.code != 220:
            dialogue.starttls = StartTls.REFUSED
            return
        dialogue.plaintext_ahead = talk.plaintext_ahead()
        await self._secure(talk, dialogue, name)

    async def _secure(self, talk: Conversation, dialogue: _Found, name: str | None) -> None:
        dialogue.starttls = StartTls.FAILED
        try:
            secured = await talk.secure(self._context, name if name and can_be_sni(name) else None)
        except (*BROKEN, ssl.SSLError) as problem:
            dialogue.tls_failure = faults.from_exception(problem)
            return
        suite = secured.tls.cipher()
        dialogue.starttls = StartTls.DONE
        dialogue.version, dialogue.cipher = secured.tls.version(), suite[0] if suite else None
        dialogue.chain = chain_of(secured.tls)


async def greet(talk: Conversation, helo: str) -> SmtpReply:
    """Send EHLO, and HELO if the peer does not know EHLO (RFC 5321 §3.2)."""
    hello = await talk.say(f"EHLO {helo}")
    return await talk.say(f"HELO {helo}") if hello.code in _UNKNOWN_COMMAND else hello
