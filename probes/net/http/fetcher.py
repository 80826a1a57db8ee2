"""Makes HTTP GETs to one literal address each, every one over a connection of its own.

No name is resolved and no family is chosen; Host and SNI carry the name. No redirect is followed, no connection used
twice. All data of a server is bounded: its head, the body on the wire and after decompression, the total time, and the
bytes that its address may send at all (``probes.framework.budget``). HTTP/1.1 is used, and HTTP/2 where a server
refuses to agree on that.
"""

import asyncio
import hashlib
import math
import socket
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version

from yarl import URL

from inventory.model import Endpoint
from probes.framework.budget import account_of, counted_apart, over_budget
from probes.framework.evidence import CLOSED_MUTE, Failure, FailureKind
from probes.net.api import BODY_LIMIT, Fetched, Headers, HttpRequest, Net
from probes.net.core import faults
from probes.net.core.gate import Place, QueueGate
from probes.net.core.tcp import Connector
from probes.net.core.time_limits import TimeLimits
from probes.net.http.http2 import Exchange2
from probes.net.http.over_tls import BROKEN_OFF, Carrier, Clear, Exchange, Http2Error, HungUpError, Sealed
from probes.net.tls.handshake import Handshaker, TlsSession
from probes.observations.web import AGENT
from probes.wire.web.http1 import FIELD_LIMIT, ResponseHead
from probes.wire.web.urls import resolved

FETCHES = 50
"""Exchanges at once. More would wait for our own processor, and that wait would look like the server's."""
_H2 = "h2"
_END = b"</html>"
_FLOWS = 0.3
"""Fraction of the total time within which the next piece of a body comes on any line that still works."""
_DEFAULT_PORT = {"http": 80, "https": 443}


_AS_BROWSERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip",
    "Upgrade-Insecure-Requests": "1",
}
"""The header fields that all browsers send: some sites serve pages, or redirect to HTTPS, only with them."""


def user_agent(contact: str = "") -> str:
    """Return the User-Agent: the service and, where configured, the address to write to."""
    try:
        number = version(AGENT)
    except PackageNotFoundError:  # a checkout on the path that was never installed
        number = "0"
    return f"{AGENT}/{number}" + (f" (+{contact})" if contact else "")


_IMPOSSIBLE = Failure(kind=FailureKind.PROTOCOL, detail="a URL that cannot be asked for")


class Fetcher:
    """Fetches by HTTP; opened inside the loop, closed by its owner. ``slots`` limit the simultaneous exchanges."""

    def __init__(self, connector: Connector, *, seconds: float, contact: str = "") -> None:
        self.slots = QueueGate(FETCHES)
        self._connector = connector
        self._handshaker = Handshaker(self._connector, seconds)
        self._seconds, self._limits = seconds, TimeLimits(seconds)
        self.agent = user_agent(contact)
        self._headers = {"User-Agent": self.agent, **_AS_BROWSERS}

    async def fetch(self, request: HttpRequest) -> Fetched:
        """Send a request as ``get`` does; it may have an account and a token in the User-Agent of its own."""
        agent = f"{self.agent} {request.token}"
        extra = (*request.extra, ("User-Agent", agent)) if request.token else request.extra
        if request.apart is None:
            return await self.get(request.endpoint, request.url, request.limit, extra)
        if excess := account_of(request.endpoint.address).excess:
            return Fetched(failure=over_budget(excess))
        with counted_apart(request.apart):
            return await self.get(request.endpoint, request.url, request.limit, extra)

    async def get(self, endpoint: Endpoint, url: str, limit: int = BODY_LIMIT, extra: Headers = ()) -> Fetched:
        """Ask ``endpoint`` for ``url`` in a slot, with at most ``limit`` bytes of the body and ``extra`` headers.
        Network errors are returned as data."""
        async with self.slots.slot() as place:
            got = await self._get(endpoint, url, limit, extra, place)
        return replace(got, failure=faults.attribute_unreachable(got.failure, endpoint.address))

    async def over(
        self,
        session: TlsSession,
        endpoint: Endpoint,
        url: str,
        limit: int = BODY_LIMIT,
        extra: Headers = (),
        *,
        place: Place | None = None,
    ) -> Fetched:
        """Send a GET over ``session``, which is closed at the end. ``place``: the caller's, of ``slots``.

        A server that closed before it answered, or that uses HTTP/2 without agreement, is asked once more over a
        connection of its own, as ``get`` does.
        """
        answer = _Answer(url, limit, _FLOWS * self._seconds)
        try:
            with self._limits.limited():
                await self._ask(Sealed(session), session.agreed.alpn, answer, extra)
        except (HungUpError, Http2Error):
            return await self._get(endpoint, url, limit, extra, place)
        except (faults.Fault, OSError) as problem:
            return answer.fetched(faults.from_exception(problem))
        finally:
            session.close()
        return answer.fetched()

    async def _get(self, endpoint: Endpoint, url: str, limit: int, extra: Headers, place: Place | None) -> Fetched:
        answer, asked = _Answer(url, limit, _FLOWS * self._seconds), parsed(url)
        if asked is None:
            return Fetched(failure=_IMPOSSIBLE)
        port = endpoint.port or _DEFAULT_PORT[asked.scheme]
        try:
            latest = asyncio.get_running_loop().time() + self._seconds
            sock = await self._connector.connect(endpoint.address, port, place)  # it reports a silent host by itself
            async with asyncio.timeout_at(latest):
                if asked.scheme == "http":
                    await self._ask(Clear(sock), None, answer, extra)
                else:
                    await self._ask_secure(sock, endpoint, port, asked.raw_host, answer, extra)
        except HungUpError:
            return Fetched(failure=Failure(kind=FailureKind.PROTOCOL, detail=CLOSED_MUTE))
        except (faults.Fault, OSError) as problem:
            return answer.fetched(faults.from_exception(problem))
        return answer.fetched()

    async def _ask_secure(
        self, sock: socket.socket, endpoint: Endpoint, port: int, name: str | None, answer: "_Answer", extra: Headers
    ) -> None:
        session = await open_session(self._handshaker, sock, endpoint, port, name)
        try:
            await self._ask(Sealed(session), session.agreed.alpn, answer, extra)
        except Http2Error:
            session = await self._handshaker.open(endpoint.address, port, name, also_h2=True)
            await self._ask(Sealed(session), session.agreed.alpn, answer, extra)

    async def _ask(self, carrier: Carrier, alpn: str | None, answer: "_Answer", extra: Headers) -> None:
        """Send one request over a carrier, which is closed at the end; ``answer`` keeps the data despite errors."""
        try:
            asked = parsed(answer.url)
            if asked is None:
                raise faults.Fault(_IMPOSSIBLE)
            exchange = await asked_over(carrier, alpn, asked, {**self._headers, **dict(extra)})
            await answer.begin(exchange.head).read(exchange.part)
        finally:
            answer.full_segment = carrier.got_full_segment()
            carrier.close()  # never wait for the rest of it


def open_fetcher(net: Net) -> Fetcher:
    """Return a fetcher for a net; for ``net.shared``."""
    return Fetcher(net.connector, seconds=net.setting.timing.http, contact=net.setting.contact)


async def open_session(
    handshaker: Handshaker, sock: socket.socket, endpoint: Endpoint, port: int, name: str | None
) -> TlsSession:
    """Open a TLS session over ``sock``, offering only HTTP/1.1; offer HTTP/2 too if the server refuses that.
    The second offer goes over another connection (RFC 7301 §3.2)."""
    try:
        return await handshaker.over(sock, name)
    except (faults.Fault, OSError) as problem:
        if faults.from_exception(problem).kind is not FailureKind.TLS_ALERT:
            raise
    return await handshaker.open(endpoint.address, port, name, also_h2=True)


async def asked_over(carrier: Carrier, alpn: str | None, asked: URL, fields: Mapping[str, str]) -> Exchange | Exchange2:
    """Send one GET in the version that was agreed on; return once the head of the answer has come.

    Raises HungUpError, Http2Error, a Fault or OSError if it does not come.
    """
    if alpn == _H2:
        second = Exchange2(carrier)
        await second.ask(_pseudo(asked, fields))
        return second
    first = Exchange(carrier)
    await first.ask(_lines(asked, fields))
    return first


def ends_a_page(content: bytes) -> bool:
    """True if browsers show a broken-off body whole, regardless of the declared length."""
    return content.rstrip().lower().endswith(_END)


def _lines(asked: URL, fields: Mapping[str, str]) -> bytes:
    sent = {"Host": authority(asked), **fields, "Connection": "close"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"GET {asked.raw_path_qs} HTTP/1.1\r\n{lines}\r\n".encode("utf-8", "replace")


def _pseudo(asked: URL, fields: Mapping[str, str]) -> list[tuple[str, str]]:
    first = {":method": "GET", ":scheme": asked.scheme, ":authority": authority(asked), ":path": asked.raw_path_qs}
    return [*first.items(), *((name.lower(), value) for name, value in fields.items())]


def parsed(url: str) -> URL | None:
    try:
        asked = URL(url).with_fragment(None)
    except (ValueError, TypeError):
        return None
    return asked if asked.scheme in _DEFAULT_PORT and asked.raw_host else None


def authority(url: URL) -> str:
    host = url.raw_host or ""
    host = f"[{host}]" if ":" in host else host
    return host if url.is_default_port() else f"{host}:{url.port}"


class _Answer:
    """Holds as much of an answer as has come."""

    def __init__(self, url: str, limit: int, pause: float) -> None:
        self.url = url
        self._limit = limit
        self._pause = pause
        self.full_segment = False
        self._head: ResponseHead | None = None
        self._body: _Body

    def begin(self, head: ResponseHead) -> "_Body":
        """Begin the body after the head."""
        self._head, self._body = head, _Body(head, self._limit)
        return self._body

    def fetched(self, failure: Failure | None = None) -> Fetched:
        """Return the data that came, and the failure if there is no more."""
        head = self._head
        if head is None:
            return Fetched(failure=failure, full_segment=self.full_segment)
        content = bytes(self._body.content)
        if failure is not None and failure.detail == BROKEN_OFF and ends_a_page(content):
            failure = None  # browsers show it, regardless of the declared length
        is_slow = failure is not None and failure.kind is FailureKind.TIMEOUT and self._body.came_within(self._pause)
        if is_slow:
            failure = None  # browsers show the part that has come, and wait for the rest
        return Fetched(
            status=head.status,
            reason=faults.bounded(head.reason),
            headers=head.headers,
            location=_target(head, self.url),
            body=content,
            body_size=len(content),
            body_sha256=hashlib.sha256(content).hexdigest(),
            truncated=self._body.truncated
            or is_slow
            or (failure is not None and failure.kind is FailureKind.OVER_BUDGET),
            failure=failure,
            full_segment=self.full_segment,
        )


def _target(head: ResponseHead, url: str) -> str | None:
    """Return the target of a redirect, resolved against the requested URL (RFC 9110 §10.2.2), as browsers do it."""
    location = next(iter(head.values("location")), None)
    if location is None or not 300 <= head.status < 400:
        return None
    try:
        return resolved(url, location.strip())[:FIELD_LIMIT]
    except ValueError:
        return location[:FIELD_LIMIT]


class _Body:
    """Collects a body, decoded, within the limit on both sides of the decoder."""

    def __init__(self, head: ResponseHead, limit: int) -> None:
        self._limit = limit
        encoding = next(iter(head.values("content-encoding")), "")
        self.content = bytearray()
        self.truncated = False
        self._raw = 0
        self._latest = -math.inf
        known = encoding.strip().lower() in {"gzip", "x-gzip", "deflate"}
        self._decoder = zlib.decompressobj(zlib.MAX_WBITS | 32) if known else None  # 32: gzip or zlib, by its header

    def came_within(self, seconds: float) -> bool:
        """True if data has come, the last less than ``seconds`` ago: giving up now is not a reaction to silence."""
        return bool(self.content) and asyncio.get_running_loop().time() - self._latest < seconds

    async def read(self, part: Callable[[], Awaitable[bytes]]) -> None:
        """Read part after part, until the end or the limit; data that came before a fault is kept."""
        while (chunk := await part()) and self.add(chunk):
            pass

    def add(self, chunk: bytes) -> bool:
        """Take one chunk; False once there is enough."""
        self._raw += len(chunk)
        self._latest = asyncio.get_running_loop().time()
        self.content += self._decoded(chunk)
        if len(self.content) > self._limit or self._raw > self._limit:
            del self.content[self._limit :]
            self.truncated = True
        return not self.truncated

    def _decoded(self, chunk: bytes) -> bytes:
        if self._decoder is None:
            return chunk
        try:
            return self._decoder.decompress(chunk, self._limit + 1 - len(self.content))
        except zlib.error:
            self._decoder = None  # not encoded as the header declares: keep the bytes as they are
            return chunk
