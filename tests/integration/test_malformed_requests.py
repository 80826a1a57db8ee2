"""What is no request of HTTP: refused without a word of it, in the answer or in the log."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from auditor.service.config.model import Config
from auditor.service.store.sql.store import SqlStore
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
