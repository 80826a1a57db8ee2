"""Defines observations of signed zones: answers with their signatures, and the answers of a validating resolver."""

from collections.abc import Iterator
from dataclasses import dataclass

from inventory.model import IPAddress, written
from probes.framework.evidence import At, Attribution, Observation, observation
from probes.observations.dns_text import answer_lines
from probes.observations.places import Unplaced
from probes.observations.text import Word, also, end


@observation("zone-answer", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneAnswer(Observation):
    """Records the answer of a zone's servers to one question with DO set (RFC 4035 §3.1), with signatures and proofs.

    ``zone`` is the zone whose servers were asked: for DS it is the parent. ``response`` is the first useful answer, as
    received from ``server``, or the last useless one; ``failure`` set: no server gave a useful one. With ``because`` it
    was asked for another subject of the same run; only zones of registries are shared like that.
    """

    zone: str
    qname: str
    qtype: str
    server: IPAddress | None = None
    transport: str = "udp"
    response: bytes | None = None

    def at(self) -> At | None:
        return None if self.server is None else (self.server, f"{self.transport}/53")

    def answers(self) -> Iterator[At]:
        if self.server is not None and self.response is not None:
            yield self.server, f"{self.transport}/53"

    def lines(self, word: Word) -> Iterator[str]:
        server = f" {written(self.server)}" if self.server is not None else ""
        zone = word("zone {}").format(self.zone)
        asked = f"{zone}, dns {self.transport}/53{server}: {self.qname} {self.qtype} +dnssec"
        yield from answer_lines(self, asked, self.response, word)


@observation("second-opinion", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SecondOpinion(Unplaced):
    """Records the answer of a recursive resolver to one question, to compare our own validation with.

    ``validates``: it marks an answer about the root as authentic (AD, RFC 4035 §3.2.3). ``unchecked`` is the response
    code with checking disabled (CD), asked only where the answer was SERVFAIL; "" when it was not asked, or nothing
    came.
    """

    server: IPAddress
    qname: str
    qtype: str
    rcode: str = ""
    authentic: bool = False
    validates: bool = False
    unchecked: str = ""

    def lines(self, word: Word) -> Iterator[str]:
        text = " ".join(part for part in (self.rcode or word("no answer"), "ad" if self.authentic else "") if part)
        resolver = word("a validating resolver" if self.validates else "a resolver")
        asked = f"{resolver} {written(self.server)}: {self.qname} {self.qtype}"
        yield f"{asked} → {end(self, text, word)}{also(word('without checking'), self.unchecked)}"

    @property
    def worth_confirming(self) -> bool:
        """True if the resolver calls the name bogus: signatures and records may have changed while they were asked."""
        bogus = self.validates and self.rcode == "SERVFAIL" and self.unchecked == "NOERROR"
        failed = self.failure is not None and self.failure.kind.attribution is not Attribution.OURS
        return bogus or failed
