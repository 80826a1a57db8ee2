"""HTTP GETs to one literal address each, through one shared aiohttp session.

The URL that aiohttp sees holds the address itself, so nothing is ever resolved and no family is chosen; Host and SNI
carry the name. Redirects, cookies, proxies and connection re-use are off. Whatever a server sends is bounded: header
count and sizes, body bytes on the wire and after decompression, and the time for all of it.
"""

import asyncio
import hashlib
import socket
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol
from urllib.parse import urljoin

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from inventory.model import Endpoint
from probes.framework.evidence import Failure, FailureKind
from probes.net import faults
from probes.net.carried import Exchange
from probes.net.metered import MeteredSocket
from probes.net.places import as_our_kernel_says
from probes.net.sockets import only_its_family
from probes.net.tls import Session, permissive_context
from probes.observations.web import BODY_KEPT

BODY_LIMIT = 500_000
FETCHES = 50
"""Exchanges at once. More would wait for our own processor, and that wait would look like the server's."""
HEADER_LIMIT = 100
HEADER_SIZE = 8_190
_DISTRIBUTION = "ipv6-readiness-auditor"
_DEFAULT_PORT = {"http": 80, "https": 443}


def user_agent(contact: str = "") -> str:
    """Names the service and, where configured, whom to write to."""
    try:
        number = version(_DISTRIBUTION)
    except PackageNotFoundError:  # a checkout on the path that was never installed
        number = "0"
    return f"{_DISTRIBUTION}/{number}" + (f" (+{contact})" if contact else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """As much of a response as arrived; ``failure`` says why there is no more."""

    status: int | None = None
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    location: str | None = None
    body: bytes = b""
    body_size: int = 0
    body_sha256: str = ""
    truncated: bool = False
    failure: Failure | None = None

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of one header, in the order they were sent."""
        return tuple(value.strip() for one, value in self.headers if one.lower() == name)


NOTHING = Fetched()
_IMPOSSIBLE = Failure(kind=FailureKind.PROTOCOL, detail="a URL that cannot be asked for")


class Response(Protocol):
    """A head that has arrived, whoever read it, and the body behind it."""

    @property
    def status(self) -> int: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def headers(self) -> CIMultiDictProxy[str]: ...
    def close(self) -> None: ...


class Fetcher:
    """The shared session. Opened inside the loop, closed by its owner. ``turn``: one of the exchanges at once."""

    def __init__(self, *, connect_seconds: float, seconds: float, contact: str = "") -> None:
        self.turn = asyncio.Semaphore(FETCHES)
        self._tls = permissive_context(("http/1.1",))
        self._seconds = seconds
        headers = {"User-Agent": user_agent(contact), "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        self._lines = "".join(f"{name}: {value}\r\n" for name, value in {**headers, "Connection": "close"}.items())
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                force_close=True, limit=0, ssl=self._tls, happy_eyeballs_delay=None, socket_factory=opened
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=connect_seconds),
            headers=headers,
            auto_decompress=False,
            max_line_size=HEADER_SIZE,
            max_field_size=HEADER_SIZE,
            max_headers=HEADER_LIMIT,
            trust_env=False,
        )

    async def get(self, endpoint: Endpoint, url: str, keep: int = BODY_KEPT) -> Fetched:
        """Ask ``url`` of ``endpoint`` in its turn, with ``keep`` bytes of the body; see ``_get``."""
        async with self.turn:
            got = await self._get(endpoint, url, keep)
        return replace(got, failure=as_our_kernel_says(got.failure, endpoint.address))

    async def over(self, session: Session, endpoint: Endpoint, url: str, keep: int = BODY_KEPT) -> Fetched:
        """Ask over ``session``, which is closed at the end. The turn is the caller's, who opened it.

        A server that hung up before it said anything is asked once more over a connection of its own, as ``get`` does.
        """
        try:
            got = await self._over(session, url, keep)
        finally:
            session.close()
        return await self._get(endpoint, url, keep) if got is None else got

    async def _over(self, session: Session, url: str, keep: int) -> Fetched | None:
        """None where the server hung up instead of answering."""
        asked = parsed(url)
        if asked is None:
            return Fetched(failure=_IMPOSSIBLE)
        head = f"GET {asked.raw_path_qs} HTTP/1.1\r\nHost: {authority(asked)}\r\n{self._lines}\r\n"
        answer, body, failure = Exchange(session, line=HEADER_SIZE, headers=HEADER_LIMIT), None, None
        try:
            async with asyncio.timeout(self._seconds):
                await answer.ask(head.encode("ascii"))
                body = _Body(answer)
                await body.read(answer.part)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            return None
        except (faults.Fault, aiohttp.ClientError, OSError) as problem:
            failure = faults.from_exception(problem)
        finally:
            answer.close()  # never wait for the rest of it
        return Fetched(failure=failure) if body is None else _fetched(answer, url, body, keep, failure)

    async def _get(self, endpoint: Endpoint, url: str, keep: int) -> Fetched:
        """Ask ``url`` of ``endpoint``; what the network does comes back as data, ``keep`` bytes of the body with it."""
        asked = parsed(url)
        if asked is None:
            return Fetched(failure=_IMPOSSIBLE)
        port = endpoint.port or _DEFAULT_PORT[asked.scheme]
        target = asked.with_host(str(endpoint.address)).with_port(port)
        failure = None
        try:
            async with self._session.get(
                target,
                headers={"Host": authority(asked)},
                allow_redirects=False,
                server_hostname=asked.raw_host if asked.scheme == "https" else None,
            ) as response:
                body = _Body(response)
                try:
                    await body.read(response.content.readany)
                except (aiohttp.ClientError, OSError) as problem:
                    failure = faults.from_exception(problem)
                finally:
                    response.close()  # never wait for the rest of it
                return _fetched(response, url, body, keep, failure)
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            if isinstance(problem, ValueError) and not isinstance(problem, aiohttp.ClientError):
                return Fetched(failure=Failure(kind=FailureKind.PROTOCOL, detail=faults.bounded(str(problem))))
            return Fetched(failure=faults.from_exception(problem))

    async def close(self) -> None:
        await self._session.close()


def opened(info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
    """aiohttp's socket factory."""
    family, kind, protocol, *_rest = info
    sock = MeteredSocket(family, kind, protocol)
    only_its_family(sock)
    return sock


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


def _fetched(response: Response, url: str, body: "_Body", keep: int, failure: Failure | None) -> Fetched:
    content = bytes(body.content)
    return Fetched(
        status=response.status,
        reason=faults.bounded(response.reason or ""),
        headers=_headers(response.headers),
        location=_target(response, url),
        body=content[:keep],
        body_size=len(content),
        body_sha256=hashlib.sha256(content).hexdigest(),
        truncated=body.truncated,
        failure=failure,
    )


def _headers(headers: CIMultiDictProxy[str]) -> tuple[tuple[str, str], ...]:
    pairs = list(headers.items())[:HEADER_LIMIT]
    return tuple((_text(name)[:HEADER_SIZE], _text(value)[:HEADER_SIZE]) for name, value in pairs)


def _text(raw: str) -> str:
    """aiohttp keeps undecodable bytes as surrogates, which no encoder takes."""
    return raw if raw.isascii() else raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _target(response: Response, url: str) -> str | None:
    """Where a redirect leads, resolved against what was asked (RFC 9110 §10.2.2)."""
    location = response.headers.get("Location")
    if location is None or not 300 <= response.status < 400:
        return None
    try:
        return _text(urljoin(url, location.strip()))[:HEADER_SIZE]
    except ValueError:
        return _text(location)[:HEADER_SIZE]


class _Body:
    """Collects a body, decoded, within the limit on both sides of the decoder."""

    def __init__(self, response: Response) -> None:
        encoding = response.headers.get("Content-Encoding", "")
        self.content = bytearray()
        self.truncated = False
        self._raw = 0
        known = encoding.strip().lower() in {"gzip", "x-gzip", "deflate"}
        self._decoder = zlib.decompressobj(zlib.MAX_WBITS | 32) if known else None  # 32: gzip or zlib, by its header

    async def read(self, part: Callable[[], Awaitable[bytes]]) -> None:
        """Part after part, until nothing more comes or there is enough; what came before a fault is kept."""
        while (chunk := await part()) and self.add(chunk):
            pass

    def add(self, chunk: bytes) -> bool:
        """Take one chunk; False once there is enough."""
        self._raw += len(chunk)
        self.content += self._decoded(chunk)
        if len(self.content) > BODY_LIMIT or self._raw > BODY_LIMIT:
            del self.content[BODY_LIMIT:]
            self.truncated = True
        return not self.truncated

    def _decoded(self, chunk: bytes) -> bytes:
        if self._decoder is None:
            return chunk
        try:
            return self._decoder.decompress(chunk, BODY_LIMIT + 1 - len(self.content))
        except zlib.error:
            self._decoder = None  # not what the header promised: keep the bytes as they are
            return chunk
