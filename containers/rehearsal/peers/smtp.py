"""A mail host that only talks: 220, EHLO, STARTTLS, refuses every recipient, QUIT (RFC 5321, RFC 3207).

A scripted peer, not a mail server: it never accepts a message. Started as a program of its own, for example
`python -m containers.rehearsal.peers.smtp mail.json`, where the file is a list of
{"name", "addresses", "chain", "key"}.
"""

import asyncio
import json
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path

from containers.rehearsal.peers.encryption import server_context

PORT = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class MailHost:
    """One MX host: the name it greets with, where it listens, what it shows after STARTTLS."""

    name: str
    addresses: tuple[str, ...]
    chain: str
    key: str


def load(path: Path) -> tuple[MailHost, ...]:
    """Read the hosts from their file."""
    rows = json.loads(path.read_text("utf-8"))
    return tuple(
        MailHost(name=row["name"], addresses=tuple(row["addresses"]), chain=row["chain"], key=row["key"])
        for row in rows
    )


async def serve(hosts: tuple[MailHost, ...]) -> None:
    """Listen for all hosts until stopped."""
    servers = [await _listen(host, address) for host in hosts for address in host.addresses]
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def _listen(host: MailHost, address: str) -> asyncio.Server:
    context = server_context(host.chain, host.key)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(60):
                await _dialogue(host.name, context, reader, writer)
        except (ConnectionError, TimeoutError, ssl.SSLError, ValueError, asyncio.IncompleteReadError):
            pass  # the client went away or talked nonsense: nothing to keep
        finally:
            writer.close()

    return await asyncio.start_server(talk, address, PORT)


async def _dialogue(
    name: str, context: ssl.SSLContext, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    encrypted = False
    await _say(writer, f"220 {name} ESMTP")
    while line := await reader.readline():
        verb = line.decode("ascii", "replace").strip().upper().partition(" ")[0]
        if verb == "STARTTLS" and not encrypted:
            await _say(writer, "220 2.0.0 ready to start TLS")
            await writer.start_tls(context)
            encrypted = True
            continue
        await _say(writer, *_reply(verb, name, encrypted))
        if verb == "QUIT":
            return


def _reply(verb: str, name: str, encrypted: bool) -> tuple[str, ...]:
    match verb:
        case "EHLO":
            offers = () if encrypted else ("250-STARTTLS",)
            return (f"250-{name}", "250-SIZE 10240000", *offers, "250 8BITMIME")
        case "HELO":
            return (f"250 {name}",)
        case "QUIT":
            return ("221 2.0.0 bye",)
        case "NOOP" | "RSET" | "MAIL":
            return ("250 2.0.0 ok",)
        case "RCPT":
            return ("554 5.7.1 relay access denied",)
        case "DATA":
            return ("503 5.5.1 no valid recipients",)
        case _:
            return ("502 5.5.2 command not recognised",)


async def _say(writer: asyncio.StreamWriter, *lines: str) -> None:
    writer.write("".join(f"{line}\r\n" for line in lines).encode("utf-8"))
    await writer.drain()


if __name__ == "__main__":
    asyncio.run(serve(load(Path(sys.argv[1]))))
