"""What was read at places of a web site other than the visit itself: none of these is a visit (``HttpExchange``)."""

from dataclasses import dataclass
from enum import StrEnum

from inventory.model import IPAddress
from probes.framework.evidence import FailureKind, Observation, observation

SECURITY_TXT_KEPT = 32_768


@observation("security-txt", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityTxt(Observation):
    """One GET of a place where RFC 9116 §3 puts ``security.txt``, or of where that redirects to.

    ``hop`` counts redirects from 0; ``legacy``: the chain began at ``/security.txt``. ``content_type`` is the header as
    sent, empty where there is none. ``body`` holds at most ``SECURITY_TXT_KEPT`` bytes, then ``truncated``.
    """

    address: IPAddress
    port: int
    url: str
    hop: int = 0
    legacy: bool = False
    status: int | None = None
    content_type: str = ""
    location: str | None = None
    body: bytes = b""
    truncated: bool = False


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
class PageParts(Observation):
    """One GET of the landing page, of where it redirects to, or of one of its style sheets; and what that refers to.

    ``hop`` counts redirects from 0. ``parts`` are distinct and in order, bounded; ``truncated``: there
    may be more, the text or the list was cut. No script is run.
    """

    address: IPAddress
    port: int
    url: str
    hop: int = 0
    status: int | None = None
    content_type: str = ""
    location: str | None = None
    parts: tuple[Part, ...] = ()
    truncated: bool = False


@observation("front-page", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPage(Observation):
    """``/`` of one port of an address, asked once, or of where that redirects to on the same port.

    ``server`` and ``authenticate`` are the headers Server and WWW-Authenticate, ``names`` those of all headers;
    ``cookies`` are the names of cookies, never their values. ``body`` holds at most 16 kB.
    """

    address: IPAddress
    port: int
    url: str
    hop: int = 0
    status: int | None = None
    server: str = ""
    authenticate: str = ""
    names: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()
    location: str | None = None
    body: bytes = b""


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
