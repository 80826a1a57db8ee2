"""Runs the HTTP server: closes connections that send no whole request in time or take no answer, and names no version.

aiohttp limits the size of a request's head (a line of 8,190 bytes, 128 fields of as many) but gives it an hour; a proxy
hides that, but a few thousand half requests block a service without one.
"""

import asyncio
import resource
import socket
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_request import BaseRequest

NAME = "auditor"
"""The value of the ``Server`` header."""

HEAD = 15.0
"""Seconds from the first byte of a request, or the beginning of the connection, to the end of its head."""
KEPT = 75.0
"""Seconds that a connection may stay open without a request."""
UNREAD = 120.0
"""Seconds that a reader may take none of the bytes sent: else its connection and its file would stay for ever."""
MOST = 4_000
"""The most connections at once, and never more than half of the files that this process may open.

Where accepting fails for lack of files, asyncio writes a thousand tracebacks a second, and nothing else of the service
can open any.
"""


class _Connection(RequestHandler):
    """Ends the connection if the head of a request takes longer than ``HEAD``."""

    __slots__ = ("_head",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNREAD * 1_000))
        self._expect()

    def data_received(self, data: bytes) -> None:
        before = self._request_count
        super().data_received(data)
        if self._request_count > before or self._request_in_progress:
            self._relax()
        elif data and self._head is None:
            self._expect()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._relax()
        super().connection_lost(exc)

    def handle_error(
        self, request: BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer bytes that could not be read as a request, below the application and its headers.

        aiohttp repeats the wrong line, in its answer and with a traceback in the log: it may hold a cookie or a token,
        and anybody can send thousands.
        """
        if isinstance(exc, HttpProcessingError) and not request.writer.output_size:
            response: web.StreamResponse = web.Response(status=status, text=HTTPStatus(status).phrase)
            response.force_close()
        else:
            response = super().handle_error(request, status, exc, message)
        response.headers["Server"] = NAME
        return response

    def _expect(self) -> None:
        self._head = asyncio.get_running_loop().call_later(HEAD, self.force_close)

    def _relax(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None


def most_connections() -> int:
    """Return the greatest number of connections that may be open at once."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if files == resource.RLIM_INFINITY else min(MOST, files // 2)


class _Server(web.Server):
    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        if len(self.connections) > most_connections():
            transport.abort()

    def __call__(self) -> RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class BoundedRunner(web.AppRunner):
    """Serves an application over connections that are limited in number and time."""

    __slots__ = ()

    def __init__(self, app: web.Application, **kwargs: Any) -> None:
        super().__init__(app, keepalive_timeout=KEPT, **kwargs)

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(made.request_handler, request_factory=made.request_factory, **made._kwargs)
