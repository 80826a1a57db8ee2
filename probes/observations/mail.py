"""Defines SMTP observations: dialogues line by line, and the outcome of STARTTLS. No message is ever sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from inventory.model import IPAddress, written
from probes.framework.evidence import At, Failure, FailureKind, observation
from probes.observations.certificate_text import chain_lines
from probes.observations.places import TcpStep
from probes.observations.text import MOST_RECORDS, Word, also, end, failure_text, label, rows, short, status_text


class StartTls(StrEnum):
    """Tells how far STARTTLS went. NOT_ASKED: the dialogue ended before; REFUSED: another reply than 220."""

    NOT_ASKED = "not-asked"
    NOT_OFFERED = "not-offered"
    REFUSED = "refused"
    FAILED = "failed"
    DONE = "done"


STARTTLS = "starttls"
"""The transport under which the hosts that offer STARTTLS are counted."""
MX_ALIAS = "mx-alias"
"""The role of a look-up of TLSA at an exchanger's own name that has none: it shows the target of the name's alias."""
WITHOUT_TLS = frozenset({StartTls.NOT_OFFERED, StartTls.REFUSED})
"""Outcomes in which the dialogue itself shows that there is no TLS; FAILED goes with the failure of the handshake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpReply:
    """Holds one command of ours (empty: none, the peer greets first) and its reply.

    ``lines`` are printable, with their codes, each of bounded length; ``cut`` where text was left out. ``code`` None:
    no whole reply came. ``seconds`` is how long it took.
    """

    said: str = ""
    code: int | None = None
    lines: tuple[str, ...] = ()
    cut: bool = False
    seconds: float = 0.0


def is_temporary(replies: tuple[SmtpReply, ...]) -> bool:
    """True if the peer asked to come back later (a reply 4yz, RFC 5321 §4.2.1)."""
    return any(reply.code is not None and 400 <= reply.code < 500 for reply in replies)


@observation("policy-fetch", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFetch(TcpStep):
    """Records one GET of a mail domain's MTA-STS policy from one address (RFC 8461 §3.3); no redirect is followed.

    ``chain`` are the certificates as served (DER, leaf first, unverified); ``body`` is the beginning of the file and
    ``truncated`` that there is more of it.
    """

    LARGE: ClassVar[bool] = True

    url: str
    status: int | None = None
    content_type: str = ""
    body: bytes = b""
    truncated: bool = False
    chain: tuple[bytes, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        cut = word(" (cut)") if self.truncated else ""
        kind = also(word("type"), short(self.content_type))
        text = f"{status_text(self.status, word)}{kind}, {len(self.body)} B{cut}"
        yield "mta-sts " + word("GET {} at {} → {}").format(short(self.url), self.where_text(), end(self, text, word))
        yield from rows(self.body.decode(errors="replace").splitlines(), short)
        yield from chain_lines(self.chain, word)


@observation("smtp-dialogue", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpDialogue(TcpStep):
    """Records one connection to a mail host: greeting, EHLO, STARTTLS where it is offered, QUIT (RFC 5321, RFC 3207).

    ``server_name`` is the name of the exchanger, sent as SNI; ``helo`` is the name that we gave in EHLO. ``connected``
    and a ``failure``: the connection was established and the dialogue broke off. ``replies`` are in order, as far as it
    came, QUIT's last. ``extensions`` are the EHLO keywords before TLS. ``tls_failure`` goes with ``starttls`` FAILED; a
    ``chain`` (DER, leaf first, unverified) may be there all the same. ``plaintext_ahead`` are octets that the peer sent
    in clear text behind its consent to STARTTLS; they are thrown away (RFC 3207 §5, command injection).
    """

    server_name: str | None
    helo: str = ""
    connected: bool = False
    source: IPAddress | None = None
    replies: tuple[SmtpReply, ...] = ()
    extensions: tuple[str, ...] = ()
    starttls: StartTls = StartTls.NOT_ASKED
    tls_failure: Failure | None = None
    version: str | None = None
    cipher: str | None = None
    chain: tuple[bytes, ...] = ()
    plaintext_ahead: int = 0

    def answers(self) -> Iterator[At]:
        """Yield the port of a host that greets or refuses.

        An accepted connection proves nothing: middleboxes accept connections to this port, and break them off, for
        every host.
        """
        if self.greeted or (self.failure is not None and self.failure.kind is FailureKind.REFUSED):
            yield self.address, f"tcp/{self.port}"

    def lines(self, word: Word) -> Iterator[str]:
        name = word(" name {}").format(self.server_name) if self.server_name else ""
        helo = word(" as {}").format(self.helo) if self.helo else ""
        source = word(" from {}").format(written(self.source)) if self.source else ""
        stood = end(self, word("dialogue" if self.connected else "no connection"), word)
        starttls = word(self.starttls.value)
        yield f"smtp {self.where_text()}{name}{helo}{source} → {stood}, STARTTLS {starttls}"
        yield from _dialogue(self.replies, word)
        if self.tls_failure is not None:
            yield f"  tls        {failure_text(self.tls_failure, word)}"
        elif self.version is not None:
            yield f"  tls        {self.version} {self.cipher or ''}".rstrip()
        if self.plaintext_ahead:
            ahead = word("{} bytes behind the consent to STARTTLS").format(self.plaintext_ahead)
            yield label(word, "in clear") + ahead
        yield from chain_lines(self.chain, word)

    @property
    def is_control(self) -> bool:
        """Return True, also where the dialogue failed after its greeting."""
        return True

    @property
    def greeted(self) -> bool:
        """True if the peer sent an SMTP reply."""
        return bool(self.replies) and self.replies[0].code is not None

    @property
    def worth_repeating(self) -> bool:
        late = self.failure is not None and self.failure.is_silence
        return late or is_temporary(self.replies)

    @property
    def worth_confirming(self) -> bool:
        """True if a failure may be held, or STARTTLS is missing or fails: a restart or a filter may be the cause."""
        failures = (failure for failure in (self.failure, self.tls_failure) if failure is not None)
        return any(failure.may_be_held for failure in failures) or self.starttls in WITHOUT_TLS or self.worth_repeating


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayTry:
    """Holds one recipient offered to a mail host in one way, and its reply to RCPT; ``code`` None where none came.

    ``form``: ``plain`` (from a foreign sender to a foreign recipient), ``own-sender`` (from the domain's own postmaster
    to a foreign recipient), ``local`` (from a foreign sender to a mailbox of the domain that does not exist),
    ``percent`` (``user%stranger@domain``). An empty ``sender`` is that of messages about failures, for hosts that
    refuse the foreign sender's domain.
    """

    form: str
    sender: str
    recipient: str
    code: int | None = None
    text: str = ""


@observation("smtp-relay", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpRelay(TcpStep):
    """Records whether a mail host relays from foreign senders to foreign recipients, up to RCPT, then RSET; never DATA.

    ``domain`` is the mail domain that the host serves. ``replies`` are all replies in order, as in SmtpDialogue.
    """

    server_name: str | None
    domain: str
    helo: str = ""
    connected: bool = False
    replies: tuple[SmtpReply, ...] = ()
    tries: tuple[RelayTry, ...] = ()

    def answers(self) -> Iterator[At]:
        """Yield the port of a host that greets or refuses, as in SmtpDialogue."""
        greeted = bool(self.replies) and self.replies[0].code is not None
        if greeted or (self.failure is not None and self.failure.kind is FailureKind.REFUSED):
            yield self.address, f"tcp/{self.port}"

    def lines(self, word: Word) -> Iterator[str]:
        name = word(" name {}").format(self.server_name) if self.server_name else ""
        stood = end(self, word("dialogue" if self.connected else "no connection"), word)
        yield word("smtp relay {}{} for {} → {}").format(self.where_text(), name, self.domain, stood)
        yield from _dialogue(self.replies, word)
        yield from rows(self.tries, lambda relay_try: _try_text(relay_try, word))

    @property
    def worth_repeating(self) -> bool:
        late = self.failure is not None and self.failure.is_silence
        return late or is_temporary(self.replies)

    @property
    def worth_confirming(self) -> bool:
        refused = self.failure is not None and self.failure.may_be_held
        return refused or self.worth_repeating


def _dialogue(replies: tuple[SmtpReply, ...], word: Word) -> Iterator[str]:
    """Yield the lines that either side sent, ours behind an arrow."""
    for reply in replies[:MOST_RECORDS]:
        if reply.said:
            yield f"  > {short(reply.said)}"
        if reply.code is None:
            yield "  < " + word("no whole reply")
        yield from (f"  < {short(line)}" for line in reply.lines[:MOST_RECORDS])


def _try_text(relay_try: RelayTry, word: Word) -> str:
    text = word("no reply") if relay_try.code is None else f"{relay_try.code} {short(relay_try.text)}".rstrip()
    way = word("from {} to {}").format(relay_try.sender or "<>", relay_try.recipient)
    return f"{relay_try.form:10} {way} → {text}"
