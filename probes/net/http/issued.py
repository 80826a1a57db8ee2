"""Fetches the issuers' certificates and revocation lists that certificates point to.

One GET for each URL and run (CHECKS §0.5), for all subjects that lead to it: callers that come while it is under way
wait for it, and later ones are given its result. A list is read again for each certificate that is asked about.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from probes.framework.evidence import FailureKind, O
from probes.framework.reach import odd_port
from probes.framework.recorder import Recorder
from probes.net.api import Fetched, HttpRequest, Net
from probes.net.core.rules import port_of
from probes.net.http.requests import Fetch, RequestStep
from probes.observations.certificates import IssuerFetch, RevocationList, Revoked
from probes.wire.certificates import revocation

_KEPT = 64
"""Answers kept, of at most BODY_LIMIT bytes each; no province uses more authorities than this."""
_OK = 200
_AGAIN = 300.0
"""Seconds after which a URL that could not be reached is asked once more."""


@dataclass(slots=True)
class _CachedUrl:
    """Holds one URL with a lock, so that one caller at a time fetches it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    got: Fetched | None = None
    at: float = 0.0

    def still(self, now: float) -> Fetched | None:
        """Return the result if it is still valid: an answer for the whole run, a failure for a while."""
        holds = self.got is not None and (self.got.failure is None or now - self.at < _AGAIN)
        return self.got if holds else None


class Issued:
    """Keeps answers by URL, and failures for a few minutes, because they may be temporary."""

    def __init__(self, step: RequestStep, fetch: Fetch) -> None:
        self._step = step
        self._fetch = fetch
        self._known: OrderedDict[str, _CachedUrl] = OrderedDict()

    async def issuer(self, rec: Recorder, request: HttpRequest, certificate: bytes) -> IssuerFetch:
        blank = IssuerFetch(
            address=request.endpoint.address,
            port=port_of(request.endpoint),
            url=request.url,
            because=request.because,
            certificate=certificate,
        )

        def read(got: Fetched) -> IssuerFetch:
            found = revocation.issuers(got.body) if got.status == _OK and not got.truncated else ()
            return replace(blank, status=got.status, issuers=found, truncated=got.truncated, failure=got.failure)

        return await self._once(rec, request, blank, read)

    async def revocation_list(
        self, rec: Recorder, request: HttpRequest, certificate: bytes, serial: int
    ) -> RevocationList:
        blank = RevocationList(
            address=request.endpoint.address,
            port=port_of(request.endpoint),
            url=request.url,
            because=request.because,
            certificate=certificate,
        )

        def read(got: Fetched) -> RevocationList:
            seen = replace(blank, status=got.status, size=got.body_size, truncated=got.truncated, failure=got.failure)
            if got.failure is not None or got.status != _OK or got.truncated:
                return seen
            return _summed_up(seen, got.body, serial)

        return await self._once(rec, request, blank, read)

    async def _once(self, rec: Recorder, request: HttpRequest, blank: O, read: Callable[[Fetched], O]) -> O:
        odd = odd_port(port_of(request.endpoint))
        if odd is not None:
            return rec.record(replace(blank, failure=odd), t0=rec.now())
        asked = self._asked(request.url)
        async with asked.lock:
            clock = asyncio.get_running_loop().time
            known = asked.still(clock())
            if known is not None:
                return rec.record(read(known), t0=rec.now())

            async def get() -> O:
                got = await self._fetch(request)
                if got.failure is None or got.failure.kind is not FailureKind.CUT_SHORT:
                    asked.got, asked.at = got, clock()
                return read(got)

            return await self._step(rec, request.endpoint.address, blank, get)

    def _asked(self, url: str) -> _CachedUrl:
        asked = self._known.pop(url, None) or _CachedUrl()
        self._known[url] = asked
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        return asked


def _summed_up(seen: RevocationList, body: bytes, serial: int) -> RevocationList:
    try:
        summary = revocation.summary(body, serial)
    except revocation.NoList:
        return seen
    return replace(
        seen,
        readable=True,
        issuer=summary.issuer,
        this_update=summary.this_update,
        next_update=summary.next_update,
        algorithm=summary.algorithm,
        hashed=summary.hashed,
        digest=summary.digest,
        signature=summary.signature,
        entry=None if summary.since is None else Revoked(since=summary.since, reason=summary.reason),
    )


def _issued(net: Net) -> Issued:
    return Issued(net.step, net.fetch)


def issued(net: Net) -> Issued:
    """Return the ``Issued`` of a net."""
    return net.shared(_issued)
