"""Simulates web servers that browsers accept and strict readers refuse: sloppy headers and lengths, HTTP/2 only.

A scripted peer: `python -m containers.rehearsal.peers.quirky_web rows.json`, where the file is a list of
{"quirk", "address", "name", "chain", "key", "pages", "headers"}. Port 80 redirects to HTTPS with the same quirk. It
serves the same files as the portals beside it.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.exceptions

from containers.rehearsal.peers.encryption import server_context
from containers.rehearsal.web_quirks import Quirk

Headers = list[tuple[str, str]]
Answer = tuple[int, Headers, bytes]
_TYPES = {".html": "text/html; charset=utf-8", ".txt": "text/plain; charset=utf-8", ".css": "text/css"}
_TYPES |= {".svg": "image/svg+xml"}
_REASONS = {200: "OK", 301: "Moved Permanently", 404: "Not Found"}
_COOKIE = "tuy-chon=" + "a" * 3_900 + "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=86400"


def answer(row: dict[str, Any], path: str, *, secure: bool) -> Answer:
    """Status, headers and body of a request."""
    name, pages = row["name"], Path(row["pages"])
    if not secure:
        return 301, [("Location", f"https://{name}{path}")], b""
    files = {
        "/": pages / name / "index.html",
        "/chung.css": pages / "chung.css",
        "/ban-do.svg": pages / "ban-do.svg",
        "/.well-known/security.txt": pages / "security.txt",
    }
    found = files.get(path.partition("?")[0])
    headers = [(key, value) for key, value in row["headers"]]
    if found is None:
        return 404, headers, b""
    return 200, [("Content-Type", _TYPES[found.suffix]), *headers], found.read_bytes()


def large_heads(status: int, headers: Headers, body: bytes) -> bytes:
    """Three cookies of 4 kB and 120 headers more."""
    more = [("Set-Cookie", f"{letter}{_COOKIE}") for letter in "abc"] + [(f"X-Phu-{n}", "x") for n in range(120)]
    return _written(status, [*headers, *more, ("Content-Length", str(len(body)))], body)


def bare_lines(status: int, headers: Headers, body: bytes) -> bytes:
    """Lines that end with LF, as scripts write them."""
    head, _, rest = plain(status, headers, body).partition(b"\r\n\r\n")
    return head.replace(b"\r\n", b"\n") + b"\n\n" + rest


def folded(status: int, headers: Headers, body: bytes) -> bytes:
    """Long values on several lines (RFC 9112 §5.2)."""
    lines = [(name, value.replace("; ", ";\r\n\t")) for name, value in headers]
    return plain(status, lines, body)


def no_reason(status: int, headers: Headers, body: bytes) -> bytes:
    """Return a status line without a phrase."""
    return plain(status, headers, body).replace(f" {_REASONS[status]}\r\n".encode(), b"\r\n", 1)


def too_long(status: int, headers: Headers, body: bytes) -> bytes:
    """Return a length beyond the end of the page that is sent."""
    more = 50 if body else 0
    return _written(status, [*headers, ("Content-Length", str(len(body) + more))], body)


def stray_lines(status: int, headers: Headers, body: bytes) -> bytes:
    """Return a blank before a colon, and a name of three words."""
    first, _, rest = plain(status, headers, body).partition(b"\r\n")
    return first + b"\r\nServer : may-chu\r\nX Powered By: php\r\n" + rest


def two_lengths(status: int, headers: Headers, body: bytes) -> bytes:
    """Return a chunked answer with two Content-Length headers besides."""
    length = str(len(body) + 9)
    more = [("Content-Length", length), ("Transfer-Encoding", "chunked"), ("Content-Length", length)]
    return _written(status, [*headers, *more], b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n")


def plain(status: int, headers: Headers, body: bytes) -> bytes:
    """Return an answer as the RFC specifies it."""
    return _written(status, [*headers, ("Content-Length", str(len(body)))], body)


def _written(status: int, headers: Headers, body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status} {_REASONS[status]}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


_WRITERS: dict[Quirk, Callable[[int, Headers, bytes], bytes]] = {
    Quirk.LARGE_HEADS: large_heads,
    Quirk.BARE_LINES: bare_lines,
    Quirk.FOLDED: folded,
    Quirk.NO_REASON: no_reason,
    Quirk.TOO_LONG: too_long,
    Quirk.STRAY_LINES: stray_lines,
    Quirk.TWO_LENGTHS: two_lengths,
    Quirk.HTTP2: plain,
}


async def _http1(
    row: dict[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, secure: bool
) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    path = head.split(b" ", 2)[1].decode()
    status, headers, body = answer(row, path, secure=secure)
    writer.write(_WRITERS[Quirk[row["quirk"]]](status, headers, body))
    await writer.drain()


async def _http2(row: dict[str, Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    server = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    server.initiate_connection()
    waiting: dict[int, bytes] = {}
    while data := await reader.read(65_536):
        writer.write(server.data_to_send())  # its settings first, whatever was said
        for event in server.receive_data(data):
            if isinstance(event, h2.events.RequestReceived) and event.stream_id is not None:
                asked = dict(event.headers or [])
                status, headers, body = answer(row, asked[b":path"].decode(), secure=True)
                lower = [(name.lower(), value) for name, value in headers]
                server.send_headers(event.stream_id, [(":status", str(status)), *lower])
                waiting[event.stream_id] = body
        for stream in list(waiting):
            _send_more(server, stream, waiting)
        writer.write(server.data_to_send())
        await writer.drain()


def _send_more(server: h2.connection.H2Connection, stream: int, waiting: dict[int, bytes]) -> None:
    """Send as much of a body as the windows allow."""
    body = waiting[stream]
    while body and (room := min(server.local_flow_control_window(stream), server.max_outbound_frame_size)):
        server.send_data(stream, body[:room])
        body = body[room:]
    waiting[stream] = body
    if not body:
        server.end_stream(stream)
        del waiting[stream]


async def _served(talk: Callable[..., Any], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Serve one connection for at most half a minute; clients that are gone are no error."""
    try:
        async with asyncio.timeout(30):
            await talk(reader, writer)
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, h2.exceptions.ProtocolError):
        pass
    finally:
        writer.close()


async def serve(rows: Sequence[dict[str, Any]]) -> None:
    """Listen for all of them until stopped."""
    servers = []
    for row in rows:
        context = server_context(row["chain"], row["key"])
        if Quirk[row["quirk"]] is Quirk.HTTP2:
            context.set_alpn_protocols(["h2"])
            talk: Callable[..., Any] = partial(_http2, row)
        else:
            talk = partial(_http1, row, secure=True)
        address = row["address"]
        servers.append(await asyncio.start_server(partial(_served, talk), address, 443, ssl=context))
        plain_talk = partial(_http1, row, secure=False)
        servers.append(await asyncio.start_server(partial(_served, plain_talk), address, 80))
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
