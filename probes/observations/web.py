"""Defines TLS and HTTP observations, recorded without verification: a check decides whether a certificate is good."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from probes.framework.evidence import At, Attribution, observation
from probes.observations.certificate_text import chain_lines, leaf_text
from probes.observations.places import SendsOn, TcpStep, TlsStep
from probes.observations.text import Word, end, label, rows, short, status_text
from probes.observations.vantage import TCP_FULL


@observation("tls-handshake", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class TlsHandshake(TlsStep):
    """Records one completed or failed TLS handshake with one address.

    ``chain`` are the certificates in DER as the server sent them, leaf first. ``version`` is as OpenSSL names it
    (``TLSv1.3``). ``protocol`` is the protocol inside: ``https``, or a STARTTLS protocol. ``alpn`` is the protocol
    chosen from those offered: only HTTP/1.1 where a page came over the same connection, else HTTP/2 as well.
    """

    LARGE: ClassVar[bool] = True

    version: str | None = None
    cipher: str | None = None
    alpn: str | None = None
    chain: tuple[bytes, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        agreed = (self.version, self.cipher, f"alpn {self.alpn}" if self.alpn else "")
        text = " ".join(part for part in agreed if part) or word("handshake")
        yield f"tls {self.service_text(word)} → {end(self, text, word)}"
        yield from chain_lines(self.chain, word)

    def headline(self, word: Word) -> str:
        return next(self.lines(word)) + leaf_text(self.chain, word)


@observation("http-exchange", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class HttpExchange(TcpStep, SendsOn):
    """Records one HTTP request to one address and its response.

    ``url`` is the URL of the request; ``hop`` counts from 0 how often browsers were sent on, by a redirect to
    ``location`` or to ``leads_to`` by a page that does nothing else (``probes.wire.web.jumps``). ``body`` holds at most
    ``BODY_KEPT`` bytes, ``body_size`` and ``body_sha256`` describe the bytes read (at most 500 kB, then ``truncated``,
    as a body is in which the budget of the peer ended). ``text`` is the text of a page that is larger than ``body``
    holds, bounded, a line for each piece. ``full_segment``: some of it came in a packet of 1500 bytes.
    """

    LARGE: ClassVar[bool] = True

    url: str
    hop: int = 0
    status: int | None = None
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    body_size: int = 0
    body_sha256: str = ""
    text: str = ""
    truncated: bool = False
    location: str | None = None
    leads_to: str | None = None
    full_segment: bool = False

    def answers(self) -> Iterator[At]:
        if self.came_back:
            yield self.address, f"tcp/{self.port}"
        if self.came_back and self.full_segment:
            yield self.address, TCP_FULL

    def lines(self, word: Word) -> Iterator[str]:
        status = f"{status_text(self.status, word)} {self.reason if self.status is not None else ''}".rstrip()
        yield "http " + word("GET {} at {} → {}").format(short(self.url), self.where_text(), end(self, status, word))
        yield from self.onward_lines(word)
        yield from rows(self.headers, lambda pair: f"{pair[0].lower()}: {pair[1]}")
        if self.body_size:
            more = word(" (cut)") if self.truncated else ""
            yield f"{label(word, 'body')}{self.body_size} B{more}, SHA-256 {self.body_sha256}"

    @property
    def not_http(self) -> bool:
        """True if the answer could not be read as HTTP."""
        return self.status is None and self.failure is not None and self.failure.detail.startswith(NOT_HTTP)

    @property
    def worth_confirming(self) -> bool:
        """True if the error may pass: a failure, a back end that restarts, a filter at its limit (CHECKS, trap W2)."""
        ours = self.failure is not None and self.failure.kind.attribution is Attribution.OURS
        turned_away = self.status is not None and (self.status in TURNED_AWAY or self.status >= 500)
        return not ours and (self.failure is not None or turned_away)


BODY_KEPT = 16_384
AGENT = "ipv6-readiness-auditor"
"""The beginning of every User-Agent of ours: by it the owner of a filter can let us through."""
TURNED_AWAY = frozenset({403, 405, 406, 418, 429, 451})
"""Status codes that filters give, and sites rarely do."""
NOT_HTTP = "answered, but not in HTTP"
"""The beginning of a failure's detail where the answer was something that no browser would read either."""
