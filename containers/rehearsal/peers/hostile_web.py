"""Simulates hostile and broken web servers: endless, slow, silent, or not speaking HTTP at all.

Each trick serves one connection and never ends it by itself unless that is the trick.
"""

import asyncio
import gzip
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping

from containers.rehearsal.peers.hostile_text import BYTES, FORMULA, LINE

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
PAUSE = 0.2
BLOCK = b"x" * 16_384
BOMB = gzip.compress(bytes(200_000_000), 1)


async def endless_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A page without end."""
    await flood(writer, OK + b"\r\n", BLOCK)


async def endless_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send headers without end."""
    await flood(writer, OK, b"X-More: and more\r\n" * 500)


async def endless_line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A status line without end."""
    await flood(writer, b"HTTP/1.1 200 ", BLOCK)


async def endless_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A chunk that is announced larger than the world, and empty ones that never come to it."""
    await flood(writer, OK + b"Transfer-Encoding: chunked\r\n\r\n", b"ffffffffffffffff\r\n" + BLOCK)


async def bomb(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """200 MB in 200 kB."""
    head = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB)
    writer.write(head + BOMB)
    await reader.read()


async def slow_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a header slowly, byte by byte."""
    await _drip(writer, OK + b"X-Slow: " + b"y" * 10_000)


async def slow_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer at once and send the page for ever."""
    writer.write(OK + b"Content-Length: 100000\r\n\r\n")
    await _drip(writer, b"z" * 100_000)


async def redirects(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Always one door further."""
    request = await reader.readuntil(b"\r\n\r\n")
    number = request.split()[1].strip(b"/") or b"0"
    further = b"/%d" % (int(number) + 1 if number.isdigit() else 1)
    writer.write(b"HTTP/1.1 301 Moved\r\nLocation: %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % further)
    await writer.drain()


async def inward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Redirect clients to their own loopback address."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 302 Found\r\nLocation: http://[::1]/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await writer.drain()


async def many_parts(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A page that wants something of thousands of hosts."""
    await reader.readuntil(b"\r\n\r\n")
    page = b"".join(b'<script src="//h%d.many-parts.vn/"></script>' % number for number in range(5_000))
    writer.write(OK + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(page) + page)
    await writer.drain()


async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Bytes that are no protocol."""
    writer.write(os.urandom(4_000))
    await writer.drain()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hangs up rudely at the first word."""
    await reader.read(1)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Listens and says nothing."""
    await reader.read()
    await asyncio.sleep(3_600)


async def half_hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A handshake that is announced and comes a byte at a time."""
    await _drip(writer, b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03" + bytes(16_000))


async def endless_records(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Warnings without end, each of which a client may ignore."""
    await flood(writer, b"", b"\x15\x03\x03\x00\x02\x01\x5a" * 500)


async def interim(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Informational responses without end, and never the final one."""
    await flood(writer, b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" * 200)


async def chunk_extensions(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte of page in a kilobyte of chunk extensions."""
    await flood(writer, OK + b"Transfer-Encoding: chunked\r\n\r\n", (b"1;x=" + b"y" * 1_000 + b"\r\nz\r\n") * 20)


async def trailers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A page that has ended, and trailer fields that do not."""
    await flood(writer, OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\n", b"X-More: and more\r\n" * 500)


async def lying_length(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Less than was announced."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(OK + b"Content-Length: 400000\r\nContent-Encoding: gzip\r\n\r\nnothing of it is gzip")
    await writer.drain()


async def sheets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A page with many style sheets, each of which is endless."""
    request = await reader.readuntil(b"\r\n\r\n")
    if request.startswith(b"GET / "):
        page = b"".join(b'<link rel="stylesheet" href="/%d.css"><img src="/%d.png">' % (n, n) for n in range(100))
        writer.write(OK + b"Content-Length: %d\r\n\r\n" % len(page) + page)
        await writer.drain()
    else:
        await flood(writer, b"HTTP/1.1 200 OK\r\nContent-Type: text/css\r\n\r\n", BLOCK)


async def injecting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Text that harms its readers, wherever text stands."""
    await reader.readuntil(b"\r\n\r\n")
    page = b"<title>" + BYTES + b"</title><script src='//" + LINE + b"/'></script>" + FORMULA.encode()
    head = (
        b"HTTP/1.1 200 " + LINE + b"\r\nServer: " + FORMULA.encode() + LINE + b"\r\nContent-Type: text/html; x=" + LINE
    )
    head += b"\r\nSet-Cookie: " + LINE + b"=1\r\nWWW-Authenticate: Basic realm=" + LINE
    head += b"\r\nStrict-Transport-Security: " + LINE + b"\r\nContent-Security-Policy: " + LINE
    writer.write(head + b"\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(page) + page)
    await writer.drain()


async def injecting_redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The same in the place where a redirect leads."""
    await reader.readuntil(b"\r\n\r\n")
    where = b"http://evil.example/\r" + LINE + FORMULA.encode()
    writer.write(b"HTTP/1.1 302 " + FORMULA.encode() + b"\r\nLocation: " + where + b"\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()


PAGES: Mapping[str, Talk] = {
    "interim": interim,
    "chunk-extensions": chunk_extensions,
    "trailers": trailers,
    "sheets": sheets,
    "injecting": injecting,
    "body": endless_body,
}
"""Pages that are also served behind TLS."""
PLAIN: Mapping[str, Talk] = {
    **{name: page for name, page in PAGES.items() if name != "body"},
    "lying-length": lying_length,
    "injecting-redirect": injecting_redirect,
    "endless-body": endless_body,
    "endless-headers": endless_headers,
    "endless-line": endless_line,
    "endless-chunks": endless_chunks,
    "bomb": bomb,
    "slow-headers": slow_headers,
    "slow-body": slow_body,
    "redirects": redirects,
    "inward": inward,
    "many-parts": many_parts,
    "nonsense": nonsense,
    "reset": reset,
    "mute": mute,
}
SECURE: Mapping[str, Talk] = {
    "tls-nonsense": nonsense,
    "tls-mute": mute,
    "tls-half-hello": half_hello,
    "tls-endless": endless_records,
    "tls-reset": reset,
    "tls-plain": endless_body,
}
"""Dialogues on port 80 or 443; the other port is closed."""


async def flood(writer: asyncio.StreamWriter, head: bytes, block: bytes) -> None:
    """The block again and again until the client has had enough.

    Others have their turn after each: what is written to a client that has closed its session of TLS goes nowhere, and
    only they would tell that it is gone.
    """
    writer.write(head)
    while not writer.is_closing():
        writer.write(block)
        await writer.drain()
        await asyncio.sleep(0)


async def _drip(writer: asyncio.StreamWriter, data: bytes) -> None:
    for position in range(len(data)):
        writer.write(data[position : position + 1])
        await writer.drain()
        await asyncio.sleep(PAUSE)


async def listen(address: str, port: int, talk: Talk) -> asyncio.Server:
    """Serve one trick at one place."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (OSError, EOFError, asyncio.LimitOverrunError, ValueError):
            pass  # the client has had enough
        finally:
            writer.close()

    return await asyncio.start_server(serve, address, port)
