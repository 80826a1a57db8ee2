"""Defines observations of pages beside the visit itself (``HttpExchange``): landing page, parts, security.txt."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from inventory.model import IPAddress, written
from probes.framework.evidence import At, Failure, FailureKind, Observation, observation
from probes.observations.places import SendsOn, TcpStep, redirect_lines
from probes.observations.text import (
    Word,
    also,
    duration,
    end,
    host_port,
    kind_text,
    label,
    listed,
    rows,
    short,
    status_text,
)
from probes.observations.transport import TcpConnect

SECURITY_TXT_KEPT = 32_768


@observation("security-txt", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityTxt(TcpStep):
    """Records one GET of a URL where RFC 9116 §3 puts ``security.txt``, or of the target of its redirect.

    ``hop`` counts redirects from 0; ``legacy``: the chain began at ``/security.txt``. ``content_type`` is the header as
    sent, empty where there is none. ``body`` holds at most ``SECURITY_TXT_KEPT`` bytes, then ``truncated``.
    """

    LARGE: ClassVar[bool] = True

    url: str
    hop: int = 0
    legacy: bool = False
    status: int | None = None
    content_type: str = ""
    location: str | None = None
    body: bytes = b""
    truncated: bool = False

    def lines(self, word: Word) -> Iterator[str]:
        cut = word(" (cut)") if self.truncated else ""
        kind = also(word("type"), short(self.content_type))
        text = end(self, f"{status_text(self.status, word)}{kind}, {len(self.body)} B{cut}", word)
        yield "security.txt " + word("GET {} at {} → {}").format(short(self.url), self.where_text(), text)
        yield from redirect_lines(self.location, word)
        yield from rows(self.body.decode(errors="replace").splitlines(), short)


class PartKind(StrEnum):
    """Names the purposes for which a page refers to another URL."""

    SCRIPT = "script"
    STYLE = "style"
    IMAGE = "image"
    FONT = "font"
    MEDIA = "media"
    FRAME = "frame"
    FORM = "form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Holds one host that a page loads from, for one purpose; ``host`` may be an address, without brackets."""

    kind: PartKind
    host: str
    port: int


@observation("page-parts", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class PageParts(TcpStep, SendsOn):
    """Records one GET of the landing page, of a redirect's target, or of a style sheet, with the references in it.

    ``hop`` and ``leads_to`` as in HttpExchange. ``parts`` are distinct and in order, bounded; ``truncated``: there may
    be more, the text or the list was cut. ``reused``: the result of an earlier request of the same look. No script is
    run.
    """

    LARGE: ClassVar[bool] = True

    url: str
    hop: int = 0
    status: int | None = None
    content_type: str = ""
    location: str | None = None
    leads_to: str | None = None
    parts: tuple[Part, ...] = ()
    truncated: bool = False
    reused: bool = False

    def answers(self) -> Iterator[At]:
        """Yield the port of the address, unless the result is that of an earlier request of the same look."""
        if not self.reused:
            yield from TcpStep.answers(self)

    def lines(self, word: Word) -> Iterator[str]:
        cut, again = word(" (cut)") if self.truncated else "", word(", seen before") if self.reused else ""
        kind, parts = also(word("type"), short(self.content_type)), word("{} parts").format(len(self.parts))
        text = end(self, f"{status_text(self.status, word)}{kind}, {parts}{cut}{again}", word)
        yield word("page parts GET {} at {} → {}").format(short(self.url), self.where_text(), text)
        yield from self.onward_lines(word)
        yield from rows(self.parts, lambda part: f"{word(part.kind.value):10} {host_port(part.host, part.port)}")


class Copy(StrEnum):
    """Names the ways of asking for the landing page: plainly, as a search engine, as a visitor from its results."""

    PLAIN = "plain"
    CRAWLER = "crawler"
    REFERRED = "referred"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    """Holds a link of a page to another host.

    ``hidden``: how it is hidden from visitors (display, place, size, colour) or how the page follows it by itself
    (refresh, script); empty for one that is shown.
    """

    host: str
    text: str
    hidden: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedHost:
    """Holds one host and scheme that a page loads from; ``pinned``: it states the bytes it expects (``integrity``)."""

    kind: PartKind
    scheme: str
    host: str
    port: int
    pinned: bool = False


@observation("landing-page", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class LandingPage(TcpStep, SendsOn):
    """Records one GET of the landing page, or of its redirect's target, with its visible and its hidden content.

    ``hop`` and ``leads_to`` as in HttpExchange. ``body`` is its first kilobytes, ``text`` the text that it shows, a
    line for each piece; ``links`` lead to other hosts. Of a copy other than the plain one, ``text`` and ``links`` are
    only those that the plain one does not have. All bounded; ``truncated``: there may be more. ``reused`` as in
    PageParts. No script is run.
    """

    LARGE: ClassVar[bool] = True

    url: str
    hop: int = 0
    copy: Copy = Copy.PLAIN
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    location: str | None = None
    leads_to: str | None = None
    body: bytes = b""
    body_size: int = 0
    title: str = ""
    headings: tuple[str, ...] = ()
    text: str = ""
    links: tuple[PageLink, ...] = ()
    taken: tuple[LoadedHost, ...] = ()
    truncated: bool = False
    reused: bool = False

    def answers(self) -> Iterator[At]:
        """Yield the port of the address, unless the result is that of an earlier request of the same look."""
        if not self.reused:
            yield from TcpStep.answers(self)

    def lines(self, word: Word) -> Iterator[str]:
        cut, again = word(" (cut)") if self.truncated else "", word(", seen before") if self.reused else ""
        text = f"{status_text(self.status, word)}, {self.body_size} B{cut}{again}"
        asked = word("landing page, {} GET {} at {}")
        asked = asked.format(word(self.copy.value), short(self.url), self.where_text())
        yield f"{asked} → {end(self, text, word)}"
        yield from self.onward_lines(word)
        if self.title:
            yield label(word, "title") + short(self.title)
        yield from rows(self.headers, lambda pair: f"{pair[0].lower()}: {short(pair[1])}")
        yield from rows(self.links, lambda link: _link_text(link, word))
        yield from rows(self.taken, lambda taken: _taken_text(taken, word))

    @property
    def worth_confirming(self) -> bool:
        """True if links are hidden from visitors, or a copy for search engines has links that the plain page has not.

        These are seen again before they are reported; a page of its own may differ by the moment.
        """
        apart = self.copy is not Copy.PLAIN and bool(self.links)
        return apart or any(link.hidden for link in self.links)


LANDING_KEPT = 4_096


@observation("front-page", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPage(TcpStep):
    """Records the page ``/`` of one port of an address, or the target on the same port that it redirects to.

    ``server`` and ``authenticate`` are the headers Server and WWW-Authenticate, ``names`` those of all headers;
    ``cookies`` are the names of cookies, never their values. ``body`` holds at most 16 kB.
    """

    LARGE: ClassVar[bool] = True

    url: str
    hop: int = 0
    status: int | None = None
    server: str = ""
    authenticate: str = ""
    names: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()
    location: str | None = None
    body: bytes = b""

    def lines(self, word: Word) -> Iterator[str]:
        server = also(word("server"), short(self.server))
        text = end(self, f"{status_text(self.status, word)}{server}, {len(self.body)} B", word)
        yield word("front page GET {} at {} → {}").format(short(self.url), self.where_text(), text)
        yield from redirect_lines(self.location, word)
        if self.authenticate:
            yield label(word, "asks for") + short(self.authenticate)
        if self.names:
            yield label(word, "headers") + listed(self.names)
        if self.cookies:
            yield label(word, "cookies") + listed(self.cookies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Holds one connect over each family, one right after the other: seconds until connected, or the failure."""

    address4: IPAddress
    address6: IPAddress
    seconds4: float | None = None
    seconds6: float | None = None
    failure4: FailureKind | None = None
    failure6: FailureKind | None = None


@observation("paired-connects", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class PairedConnects(Observation):
    """Records TCP connects to one service's addresses, over IPv4 and IPv6 in turn and taking turns at going first."""

    port: int
    pairs: tuple[Pair, ...] = ()

    def at(self) -> At | None:
        return None

    def answers(self) -> Iterator[At]:
        for connect in self._connects():
            yield from connect.answers()

    def single_steps(self) -> Iterator[Observation]:
        """Yield the connects of the pairs, each to one address of a family."""
        if self.failure is None:
            yield from self._connects()
        else:
            yield self

    def _connects(self) -> Iterator[TcpConnect]:
        for pair in self.pairs:
            yield _connect(pair.address4, self.port, pair.failure4)
            yield _connect(pair.address6, self.port, pair.failure6)

    def lines(self, word: Word) -> Iterator[str]:
        ended = end(self, word("{} pairs").format(len(self.pairs)), word)
        yield word("paired connects to tcp/{} → {}").format(self.port, ended)
        yield from rows(self.pairs, lambda pair: _pair_text(pair, word))


def _connect(address: IPAddress, port: int, failure: FailureKind | None) -> TcpConnect:
    return TcpConnect(address=address, port=port, failure=None if failure is None else Failure(kind=failure))


def _link_text(link: PageLink, word: Word) -> str:
    return f"{word('link'):10} {link.host}: {short(link.text)}{also(word('hidden by'), link.hidden)}"


def _taken_text(taken: LoadedHost, word: Word) -> str:
    pinned = word(", pinned") if taken.pinned else ""
    return f"{word(taken.kind.value):10} {taken.scheme}://{host_port(taken.host, taken.port)}{pinned}"


def _pair_text(pair: Pair, word: Word) -> str:
    sides = ((pair.address4, pair.seconds4, pair.failure4), (pair.address6, pair.seconds6, pair.failure6))
    return ", ".join(
        f"{written(address)} {kind_text(failure, word('open') if seconds is None else duration(seconds, word), word)}"
        for address, seconds, failure in sides
    )
