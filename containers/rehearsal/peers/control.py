"""Runs the control host: it answers on every transport that the auditor uses, in both families.

A scripted peer. It proves that packets of a kind get out and back, so that a timeout elsewhere means something:
TCP 22, 25, 53, 80, 443, 445, 465, 587, 993, 995 accept and send their protocol's greeting, port 80 and 443 serve
a page, port 53 answers any question with REFUSED, port 7 sends back what it gets (RFC 862). Echo is the
kernel's, the time on UDP 123 is chronyd's; on UDP 1123 a clock is an hour fast, where the fault ``clock_skew`` leads.
"""

import asyncio
import json
import ssl
import struct
import sys
import time
from pathlib import Path
from typing import cast

from containers.rehearsal.peers.encryption import server_context

BANNERS = {22: b"SSH-2.0-control\r\n", 25: b"220 control ESMTP\r\n", 587: b"220 control ESMTP\r\n", 445: b""}
TLS_BANNERS = {465: b"220 control ESMTP\r\n", 993: b"* OK control\r\n", 995: b"+OK control\r\n"}
PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 8\r\n"
    b"Connection: close\r\n\r\ncontrol\n"
)
FAST_CLOCK = 1123
NTP_EPOCH = 2_208_988_800  # seconds from 1900 to 1970 (RFC 5905)


async def serve(addresses: list[str], chain: str, key: str) -> None:
    """Listen on all addresses until stopped."""
    context = server_context(chain, key)
    servers = [server for address in addresses for server in await _listen(address, context)]
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def _listen(address: str, context: ssl.SSLContext) -> list[asyncio.Server]:
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(DnsRefuser, (address, 53))
    await loop.create_datagram_endpoint(FastClock, (address, FAST_CLOCK))
    plain = [await asyncio.start_server(Greeter(banner), address, port) for port, banner in BANNERS.items()]
    secure = [
        await asyncio.start_server(Greeter(banner), address, port, ssl=context) for port, banner in TLS_BANNERS.items()
    ]
    asking = [
        await asyncio.start_server(_echo, address, 7),
        await asyncio.start_server(_dns, address, 53),
        await asyncio.start_server(_page, address, 80),
        await asyncio.start_server(_page, address, 443, ssl=context),
    ]
    return [*plain, *secure, *asking]


class Greeter:
    """Says its line, then listens until the client has enough."""

    def __init__(self, banner: bytes) -> None:
        self._banner = banner

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(self._banner)
            async with asyncio.timeout(30):
                await reader.read()
        except (OSError, TimeoutError):
            pass  # the client is gone
        finally:
            writer.close()


async def _page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        async with asyncio.timeout(10):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(PAGE)
            await writer.drain()
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass  # no request, no page
    finally:
        writer.close()


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        async with asyncio.timeout(30):
            while piece := await reader.read(16_384):
                writer.write(piece)
                await writer.drain()
    except (OSError, TimeoutError):
        pass  # the client is gone
    finally:
        writer.close()


async def _dns(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        async with asyncio.timeout(10):
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                reply = _refusal(await reader.readexactly(length))
                writer.write(struct.pack("!H", len(reply)) + reply)
                await writer.drain()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        pass  # the client has asked all it wanted
    finally:
        writer.close()


class _Answering(asyncio.DatagramProtocol):
    """Replies to each datagram with the result of `answer`."""

    _transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # asyncio's own class is none before 3.12

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if reply := self.answer(data):
            self._transport.sendto(reply, addr)

    def answer(self, data: bytes) -> bytes:
        """Return the reply, empty for none."""
        raise NotImplementedError


class DnsRefuser(_Answering):
    """DNS over UDP."""

    def answer(self, data: bytes) -> bytes:
        """See the class."""
        return _refusal(data)


class FastClock(_Answering):
    """A stratum 1 server for one packet (RFC 5905, client and server mode), an hour ahead."""

    def answer(self, data: bytes) -> bytes:
        """See the class."""
        if len(data) < 48:
            return b""
        now = _ntp(time.time() + 3_600)
        version = data[0] & 0x38
        head = bytes([version | 4, 1, 6, 0xEC]) + struct.pack("!II4s", 0, 0, b"LOCL")
        return head + now + data[40:48] + now + now


def _refusal(data: bytes) -> bytes:
    """Return the question back with QR set and RCODE 5: proof of both directions, and nothing else."""
    if len(data) < 12 or data[2] & 0x80:
        return b""
    flags = bytes([data[2] | 0x80, 5])
    return data[:2] + flags + b"\0\1" + bytes(6) + data[12 : _question_end(data)]


def _ntp(moment: float) -> bytes:
    seconds = int(moment)
    return struct.pack("!II", (seconds + NTP_EPOCH) & 0xFFFFFFFF, int((moment - seconds) * 2**32))


def _question_end(data: bytes) -> int:
    position = 12
    while position < len(data) and data[position]:
        position += data[position] + 1
    return min(position + 5, len(data))


if __name__ == "__main__":
    configuration = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    asyncio.run(serve(configuration["addresses"], configuration["chain"], configuration["key"]))
