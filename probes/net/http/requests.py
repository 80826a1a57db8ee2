"""Asks web servers for a site's page and for other URLs of it, each as an observation of its own."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol, TypeVar

from inventory.model import IPAddress
from probes.framework.evidence import O
from probes.framework.reach import odd_port
from probes.framework.recorder import Recorder
from probes.net.api import NOTHING, Fetched, Headers, HttpRequest, Net
from probes.net.core import faults
from probes.net.core.rules import port_of
from probes.net.http.page_cache import PageReadings
from probes.net.http.page_reader import PageReader
from probes.observations.pages import (
    LANDING_KEPT,
    SECURITY_TXT_KEPT,
    Copy,
    FrontPage,
    LandingPage,
    LoadedHost,
    PageLink,
    PageParts,
    Part,
    PartKind,
    SecurityTxt,
)
from probes.observations.web import BODY_KEPT, HttpExchange
from probes.wire.web import jumps
from probes.wire.web.page import DocumentParts
from probes.wire.web.page_content import PageContent

LandingRead = tuple[LandingPage, PageContent]
PartsRead = tuple[PageParts, DocumentParts, Headers]
R = TypeVar("R", LandingPage, PageParts)

COOKIES_KEPT = 20
_OK = 200
_TEXTS = 64
"""Texts of pages kept by their digest: a site mostly shows the same at each of its addresses."""
_FORBIDDEN = 403
_TYPE_LIMIT = 200
_STYLE, _PAGES = "text/css", frozenset({"", "text/html", "application/xhtml+xml"})


class RequestStep(Protocol):
    """Runs one exchange with scope, admission and record; ``blank`` is recorded if it fails."""

    async def __call__(
        self, rec: Recorder, address: IPAddress, blank: O, run: Callable[[], Awaitable[O]], *, packets: int = 1
    ) -> O: ...


class Fetch(Protocol):
    async def __call__(self, request: HttpRequest) -> Fetched: ...


class Pages:
    """Asks web servers for pages, each of which is read once for a look."""

    def __init__(self, step: RequestStep, fetch: Fetch, reader: PageReader, *, is_hurried: bool = False) -> None:
        self._step = step
        self._fetch = fetch
        self._reader = reader
        self._readings = PageReadings(is_hurried=is_hurried)
        self._texts: dict[str, str] = {}

    async def http(self, rec: Recorder, request: HttpRequest) -> HttpExchange:
        async def get() -> HttpExchange:
            return await self.visited(request, await self._fetch(request))

        return await self._asked(rec, request, http_exchange(request), get)

    async def visited(self, request: HttpRequest, got: Fetched) -> HttpExchange:
        """Return the visit that ``got`` answers. Other probes of the same look may reuse its page."""
        self._readings.keep(request, got)
        exchange = http_exchange(request, got)
        if got.status != _OK or got.body_size <= BODY_KEPT or _plain_type(got) not in _PAGES:
            return exchange
        text = self._texts.pop(got.body_sha256, None)
        if text is None:
            try:
                _, looks = await self._reader.look(got.body, request.url)
            except faults.Fault:  # the visit is valid without it
                return exchange
            text = "\n".join(looks.text)[:BODY_KEPT]
        self._texts[got.body_sha256] = text
        while len(self._texts) > _TEXTS:
            del self._texts[next(iter(self._texts))]
        return replace(exchange, text=text)

    async def security_txt(self, rec: Recorder, request: HttpRequest, *, legacy: bool) -> tuple[SecurityTxt, Headers]:
        port, headers = port_of(request.endpoint), NOTHING.headers

        async def get() -> SecurityTxt:
            nonlocal headers
            got = await self._fetch(replace(request, limit=SECURITY_TXT_KEPT))
            headers = got.headers
            return security_txt(request, port, got, legacy=legacy)

        return await self._asked(rec, request, security_txt(request, port, legacy=legacy), get), headers

    async def page_parts(self, rec: Recorder, request: HttpRequest) -> PartsRead:
        port = port_of(request.endpoint)
        blank, found, headers = page_parts(request, port), DocumentParts(request.url), NOTHING.headers

        async def use(got: Fetched) -> PageParts:
            nonlocal found, headers
            headers = got.headers
            try:
                found = await self._read(request, got)
            except faults.Fault as fault:
                return replace(blank, truncated=True, failure=fault.failure)
            return page_parts(request, port, got, found)

        return await self._page(rec, request, blank, use), found, headers

    async def landing_page(
        self, rec: Recorder, request: HttpRequest, copy: Copy, beside: PageContent | None
    ) -> LandingRead:
        blank, looks = landing_page(request, copy), PageContent()

        async def use(got: Fetched) -> LandingPage:
            nonlocal looks
            seen = replace(
                blank,
                status=got.status,
                headers=got.headers,
                location=got.location,
                leads_to=_leads_to(request, got),
                body=got.body[:LANDING_KEPT],
                body_size=got.body_size,
                truncated=got.truncated,
                failure=got.failure,
            )
            if got.status != _OK or not got.body:
                return seen
            try:
                found, looks = await self._reader.look(got.body, request.url)
            except faults.Fault as fault:
                return replace(seen, truncated=True, failure=fault.failure)
            return looked(seen, found, looks, beside)

        return await self._page(rec, request, blank, use), looks

    async def _page(self, rec: Recorder, request: HttpRequest, blank: R, use: Callable[[Fetched], Awaitable[R]]) -> R:
        """Return the result of ``use`` on the page, as the look has read it already or as it is read now."""
        async with self._readings.reading(request) as silence:
            known = silence or self._readings.known(request)

            async def again() -> R:
                assert known is not None
                return replace(await use(known), reused=True)

            async def get() -> R:
                got = await self._fetch(request)
                self._readings.keep(request, got)
                return await use(got)

            if known is not None:
                return await self._step(rec, request.endpoint.address, blank, again, packets=0)
            return await self._asked(rec, request, blank, get)

    async def _read(self, request: HttpRequest, got: Fetched) -> DocumentParts:
        if not got.body:
            return DocumentParts(request.url)
        return await self._reader.read(got.body, request.url, is_style=_plain_type(got) == _STYLE)

    async def front_page(self, rec: Recorder, request: HttpRequest) -> FrontPage:
        port = port_of(request.endpoint)

        async def get() -> FrontPage:
            return front_page(request, port, await self._fetch(replace(request, limit=BODY_KEPT)))

        return await self._asked(rec, request, front_page(request, port), get)

    async def _asked(self, rec: Recorder, request: HttpRequest, blank: O, get: Callable[[], Awaitable[O]]) -> O:
        """Send a request; one that a page led to is sent only to a web port, or to a port that the inventory names."""
        odd = odd_port(port_of(request.endpoint)) if request.because is not None else None
        if odd is not None:
            return rec.record(replace(blank, failure=odd), t0=rec.now())
        return await self._step(rec, request.endpoint.address, blank, get)


def page_reader(net: Net) -> PageReader:
    """Return the program that reads the pages of a net; for ``net.shared``."""
    return PageReader()


def _pages(net: Net) -> Pages:
    return Pages(net.step, net.fetch, net.shared(page_reader), is_hurried=net.setting.timing.is_hurried)


def pages(net: Net) -> Pages:
    """Return the ``Pages`` of a net."""
    return net.shared(_pages)


def http_exchange(request: HttpRequest, got: Fetched = NOTHING) -> HttpExchange:
    """Return the exchange of a request and its answer; without ``got`` it is not asked yet."""
    return HttpExchange(
        address=request.endpoint.address,
        port=port_of(request.endpoint),
        url=request.url,
        hop=request.hop,
        because=request.because,
        status=got.status,
        reason=got.reason,
        headers=got.headers,
        location=got.location,
        leads_to=_leads_to(request, got),
        body=got.body[:BODY_KEPT],
        body_size=got.body_size,
        body_sha256=got.body_sha256,
        truncated=got.truncated,
        full_segment=got.full_segment,
        failure=got.failure,
    )


def landing_page(request: HttpRequest, copy: Copy) -> LandingPage:
    return LandingPage(
        address=request.endpoint.address,
        port=port_of(request.endpoint),
        url=request.url,
        hop=request.hop,
        copy=copy,
        because=request.because,
    )


def looked(seen: LandingPage, found: DocumentParts, looks: PageContent, beside: PageContent | None) -> LandingPage:
    """Return ``seen`` with the page's contents and references.

    Of another copy of the page (``beside`` is the plain one) only the contents that the plain one does not have.
    """
    known = beside or PageContent()
    shown, links = set(known.text), known.links
    return replace(
        seen,
        title=looks.title,
        headings=tuple(looks.headings),
        text="\n".join(dict.fromkeys(line for line in looks.text if line not in shown)),
        links=tuple(
            PageLink(host=h, text=text, hidden=how) for h, text, how in looks.links if (h, text, how) not in links
        ),
        taken=tuple(
            LoadedHost(kind=PartKind(kind), scheme=scheme, host=host, port=port, pinned=pinned)
            for kind, scheme, host, port, pinned in (found.taken if beside is None else ())
        ),
        truncated=seen.truncated or looks.full or found.full,
    )


def security_txt(request: HttpRequest, port: int, got: Fetched | None = None, *, legacy: bool) -> SecurityTxt:
    """Return the security.txt of a request. ``got`` None: not asked yet."""
    blank = SecurityTxt(
        address=request.endpoint.address,
        port=port,
        url=request.url,
        hop=request.hop,
        legacy=legacy,
        because=request.because,
    )
    if got is None:
        return blank
    return replace(
        blank,
        status=got.status,
        content_type=_type(got),
        location=got.location,
        body=got.body,
        truncated=got.truncated,
        failure=got.failure,
    )


def page_parts(
    request: HttpRequest, port: int, got: Fetched | None = None, found: DocumentParts | None = None
) -> PageParts:
    """Return the parts of a page. ``got`` None: not asked yet; ``found``: the references of the page."""
    blank = PageParts(
        address=request.endpoint.address, port=port, url=request.url, hop=request.hop, because=request.because
    )
    if got is None or found is None:
        return blank
    return replace(
        blank,
        status=got.status,
        content_type=_type(got),
        location=got.location,
        leads_to=_leads_to(request, got),
        parts=tuple(Part(kind=PartKind(part.kind), host=part.host, port=part.port) for part in found.parts),
        truncated=got.truncated or found.full,
        failure=got.failure,
    )


def front_page(request: HttpRequest, port: int, got: Fetched | None = None) -> FrontPage:
    blank = FrontPage(
        address=request.endpoint.address, port=port, url=request.url, hop=request.hop, because=request.because
    )
    if got is None:
        return blank
    cookies = tuple(value.partition("=")[0].strip()[:80] for value in got.values("set-cookie"))
    return replace(
        blank,
        status=got.status,
        server="; ".join(got.values("server"))[:_TYPE_LIMIT],
        authenticate="; ".join(got.values("www-authenticate"))[:_TYPE_LIMIT],
        names=tuple(dict.fromkeys(name.lower() for name, _ in got.headers)),
        cookies=tuple(dict.fromkeys(cookies))[:COOKIES_KEPT],
        location=got.location,
        body=got.body,
        failure=got.failure,
    )


def _leads_to(request: HttpRequest, got: Fetched) -> str | None:
    """Return the target of a page that only redirects, or None.

    For a page of IIS that refuses plain HTTP (403.4), the target counts if it is the same address over HTTPS.
    """
    shown = got.status is not None and (200 <= got.status < 300 or got.status == _FORBIDDEN)
    if not shown or got.failure is not None or got.truncated or _plain_type(got) not in _PAGES:
        return None
    there = jumps.target(request.url, got.headers, got.body)
    return there if got.status != _FORBIDDEN or jumps.is_same_over_tls(request.url, there) else None


def _plain_type(got: Fetched) -> str:
    """Return the media type without its parameters; empty if there is none."""
    return _type(got).partition(";")[0].strip().lower()


def _type(got: Fetched) -> str:
    return next(iter(got.values("content-type")), "")[:_TYPE_LIMIT]
