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
    """One GET of a place where RFC 9116 §3 puts ``security.txt``, or of where that redirects to.

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
    """What a page wants of another URL."""

    SCRIPT = "script"
    STYLE = "style"
    IMAGE = "image"
    FONT = "font"
    MEDIA = "media"
    FRAME = "frame"
    FORM = "form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One host that a page takes something from, for one purpose; ``host`` may be an address, without brackets."""

    kind: PartKind
    host: str
    port: int


@observation("page-parts", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class PageParts(TcpStep, SendsOn):
    """One GET of the landing page, of where it redirects to, or of one of its style sheets; and what that refers to.

    ``hop`` and ``leads_to`` as in HttpExchange. ``parts`` are distinct and in order, bounded; ``truncated``: there may
    be more, the text or the list was cut. ``reused``: what an earlier request of the same look brought. No script is
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
        """Nobody was asked anew for what an earlier request of the look had brought."""
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
    """How the landing page was asked for: as always, as a search engine asks, as who comes from its results."""

    PLAIN = "plain"
    CRAWLER = "crawler"
    REFERRED = "referred"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLink:
    """A link of a page to another host. ``hidden``: how nobody is to see it (display, place, size, colour) or how the
    page follows it by itself (refresh, script); empty for one that is shown."""

    host: str
    text: str
    hidden: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a page takes from a host by one scheme; ``pinned``: it says which bytes it expects (``integrity``)."""

    kind: PartKind
    scheme: str
    host: str
    port: int
    pinned: bool = False


@observation("landing-page", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class LandingPage(TcpStep, SendsOn):
    """One GET of the landing page, or of where that redirects to, and what a visitor sees of it and does not.

    ``hop`` and ``leads_to`` as in HttpExchange. ``body`` is its first kilobytes, ``text`` what it shows, a line for
    each piece; ``links`` lead to other hosts. Of a copy other than the plain one, ``text`` and ``links`` are only what
    the plain one does not have. All bounded; ``truncated``: there may be more. ``reused`` as in PageParts. No script is
    run.
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
    taken: tuple[Taken, ...] = ()
    truncated: bool = False
    reused: bool = False

    def answers(self) -> Iterator[At]:
        """Nobody was asked anew for what an earlier request of the look had brought."""
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
        """What a search engine alone is shown, and links that nobody is to see, are seen again before anybody is told;
        a page of its own may differ by the moment."""
        apart = self.copy is not Copy.PLAIN and bool(self.links)
        return apart or any(link.hidden for link in self.links)


LANDING_KEPT = 4_096


@observation("front-page", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPage(TcpStep):
    """``/`` of one port of an address, asked once, or of where that redirects to on the same port.

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
    """One connect over each family, one right after the other. Seconds until connected, else why it was not."""

    address4: IPAddress
    address6: IPAddress
    seconds4: float | None = None
    seconds6: float | None = None
    failure4: FailureKind | None = None
    failure6: FailureKind | None = None


@observation("paired-connects", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class PairedConnects(Observation):
    """TCP connects to the addresses of one service, over both families in turn and taking turns at going first."""

    port: int
    pairs: tuple[Pair, ...] = ()

    def at(self) -> At | None:
        return None

    def answers(self) -> Iterator[At]:
        for connect in self._connects():
            yield from connect.answers()

    def single_steps(self) -> Iterator[Observation]:
        """Pairs are connects to one address of each family."""
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


def _taken_text(taken: Taken, word: Word) -> str:
    pinned = word(", pinned") if taken.pinned else ""
    return f"{word(taken.kind.value):10} {taken.scheme}://{host_port(taken.host, taken.port)}{pinned}"


def _pair_text(pair: Pair, word: Word) -> str:
    sides = ((pair.address4, pair.seconds4, pair.failure4), (pair.address6, pair.seconds6, pair.failure6))
    return ", ".join(
        f"{written(address)} {kind_text(failure, word('open') if seconds is None else duration(seconds, word), word)}"
        for address, seconds, failure in sides
    )
