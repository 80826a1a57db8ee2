"""Tests clients that send requests and never read: their connections end, and no other client waits.

The responses that were written for them end with the connections.
"""

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from auditor.service.web import server
from auditor.service.web.server import BoundedRunner

LARGE = 64 * 1024 * 1024
"""Octets of an answer that is larger than all buffers between two programs."""


class Sent:
    """Serves a large answer, and counts those in progress."""

    under_way = 0

    async def large(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        self.under_way += 1
        try:
            for _ in range(LARGE // 65_536):
                await response.write(bytes(65_536))
        finally:
            self.under_way -= 1
        return response

    async def page(self, request: web.Request) -> web.Response:
        return web.Response(body=bytes(LARGE))


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
async def runner(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BoundedRunner]:
    monkeypatch.setattr(server, "UNREAD", 1.0)
    app = web.Application()
    for path, handler in (("/large", sent.large), ("/page", sent.page)):
        app.router.add_get(path, handler)
    made = BoundedRunner(app, access_log=None, shutdown_timeout=1.0)
    await made.setup()
    await web.TCPSite(made, "::1", 0).start()
    yield made
    await made.cleanup()


def asking(runner: BoundedRunner, path: str) -> socket.socket:
    """Send a request and read nothing."""
    made = socket.create_connection(runner.addresses[0][:2])
    made.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return made


async def held(runner: BoundedRunner) -> int:
    """Return the number of connections left after a time in which all of them can have ended."""
    assert runner.server is not None
    for _ in range(150):
        if runner.server.connections:
            await asyncio.sleep(0.1)
    return len(runner.server.connections)


async def test_answers_that_nobody_reads_are_given_up(runner: BoundedRunner, sent: Sent) -> None:
    readers = [asking(runner, path) for path in ("/large", "/page") for _ in range(3)]
    await asyncio.sleep(0.3)
    assert sent.under_way == 3
    assert await held(runner) == 0
    assert sent.under_way == 0
    for reader in readers:
        reader.close()


async def test_reader_who_is_slow_gets_the_whole_answer(runner: BoundedRunner) -> None:
    reader, writer = await asyncio.open_connection(*runner.addresses[0][:2], limit=1024 * 1024)
    writer.write(b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    size, began = 0, time.monotonic()
    while piece := await reader.read(256 * 1024):
        size += len(piece)
        if time.monotonic() - began < 2.5:  # longer than the limit of a client that reads nothing
            await asyncio.sleep(0.1)
    writer.close()
    assert size >= LARGE
