"""Defines observations of the versions, suites and groups that a TLS server accepts, by registered names.

Each is summed up from many hellos.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import ClassVar

from probes.framework.evidence import At, Attribution, Failure, observation
from probes.observations.places import TlsStep
from probes.observations.text import Word, also, end, label, listed


class Answer(StrEnum):
    """Names the answers to an offered version. UNKNOWN: stopped before that was settled."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Stopped(StrEnum):
    """Names the reasons for an early end of an enumeration. RATE: the server stopped giving answers it gave before."""

    NO = ""
    RATE = "rate"
    TIME = "time"
    COUNT = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSupport:
    """Holds one protocol version. ``suites`` in the server's order of preference where ``ordered``, else in ours.

    ``ordered`` None: fewer than two suites, or not found out. ``complete``: no other suite is accepted. ``failure`` is
    how it was refused; None where the server answered with another version.
    """

    version: str
    answer: Answer
    suites: tuple[str, ...] = ()
    ordered: bool | None = None
    complete: bool = False
    failure: Failure | None = None


@observation("tls-support", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSupport(TlsStep):
    """Records everything that one endpoint was seen to accept, in ``hellos`` hellos. ``failure``: it accepted none.

    ``groups`` are those of TLS 1.3, in profile quick without finite fields, ``curves`` the groups of ECDHE before TLS
    1.3, both in order of preference; of the curves that TLS 1.3 has as well only the preferred one is sure to be there.
    ``primes`` are the Diffie-Hellman primes that it sent, as sent, without those of anonymous
    suites, for which OpenSSL takes others. ``signatures``: schemes that signed key exchanges of
    TLS 1.2 when all were offered; ``weak_signatures``: schemes with SHA-1 or MD5 that it used when nothing better was.
    ``early_data``: bytes of 0-RTT data that tickets of TLS 1.3 allow, 0 for none. ``without_edwards``: whether a client
    that takes no signature by Ed25519 or Ed448 is answered too; None where another one was seen, or it is not known.
    The rest is of TLS 1.2 and before, None where no such version is accepted or the question was not reached.
    """

    LARGE: ClassVar[bool] = True

    versions: tuple[VersionSupport, ...] = ()
    curves: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    primes: tuple[bytes, ...] = ()
    signatures: tuple[str, ...] = ()
    weak_signatures: tuple[str, ...] = ()
    extended_master_secret: bool | None = None
    secure_renegotiation: bool | None = None
    compression: bool | None = None
    heartbeat: bool | None = None
    fallback_scsv: bool | None = None
    session_tickets: bool | None = None
    without_edwards: bool | None = None
    alpn: str | None = None
    early_data: int | None = None
    certificate_requested: bool = False
    hellos: int = 0
    stopped: Stopped = Stopped.NO

    def lines(self, word: Word) -> Iterator[str]:
        accepted = [version for version in self.versions if version.answer is Answer.ACCEPTED]
        versions = ", ".join(support.version for support in accepted) or word("no TLS")
        text = end(self, word("accepts {}").format(versions), word)
        stopped = word(", stopped: {}").format(word(self.stopped.value)) if self.stopped.value else ""
        asked = word("tls-support {}: {} hellos").format(self.service_text(word), self.hellos)
        yield f"{asked} → {text}{stopped}"
        for version_support in accepted:
            order = (
                ""
                if version_support.ordered is None
                else word(" in its order" if version_support.ordered else " in the client's order")
            )
            yield f"  {version_support.version:10} {', '.join(version_support.suites)}{order}"
        for title, names in (("curves", self.curves), ("groups", self.groups), ("signatures", self.signatures)):
            if names:
                yield label(word, title) + ", ".join(names)


def _times(tries: int, word: Word, *, showed: bool | None) -> str:
    """Return the result of several tries in a row: ``not shown ×2``."""
    text = word("not known" if showed is None else "shown" if showed else "not shown")
    return text if tries == 1 else f"{text} ×{tries}"


@observation("tls-weakness", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class TlsWeakness(TlsStep):
    """Records one flaw of an implementation, tried several times in a row: ``heartbleed``, ``early-ccs``.

    Each of ``tries`` is True where the flaw showed, False where the server behaved, None where neither can be said.
    """

    LARGE: ClassVar[bool] = True

    weakness: str
    tries: tuple[bool | None, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        tried = listed(_times(len(list(alike)), word, showed=attempt) for attempt, alike in groupby(self.tries))
        ended = end(self, tried or word("not tried"), word)
        tried_for = word("tls-weakness {} {}").format(self.weakness, self.service_text(word))
        yield f"{tried_for} → {ended}"

    @property
    def worth_confirming(self) -> bool:
        """True if the flaw showed: it must show again ten minutes later (CHECKS security.tls.known-vulns, trap L1)."""
        return True in self.tries


LARGE_HELLO = "large-hello"
"""The transport of hellos that fill more than one segment."""


class HelloAnswer(StrEnum):
    """Names the answers to a hello. NONE: nothing came, and the failure tells how it ended."""

    HELLO = "hello"
    RETRY = "retry"
    ALERT = "alert"
    NONE = ""


@observation("browser-hello", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserHello(TlsStep):
    """Records one hello as a browser sends it, of ``size`` bytes with the header of its record.

    ``large``: with the key share of X25519MLKEM768, which takes more than one segment.
    """

    large: bool = False
    size: int = 0
    answer: HelloAnswer = HelloAnswer.NONE

    def at(self) -> At:
        return self.address, LARGE_HELLO if self.large else f"tcp/{self.port}"

    def answers(self) -> Iterator[At]:
        if self.came_back:
            yield self.address, f"tcp/{self.port}"
        if self.came_back and self.large and self.taken:
            yield self.address, LARGE_HELLO

    def lines(self, word: Word) -> Iterator[str]:
        ended = end(self, word(self.answer.value or "no answer"), word)
        asked = word("browser hello, large, {} bytes, {}" if self.large else "browser hello, small, {} bytes, {}")
        yield f"{asked.format(self.size, self.service_text(word))} → {ended}"

    @property
    def taken(self) -> bool:
        """True if the server went on with the handshake."""
        return self.answer in (HelloAnswer.HELLO, HelloAnswer.RETRY)

    @property
    def worth_confirming(self) -> bool:
        """True if a large hello was not taken up; the probe ``tls`` repeats a small one that was not."""
        ours = self.failure is not None and self.failure.kind.attribution is Attribution.OURS
        return self.large and not self.taken and not ours


RENEGOTIATIONS = 11
"""The number of renegotiations tried; a server that allows ten has a limit (CHECKS, security.tls.handshake)."""


class RenegotiationEnd(StrEnum):
    """Names the reasons why renegotiation ended: refused by alert or close, not answered, or our limit reached."""

    REFUSED = "refused"
    UNANSWERED = "unanswered"
    LIMIT = "limit"


@observation("tls-renegotiation", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class TlsRenegotiation(TlsStep):
    """Records how many renegotiations (TLS 1.2 and older) a server allowed on one connection, and why they ended.

    ``failure`` where the connection or its first handshake failed: always so with a server of only TLS 1.3.
    """

    LARGE: ClassVar[bool] = True

    count: int = 0
    ended: RenegotiationEnd | None = None

    def lines(self, word: Word) -> Iterator[str]:
        why = "" if self.ended is None else word(self.ended.value)
        given = end(self, word("{} given").format(self.count), word)
        asked = word("tls-renegotiation {}").format(self.service_text(word))
        yield f"{asked} → {given}{also(word('then'), why)}"

    @property
    def worth_confirming(self) -> bool:
        """True if renegotiation seems to be without limit: it must be so ten minutes later too (CHECKS, trap L1)."""
        return self.ended is RenegotiationEnd.LIMIT
