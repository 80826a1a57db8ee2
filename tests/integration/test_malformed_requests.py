"""Tests that malformed HTTP requests and connections beyond the limit are refused without a line in the log."""

import asyncio
import logging
import resource
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiohttp import web

from auditor.service.config.model import Config
from auditor.service.store.sql.store import SqlStore
from auditor.service.web import server
from auditor.service.web.app import make_app
from auditor.service.web.server import BoundedRunner

pytest_plugins = ("tests.support.pages",)

SECRET = b"ira_secret-of-somebody"
HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
MALFORMED = {
    "a token with a control character": HEAD + b"Authorization: Bearer " + SECRET + b"\0\r\n\r\n",
    "a cookie without an end": HEAD + b"Cookie: session=" + SECRET + b"x" * 10_000 + b"\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 0\r\nContent-Length: " + SECRET + b"\r\n\r\n",
    "no host": b"GET /" + SECRET + b" HTTP/1.1\r\n\r\n",
}


@pytest.fixture
async def port(store: SqlStore) -> AsyncIterator[int]:
    runner = BoundedRunner(make_app(Config(), store, secure=False), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "::1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.mark.parametrize("what", MALFORMED)
async def test_malformed_request_is_told_to_nobody(port: int, what: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    reader, writer = await asyncio.open_connection("::1", port)
    writer.write(MALFORMED[what])
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert answer.startswith(b"HTTP/1.0 400 ")
    assert b"Server: auditor\r\n" in answer
    assert SECRET not in answer
    assert [
        record.getMessage() for record in caplog.records if record.exc_info or "secret-of" in record.getMessage()
    ] == []


async def test_connections_above_the_bound_are_closed_and_leave_room(
    port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server, "MOST", 3)

    async def asked(streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> bytes:
        streams[1].write(HEAD.replace(b"GET /", b"GET /healthz") + b"\r\n")
        with suppress(ConnectionError):
            return (await asyncio.wait_for(streams[0].read(12), 10))[:12]
        return b""

    opened = [await asyncio.open_connection("::1", port) for _ in range(5)]
    assert [await asked(each) for each in opened] == [b"HTTP/1.1 200"] * 3 + [b""] * 2
    for _, writer in opened:
        writer.close()
    await asyncio.sleep(0.2)
    later = await asyncio.open_connection("::1", port)
    assert await asked(later) == b"HTTP/1.1 200"
    later[1].close()
    assert caplog.records == []


def test_most_connections_leave_half_of_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    for files, most in ((90, 45), (65_536, server.MOST), (resource.RLIM_INFINITY, server.MOST)):
        monkeypatch.setattr(resource, "getrlimit", lambda what, files=files: (files, files))
        assert server.most_connections() == most
