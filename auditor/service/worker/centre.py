"""Sends requests to the centre over HTTPS: no redirects followed, answers bounded, certificates verified."""

import gzip
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp

from auditor.framework.operator_problems import OperatorError, problem
from auditor.service.leases.model import LeaseKey, LeaseLost
from auditor.service.store.records import Digest, digest_of

ROOT = "/api/v1"
POLL = 60
"""Seconds that the centre may hold a request for work."""
_SLACK = 30.0
_ANSWER = 64 * 2**20
"""Bytes of the largest answer: an inventory of tens of thousands of subjects."""
_ERROR = 64 * 1024


class Unreachable(Exception):
    """Raised if the centre cannot be reached, or cannot answer now; the same request can be sent again."""


class Declined(Exception):
    """Raised if the centre answers and refuses; asking again changes nothing. ``code`` is the centre's reason."""

    def __init__(self, status: int, code: str, detail: str = "") -> None:
        super().__init__(f"{status} {code} {detail}".strip()[:500])
        self.status, self.code = status, code


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Describes a worker that asks for work: the vantage and networks of its own configuration, and its version."""

    worker: str
    vantage: str
    networks: tuple[str, ...]
    version: str


class Centre:
    """Sends the worker's requests. Raises Unreachable, Declined or LeaseLost.

    ``async with Centre(url, token, ca_file) as centre``.
    """

    def __init__(self, url: str, token: str, ca_file: Path | None) -> None:
        self._base = checked_url(url)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._tls = _context(ca_file) if self._base.startswith("https:") else None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=8) if self._tls is None else aiohttp.TCPConnector(limit=8, ssl=self._tls)
        timeout = aiohttp.ClientTimeout(total=POLL + _SLACK, sock_connect=_SLACK)
        self._session = aiohttp.ClientSession(connector=connector, headers=self._headers, timeout=timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def lease(self, asking: Asking, wait: int = POLL) -> Mapping[str, Any] | None:
        """Ask for a batch; None if there is none after ``wait`` seconds."""
        body = {
            "worker": asking.worker,
            "vantage": asking.vantage,
            "networks": list(asking.networks),
            "version": asking.version,
            "wait": wait,
        }
        status, data = await self._post("/leases", json.dumps(body).encode(), "application/json")
        return None if status == 204 else _fields(data)

    async def blob(self, key: LeaseKey, digest: Digest) -> bytes:
        _, data = await self._ask("GET", f"/leases/{key}/blobs/{digest}")
        if digest_of(data) != digest:
            raise Unreachable(f"the centre's {digest} is damaged")
        return data

    async def deliver(self, key: LeaseKey, lines: bytes) -> None:
        await self._post(f"/leases/{key}/evidence", gzip.compress(lines, 6), "application/octet-stream")

    async def deliver_samples(self, lines: bytes) -> None:
        await self._post("/samples", gzip.compress(lines, 6), "application/octet-stream")

    async def beat(self, key: LeaseKey) -> None:
        await self._post(f"/leases/{key}/beat", b"{}", "application/json")

    async def end(self, key: LeaseKey) -> None:
        await self._post(f"/leases/{key}/end", b"{}", "application/json")

    async def _post(self, path: str, data: bytes, media: str) -> tuple[int, bytes]:
        return await self._ask("POST", path, data, {"Content-Type": media})

    async def _ask(
        self, method: str, path: str, data: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        try:
            async with self._session.request(
                method, self._base + ROOT + path, data=data, headers=headers, allow_redirects=False
            ) as answer:
                if answer.status in (200, 204):
                    return answer.status, await _bounded(answer.content, _ANSWER)
                raise _refusal(answer.status, await _bounded(answer.content, _ERROR))
        except (aiohttp.ClientError, TimeoutError, OSError, ssl.SSLError) as error:
            raise Unreachable(str(error) or type(error).__name__) from error


def checked_url(url: str) -> str:
    """Return the URL without its last slash. Raises OperatorError unless it is HTTPS, or HTTP to this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname and not parts.query and not parts.fragment and parts.username is None:
        return url.rstrip("/")
    if parts.scheme == "http" and parts.hostname and _is_this_machine(parts.hostname):
        return url.rstrip("/")
    raise OperatorError([problem("the centre must be an address with https://, such as https://audit.tinh.vn")])


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _context(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as error:
        why = error.strerror or str(error)
        raise OperatorError([problem("cannot be read: {why}", at=f"{ca_file}: worker.ca_file", why=why)]) from error


async def _bounded(content: aiohttp.StreamReader, most: int) -> bytes:
    parts, size = [], 0
    async for some in content.iter_chunked(64 * 1024):
        parts.append(some)
        size += len(some)
        if size > most:
            raise Unreachable(f"an answer of more than {most} bytes")
    return b"".join(parts)


def _refusal(status: int, data: bytes) -> Exception:
    try:
        said = json.loads(data)
        code, detail = str(said["code"]), str(said.get("detail", ""))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        code, detail = "", ""
    if status == 409 and code == "lease_lost":
        return LeaseLost(detail[:200])
    # People have to fix an expired token or a disabled account; the evidence waits for that.
    if status >= 500 or status in (401, 403, 408, 429) or not code:
        return Unreachable(f"{status} {code}".strip())
    return Declined(status, code[:50], detail[:300])


def _fields(data: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Unreachable("an answer that is not JSON") from error
    if not isinstance(found, dict):
        raise Unreachable("an answer that is not a JSON object")
    return found
