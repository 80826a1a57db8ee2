"""Defines observations of the way from the root to a zone when only one address family may be used."""

from collections.abc import Iterator
from dataclasses import dataclass

from inventory.model import IPAddress
from probes.framework.evidence import At, Attribution, Failure, Observation, observation
from probes.observations.dns_text import answer_lines
from probes.observations.places import Unplaced
from probes.observations.text import Word, end, failure_text, label, listed, rows

NO_DATA_BARE, NO_NAME_BARE = "an empty answer without SOA", "NXDOMAIN without SOA"
BARE_DENIALS = frozenset({NO_DATA_BARE, NO_NAME_BARE})
"""The iterator's names for a denial that does not state for how long it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerReply:
    """Holds one address of a listed name server, and why it gave no answer for the zone (None: it did)."""

    name: str
    address: IPAddress
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """Holds a question (name and type) that no server of the zone answers over the family."""

    question: str
    failure: Failure

    @property
    def denied(self) -> bool:
        """True if the answer was that there is nothing, but without the SOA (RFC 2308 §2.2, type 3)."""
        return self.failure.detail in BARE_DENIALS


@observation("family-cut", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyCut(Unplaced):
    """Records a zone cut on the way from the root, over only one family.

    It holds the zone's servers, those with an address that is found over this family, and the reply of each to ``SOA
    zone``. ``failure`` set: the way ends here, at ``zone``.

    Zones above are only passed through: ``replies`` is then empty although the way goes on.
    """

    family: int
    zone: str
    servers: tuple[str, ...] = ()
    replies: tuple[ServerReply, ...] = ()
    unanswered: tuple[Unanswered, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        asked = word("IPv{} only: zone {}, {} name servers").format(self.family, self.zone, len(self.servers))
        yield f"{asked} → {end(self, word('goes on'), word)}"
        if self.servers:
            yield label(word, "reachable") + listed(self.servers)
        yield from rows(self.replies, lambda server_reply: _reply_text(server_reply, word))
        yield from rows(
            self.unanswered,
            lambda unanswered: f"{word('unanswered')} {unanswered.question}: {failure_text(unanswered.failure, word)}",
        )

    @property
    def worth_confirming(self) -> bool:
        """True if the way ends here, or a question is not answered, for a reason other than ours."""
        failures = [self.failure, *(unanswered.failure for unanswered in self.unanswered if not unanswered.denied)]
        return any(failure is not None and failure.kind.attribution is not Attribution.OURS for failure in failures)


@observation("referral", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class Referral(Observation):
    """Records the answer of one server of the parent over TCP, with DO set, to a question for the NS of a zone.

    ``response`` as received: the NS set stands in the authority section, the glue in the additional one (RFC 9471).
    """

    zone: str
    parent: str
    server: IPAddress
    response: bytes | None = None

    def at(self) -> At:
        return self.server, "tcp/53"

    def answers(self) -> Iterator[At]:
        if self.response is not None:
            yield self.server, "tcp/53"

    def lines(self, word: Word) -> Iterator[str]:
        asked = word("referral dns tcp/53 {}: {} NS +dnssec (parent {})").format(self.server, self.zone, self.parent)
        yield from answer_lines(self, asked, self.response, word)


def _reply_text(server_reply: ServerReply, word: Word) -> str:
    text = word("answered") if server_reply.failure is None else failure_text(server_reply.failure, word)
    return f"{word('server'):10} {server_reply.name} {server_reply.address}: {text}"
