"""Simulates mail hosts up to the recipient: 220, EHLO, STARTTLS, RCPT, QUIT (RFC 5321, RFC 3207).

A scripted peer, not a mail server: it never accepts a message. Started as a program of its own, for example
`python -m containers.rehearsal.peers.smtp mail.json`, where the file is a list of listeners:
{"name", "domain", "address", "smtp", "chain", "key", "tls"}, with names of `model.Smtp` and `model.Tls`.
"""

import asyncio
import json
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path

from containers.rehearsal.model import SmtpBehaviour, TlsSetup
from containers.rehearsal.peers.encryption import server_context

PORT = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class MailHost:
    """Describes one listener: its name in the greeting, its addresses, its behaviour, its certificate."""

    name: str
    domain: str
    address: str
    smtp: SmtpBehaviour
    chain: str
    key: str
    tls: TlsSetup = TlsSetup.GOOD


def load(path: Path) -> tuple[MailHost, ...]:
    """Read the listeners from their file."""
    rows = json.loads(path.read_text("utf-8"))
    return tuple(MailHost(**{**row, "smtp": SmtpBehaviour[row["smtp"]], "tls": TlsSetup[row["tls"]]}) for row in rows)


async def serve(hosts: tuple[MailHost, ...]) -> None:
    """Listen for all hosts until stopped."""
    servers = [await _listen(host) for host in hosts]
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def _listen(host: MailHost) -> asyncio.Server:
    context = server_context(host.chain, host.key, host.tls)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(60):
                await _dialogue(host, context, reader, writer)
        except (ConnectionError, TimeoutError, ssl.SSLError, ValueError, asyncio.IncompleteReadError):
            pass  # the client went away or talked nonsense: nothing to keep
        finally:
            writer.close()

    return await asyncio.start_server(talk, host.address, PORT)


async def _dialogue(
    host: MailHost, context: ssl.SSLContext, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    encrypted = False
    refusals = {SmtpBehaviour.REJECTS: "554 no SMTP service here", SmtpBehaviour.GREYLISTS: "450 4.7.1 come back later"}
    await _say(writer, refusals.get(host.smtp, f"220 {host.name} ESMTP"))
    while line := await reader.readline():
        command = line.decode("ascii", "replace").strip()
        verb = command.upper().partition(" ")[0]
        if verb == "STARTTLS" and not encrypted and host.smtp is not SmtpBehaviour.NO_STARTTLS:
            await _say(writer, "220 2.0.0 ready to start TLS")
            await writer.start_tls(context)
            encrypted = True
            continue
        await _say(writer, *_reply(verb, command, host, encrypted=encrypted))
        if verb == "QUIT":
            return


def _reply(verb: str, command: str, host: MailHost, *, encrypted: bool) -> tuple[str, ...]:
    match verb:
        case "QUIT":
            return ("221 2.0.0 bye",)
        case _ if host.smtp in (SmtpBehaviour.REJECTS, SmtpBehaviour.GREYLISTS):
            return ("503 5.5.1 no SMTP service here",)
        case "EHLO":
            offers = () if encrypted or host.smtp is SmtpBehaviour.NO_STARTTLS else ("250-STARTTLS",)
            return (f"250-{host.name}", "250-SIZE 10240000", *offers, "250 8BITMIME")
        case "HELO":
            return (f"250 {host.name}",)
        case "NOOP" | "RSET" | "MAIL":
            return ("250 2.0.0 ok",)
        case "RCPT":
            return (_recipient(command, host),)
        case "DATA":
            return ("503 5.5.1 no valid recipients",)
        case _:
            return ("502 5.5.2 command not recognised",)


def _recipient(command: str, host: MailHost) -> str:
    recipient = command.partition("<")[2].partition(">")[0]
    if host.smtp is SmtpBehaviour.RELAYS:
        return "250 2.1.5 ok"
    if recipient.rpartition("@")[2].lower() == host.domain:
        return "550 5.1.1 no such user"
    return "554 5.7.1 relay access denied"


async def _say(writer: asyncio.StreamWriter, *lines: str) -> None:
    writer.write("".join(f"{line}\r\n" for line in lines).encode("utf-8"))
    await writer.drain()


if __name__ == "__main__":
    asyncio.run(serve(load(Path(sys.argv[1]))))
