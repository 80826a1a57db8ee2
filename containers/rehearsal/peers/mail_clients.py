"""Simulates submission on port 465 and IMAP on port 993 inside TLS (RFC 8314), as far as the greeting.

A scripted peer: nobody can log in. Started as a program of its own, for example
`python -m containers.rehearsal.peers.mail_clients clients.json`, where the file is a list of listeners:
{"address", "chain", "key", "tls"}, `tls` being the name of a `model.Tls`.
"""

import asyncio
import json
import sys
from pathlib import Path

from containers.rehearsal.model import TlsSetup
from containers.rehearsal.peers.control import Greeter
from containers.rehearsal.peers.encryption import server_context

GREETINGS = {465: b"220 submissions ESMTP\r\n", 993: b"* OK IMAP4rev2 ready\r\n"}


async def serve(listeners: list[dict[str, str]]) -> None:
    """Listen on all addresses until stopped."""
    servers = [
        await asyncio.start_server(
            Greeter(greeting),
            listener["address"],
            port,
            ssl=server_context(listener["chain"], listener["key"], TlsSetup[listener["tls"]]),
        )
        for listener in listeners
        for port, greeting in GREETINGS.items()
    ]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
