"""Simulates Telnet, SMB 1 and memcached over UDP as far as their first message, a tarpit and a SYN proxy.

A scripted peer: `python -m containers.rehearsal.peers.services services.json`, where the file is a list of
{"service", "address"}. Nobody can log in, nothing is stored.
"""

import asyncio
import json
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

from probes.observations.exposure import SWEPT

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
# IAC DO TERMINAL-TYPE, IAC WILL ECHO (RFC 854, RFC 1091), then the prompt.
TELNET = b"\xff\xfd\x18\xff\xfb\x01\r\nsonlam login: "
STAT = b"STAT pid 1\r\n"


async def telnet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Negotiate, ask for a login name, and wait."""
    writer.write(TELNET)
    await reader.read()


async def smb1(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accepts NT LM 0.12 from clients that offer it ([MS-CIFS] 2.2.4.52.2); has no SMB 2."""
    size = int.from_bytes(await reader.readexactly(4))
    request = await reader.readexactly(size)
    if request[:4] != b"\xffSMB" or b"NT LM 0.12" not in request:
        return
    header = request[:9] + b"\x98" + request[10:32]
    words = struct.pack("<HBHHIIIIQHB", 0, 3, 50, 1, 16_644, 65_536, 0, 0, 0, 0, 8)
    message = header + bytes([len(words) // 2]) + words + struct.pack("<H", 8) + bytes(8)
    writer.write(struct.pack("!I", len(message)) + message)
    await writer.drain()
    await reader.read()


async def tarpit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accepts connections and holds them open."""
    await reader.read()


async def syn_proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Has made the handshake for a machine that then refuses."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


ACCEPT_EVERYTHING: dict[str, Talk] = {"tarpit": tarpit, "syn-proxy": syn_proxy}


class Memcached(asyncio.DatagramProtocol):
    """Answers `stats` with many lines, as a server does that forgot to switch UDP off."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data.endswith(b"stats\r\n"):
            self._transport.sendto(data[:8] + STAT * 100 + b"END\r\n", addr)


async def serve(rows: list[dict[str, str]]) -> None:
    """Listen for all of them until stopped."""
    loop = asyncio.get_running_loop()
    servers = []
    for row in rows:
        match row["service"]:
            case "telnet":
                servers.append(await asyncio.start_server(_patient(telnet), row["address"], 23))
            case "tarpit" | "syn-proxy" as name:
                talk = _patient(ACCEPT_EVERYTHING[name])
                servers += [await asyncio.start_server(talk, row["address"], port) for port in SWEPT]
            case "smb1":
                servers.append(await asyncio.start_server(_patient(smb1), row["address"], 445))
            case _:
                await loop.create_datagram_endpoint(Memcached, (row["address"], 11211))
    await asyncio.gather(*(server.serve_forever() for server in servers))


def _patient(talk: Talk) -> Talk:
    """Return the talk, ended after half a minute, and without a word about clients that are gone."""

    async def bounded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(30):
                await talk(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    return bounded


if __name__ == "__main__":
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
