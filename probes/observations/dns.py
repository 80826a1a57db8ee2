"""Defines DNS observations: single exchanges as they went over the wire, and the conclusions of the iterator."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from inventory.model import IPAddress, written
from probes.framework.evidence import CLOSED_EARLY, At, Attribution, FailureKind, Observation, observation
from probes.observations.dns_text import answer_lines, record_text
from probes.observations.places import Unplaced
from probes.observations.text import MOST_RECORDS, Word, cut, end, label
from probes.wire.mail.spf.record import records_of

NAME_OF_OTHERS = "ipv4only.arpa"
"""The name that a client from outside asks a server to resolve.

It has A records that are well known (RFC 7050 §8.2), so that a correct answer is recognised, and a forged one too.
"""
_HEAD, _AA = 12, 0x04  # bytes of a message's header, and a bit of its third one
_FEW = 4
_DECIDED = frozenset({0, 3})  # NOERROR and NXDOMAIN


@observation("dns-exchange", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class DnsExchange(Observation):
    """Records one question to one server address and its answer.

    ``response`` is the answer as received (RFC 1035 §4), None when there was none; ``answered_from`` is set when a
    matching answer came from another address than the one asked (RFC 5452 §4), which is then not accepted.
    ``edns_size`` 0 means no OPT record was sent.
    """

    server: IPAddress
    port: int = 53
    transport: str = "udp"
    qname: str
    qtype: str
    recursion_desired: bool = False
    dnssec_ok: bool = False
    edns_size: int = 1232
    response: bytes | None = None
    answered_from: IPAddress | None = None

    def at(self) -> At:
        return self.server, f"{self.transport}/{self.port}"

    def answers(self) -> Iterator[At]:
        if self.response is not None:
            yield self.server, f"{self.transport}/{self.port}"

    def lines(self, word: Word) -> Iterator[str]:
        flags = (("+rd", self.recursion_desired), ("+dnssec", self.dnssec_ok), ("+edns", self.edns_size))
        asked = f"dns {self.transport}/{self.port} {written(self.server)}: {self.qname} {self.qtype}"
        asked = " ".join((asked, *(flag for flag, on in flags if on)))
        yield from answer_lines(self, asked, self.response, word, self.answered_from)

    @property
    def hung_up(self) -> bool:
        """True if a connection was accepted, and reset or closed before the answer had come."""
        if self.transport != "tcp" or self.failure is None:
            return False
        return self.failure.kind is FailureKind.RESET or self.failure.detail == CLOSED_EARLY

    @property
    def worth_confirming(self) -> bool:
        """True if the same question must be asked again before its result is reported.

        With RD set, the question is that of a client from outside: true if its name was resolved. Without RD, the
        server is an authority: true for silence, for an error, and for a missing AA where the question was the SOA of
        its zone (RFC 1035 §4.1.1).
        """
        head = self.response[:_HEAD] if self.failure is None and self.response is not None else b""
        if len(head) < _HEAD:
            silent = self.failure is not None and self.failure.kind.attribution is not Attribution.OURS
            return silent and not self.recursion_desired
        rcode, records = head[3] & 0xF, int.from_bytes(head[6:8], "big")
        if self.recursion_desired:
            return rcode == 0 and records > 0
        lame = self.qtype == "SOA" and not head[2] & _AA
        return rcode not in _DECIDED or lame


_LED_TO = frozenset({"host", "ns-address", "mx-address", "mx"})
_NEEDED = frozenset({"AAAA", "MX"})
_ALIASED = frozenset({"sibling", "dkim", "dmarc"})
"""Roles of names that need not exist: a lookup is repeated only where an alias leads to a name that does not exist."""


class LookupStatus(StrEnum):
    """Tells how a lookup ended. NO_ANSWER: no server gave a usable answer; ``failure`` is the last failure."""

    ANSWER = "answer"
    NO_DATA = "no_data"
    NO_SUCH_NAME = "no_such_name"
    NO_ANSWER = "no_answer"


@observation("name-lookup", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class NameLookup(Unplaced):
    """Records the answer of the authoritative servers for one name and type.

    ``role`` is the reason for the question: ``host`` (the subject's own address), ``sibling`` (the same name with or
    without ``www``), ``wildcard`` (a name beside that one which does not exist), ``ns`` / ``mx`` (the lists),
    ``ns-address`` / ``mx-address`` (addresses of a listed name), ``caa`` (the name or one above it), ``https`` /
    ``https-target`` (RFC 9460), ``ptr`` / ``ptr-address`` (the reverse name of an address, and the addresses of that
    name). ``chain`` are the CNAME/DNAME targets followed, in order. ``records`` are in presentation form: an address, a
    name, ``10 mx.example`` for MX, the generic form of RFC 3597 for CAA and HTTPS.
    ``via`` is ``iterative`` or ``resolver``. ``loose``: accepted as resolvers accept it although AA, or the SOA of a
    denial, was missing on the way.
    """

    name: str
    rtype: str
    role: str
    status: LookupStatus
    chain: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    zone: str | None = None
    via: str = "iterative"
    loose: bool = False

    def lines(self, word: Word) -> Iterator[str]:
        about = [
            *([] if self.role == "host" else [word(self.role)]),
            *([] if self.via == "iterative" else [word("via {}").format(word(self.via))]),
            *([word("zone {}").format(self.zone)] if self.zone else []),
        ]
        records = [record_text(self.rtype, record) for record in self.records]
        few = len(records) <= _FEW
        text = f": {', '.join(records)}" if few and records else ""
        noted = f" ({', '.join(about)})" if about else ""
        yield f"dns {self.name} {self.rtype} → {end(self, word(self.status.value), word)}{text}{noted}"
        if self.chain:
            yield label(word, "chain") + " → ".join(self.chain)
        if not few:
            yield from (label(word, "record") + record for record in records[:MOST_RECORDS])
            if rest := records[MOST_RECORDS:]:
                yield f"  … (+{len(rest)}: {cut(rest)})"

    @property
    def worth_confirming(self) -> bool:
        """True if something that should exist is missing, or the lookup failed for a reason other than ours.

        Missing are: addresses that visitors need, a name that a record leads to, mail exchangers, an SPF record.
        """
        if self.failure is not None:
            return self.failure.kind.attribution is not Attribution.OURS
        if self.role == "spf":
            return self.rtype == "TXT" and not records_of(self.records)
        gone = self.status is LookupStatus.NO_SUCH_NAME
        if self.role in _ALIASED:
            return gone and bool(self.chain)
        missing = gone or (self.status is LookupStatus.NO_DATA and self.rtype in _NEEDED)
        return missing and self.role in _LED_TO


@observation("delegation", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation(Unplaced):
    """Records a zone as its parent delegates it and as it describes itself.

    ``parent_ns`` is the NS set of the referral, ``child_ns`` that of the apex (empty when no server of the zone gave
    one); ``glue`` are the addresses in the referral. ``failure`` set: no referral for the name was obtained.
    ``shared``: the servers of the zone above answer for this zone themselves, so that there is no referral to see and
    ``parent_ns`` is empty; ``parent`` is then the nearest zone above that was delegated.
    """

    zone: str
    parent: str
    parent_ns: tuple[str, ...] = ()
    child_ns: tuple[str, ...] = ()
    glue: tuple[tuple[str, IPAddress], ...] = ()
    shared: bool = False

    def lines(self, word: Word) -> Iterator[str]:
        ended = end(self, word("referral"), word)
        yield word("delegation {} from {} → {}").format(self.zone, self.parent, ended)
        if self.parent_ns:
            yield label(word, "parent NS") + ", ".join(self.parent_ns)
        if self.child_ns:
            yield label(word, "zone NS") + ", ".join(self.child_ns)
        yield from (f"  glue       {name} {written(address)}" for name, address in self.glue[:MOST_RECORDS])


@observation("edns-answer", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class EdnsAnswer(Observation):
    """Records a name server address's answer to ``SOA zone`` over UDP with an unusual OPT (RFC 6891 §6.1, §7).

    ``trial``: ``plain``, ``option`` (an unassigned option), ``flag`` (a reserved flag), ``version`` (1 instead of 0),
    ``both`` (that version and that option), or ``small`` (DNSKEY with DO, 512 bytes offered). ``response`` is the
    answer as received.
    """

    server: IPAddress
    port: int = 53
    transport: str = "udp"
    zone: str
    trial: str
    response: bytes | None = None

    def at(self) -> At:
        return self.server, f"{self.transport}/{self.port}"

    def answers(self) -> Iterator[At]:
        if self.response is not None:
            yield self.server, f"{self.transport}/{self.port}"

    def lines(self, word: Word) -> Iterator[str]:
        trial = word("EDNS trial {}").format(self.trial)
        asked = f"dns {self.transport}/{self.port} {written(self.server)}: {self.zone} SOA, {trial}"
        yield from answer_lines(self, asked, self.response, word)


EDNS_OPTION, EDNS_FLAG, EDNS_VERSION = 65_001, 0x0080, 1
"""An option for local use (RFC 6891 §9), a reserved flag, a version that does not exist."""
