"""Holds an enumeration's knowledge of one version of TLS so far, and varies its offers."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from probes.framework.evidence import Failure
from probes.net.tls.client_hello import HelloReply
from probes.observations.tls import Answer, VersionSupport
from probes.wire.tls import suites
from probes.wire.tls.flight import Flight
from probes.wire.tls.hello import HelloOffer
from probes.wire.tls.numbers import DEFLATE, VERSIONS


@dataclass(slots=True)
class Version:
    """Holds the knowledge of one version so far. ``first``: the flight that accepted it, to all usual suites together.

    ``silence`` is the reply in place of an answer before there was a control; ``denied``: the server stated that it
    does not have this version, with any suites; ``unsaid``: it was taken for refused because no answer came.
    """

    answer: Answer = Answer.UNKNOWN
    silence: HelloReply | None = None
    denied: bool = False
    unsaid: bool = False
    first: Flight = field(default_factory=Flight)
    failure: Failure | None = None
    suites: list[int] = field(default_factory=list)
    named: tuple[str, ...] = ()
    ordered: bool | None = None
    complete: bool = False

    def settle(self, reply: HelloReply, *, accepted: bool) -> None:
        if accepted and self.answer is not Answer.ACCEPTED:
            self.first = reply.flight
        self.answer = Answer.ACCEPTED if accepted else Answer.REFUSED
        self.failure = None if accepted else reply.failure
        self.unsaid = not accepted and reply.silent

    def deny(self, failure: Failure | None) -> None:
        """Deny this version with the ``failure`` of a newer one: it has no suites."""
        self.answer, self.denied, self.complete, self.failure = Answer.REFUSED, True, True, failure

    @property
    def lies(self) -> bool:
        """True if the first question about it was left unanswered on an open connection."""
        return self.silence is not None and self.silence.left_lying

    def completed(self) -> None:
        """Mark the list of suites as complete."""
        self.complete = True

    def support(self, code: int, *, limits: bool) -> VersionSupport:
        """Return the version's record. ``limits``: the server limits connections, which may look like a refusal."""
        doubted = limits and self.unsaid
        return VersionSupport(
            version=VERSIONS[code],
            answer=Answer.UNKNOWN if doubted else self.answer,
            suites=self.named or tuple(suites.name_of(suite) for suite in self.suites),
            ordered=self.ordered,
            complete=self.complete and not doubted,
            failure=None if doubted else self.failure,
        )


_CHACHA = frozenset(code for code, suite in suites.by_code().items() if "CHACHA20" in suite.cipher)


def turned(codes: Sequence[int]) -> list[int]:
    """Return the suites in reverse, but never with ChaCha20 first, as servers may move it up for such clients."""
    reverse = list(codes[::-1])
    reverse.sort(key=lambda code: code in _CHACHA)
    return reverse


FEATURES = ("compression", "heartbeat", "session_tickets")
_ALPN = ("h2", "http/1.1")


def featured(offer: HelloOffer) -> HelloOffer:
    """Return the offer with requests for compression, heartbeat, tickets and ALPN added."""
    return replace(offer, compressions=(DEFLATE, 0), heartbeat=True, session_ticket=True, alpn=_ALPN)


def took(version: int, reply: HelloReply) -> bool:
    """True if the offer was accepted in the version that was offered."""
    return reply.hello is not None and reply.hello.version == version
