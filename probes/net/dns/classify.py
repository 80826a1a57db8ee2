"""Classifies one server's answer to a question, for an iterator that stands at a zone. No I/O.

Strict where a false or mistaken answer would mislead: only records within the zone are trusted, a denial needs its SOA
(RFC 2308 §2), a referral must lead downwards and towards the name (RFC 1034 §4.3.2). Where resolvers are lenient, so is
this, with a mark: AA may be missing where the server offers no recursion.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from inventory.model import IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.observations.dnspath import NO_DATA_BARE, NO_NAME_BARE
from probes.wire.dns import rdata
from probes.wire.dns.messages import IN, NOERROR, NXDOMAIN, TYPES, DnsMessage, ResourceRecord, rcode_name
from probes.wire.dns.names import encode_name

ALIAS_LIMIT = 11  # as many as Unbound follows
RECORD_LIMIT = 256
_NS_LIMIT = 32
_CNAME, _DNAME, _NS, _SOA = (TYPES[name] for name in ("CNAME", "DNAME", "NS", "SOA"))
_ADDRESSES = frozenset({rdata.A, rdata.AAAA})


class AnswerKind(Enum):
    """Lists the kinds of useful answers."""

    ANSWER = "answer"
    ALIAS = "alias"
    NO_DATA = "no data"
    NO_SUCH_NAME = "no such name"
    REFERRAL = "referral"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAnswer:
    """Holds one classified answer. ``zone`` is the zone of its data, or the zone that a referral leads to.

    ``loose``: AA or the SOA of a denial was missing.
    """

    kind: AnswerKind
    zone: str
    records: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()
    glue: tuple[tuple[str, IPAddress], ...] = ()
    loose: bool = False


def is_within(name: str, zone: str) -> bool:
    """True if ``name`` is ``zone`` or below it."""
    return zone == "." or name == zone or name.endswith("." + zone)


def is_below(name: str, zone: str) -> bool:
    return name != zone and is_within(name, zone)


def read(message: DnsMessage, *, zone: str, qname: str, qtype: int) -> ReadAnswer | Failure:
    """Read the answer of a server of ``zone``; failures are the server's. Raises DnsWireError for broken rdata."""
    rcode = message.extended_rcode()
    if rcode not in (NOERROR, NXDOMAIN):
        return _useless(rcode_name(rcode))
    referral = _referral(message, zone, qname, qtype)
    if referral is not None:
        return referral
    records, chain = _follow(message, zone, qname, qtype)
    loose = not message.aa
    if loose and message.ra:
        return _useless("not authoritative")
    if records:
        texts, held = _texts(message, records), _zone_of(message, zone, qname)
        return ReadAnswer(kind=AnswerKind.ANSWER, zone=held, records=texts, chain=chain, loose=loose)
    name = chain[-1] if chain else qname
    denied = _denying_zone(message, zone, name)
    if denied is not None:
        kind = AnswerKind.NO_SUCH_NAME if rcode == NXDOMAIN else AnswerKind.NO_DATA
        return ReadAnswer(kind=kind, zone=denied, chain=chain, loose=loose)
    if chain:
        return ReadAnswer(kind=AnswerKind.ALIAS, zone=zone, chain=chain, loose=loose)
    if any(record.type == _SOA for record in message.authority()):
        return _useless("denied with the SOA of another zone")
    return _useless(NO_DATA_BARE if rcode == NOERROR else NO_NAME_BARE)


def read_recursive(message: DnsMessage, *, qname: str, qtype: int) -> ReadAnswer | Failure:
    """Read the answer of a recursive resolver, which followed all aliases itself and is trusted as a whole."""
    rcode = message.extended_rcode()
    if rcode not in (NOERROR, NXDOMAIN):
        return _useless(rcode_name(rcode))
    records, chain = _follow(message, ".", qname, qtype)
    zone = _denying_zone(message, ".", chain[-1] if chain else qname) or ""
    if records:
        return ReadAnswer(kind=AnswerKind.ANSWER, zone=zone, records=_texts(message, records), chain=chain)
    return ReadAnswer(kind=AnswerKind.NO_SUCH_NAME if rcode == NXDOMAIN else AnswerKind.NO_DATA, zone=zone, chain=chain)


def _useless(why: str) -> Failure:
    return Failure(kind=FailureKind.NAME_ERROR, detail=why)


def _referral(message: DnsMessage, zone: str, qname: str, qtype: int) -> ReadAnswer | Failure | None:
    """Return a referral to a zone below, a failure for one that leads elsewhere, None if it is no referral.

    Some servers put the NS set of a delegation into the answer section when asked for NS, without AA.
    """
    if any(_is_in(record) and record.owner == qname for record in message.answer()):
        held = [record for record in message.answer() if record.type == _NS]
        if message.aa or qtype != _NS or not held or not is_below(qname, zone):
            return None
        return _led_to(message, qname, held)
    authority = [record for record in message.authority() if _is_in(record)]
    named = [record for record in authority if record.type == _NS]
    if message.rcode != NOERROR or message.answer() or not named or any(r.type == _SOA for r in authority):
        return None
    child = named[0].owner
    if not is_below(child, zone) or not is_within(qname, child):
        return _useless("refers back or aside")
    return _led_to(message, child, named)


def _led_to(message: DnsMessage, child: str, records: Iterable[ResourceRecord]) -> ReadAnswer:
    servers = tuple(dict.fromkeys(rdata.target(message, r) for r in records if r.owner == child and r.type == _NS))
    servers = tuple(sorted(servers))[:_NS_LIMIT]
    listed = frozenset(servers)
    glue = [
        (record.owner, rdata.address(message, record))
        for record in message.additional()
        if record.type in _ADDRESSES and _is_in(record) and record.owner in listed
    ]
    ordered = sorted(set(glue), key=lambda pair: (pair[0], pair[1].version, pair[1].packed))
    return ReadAnswer(kind=AnswerKind.REFERRAL, zone=child, servers=servers, glue=tuple(ordered)[:RECORD_LIMIT])


def _follow(message: DnsMessage, zone: str, qname: str, qtype: int) -> tuple[list[ResourceRecord], tuple[str, ...]]:
    """Return the records for the name and, where aliases lead on within the zone, for the last name of the chain."""
    answer = [record for record in message.answer() if _is_in(record)]
    name = qname
    chain: list[str] = []
    while len(chain) <= ALIAS_LIMIT:
        records = [record for record in answer if record.owner == name and record.type == qtype]
        target = None if records else _alias(message, answer, name)
        if target is None:
            return records, tuple(chain)
        chain.append(target)
        if target in chain[:-1] or target == qname or not is_within(target, zone):
            break
        name = target
    return [], tuple(chain)


def _alias(message: DnsMessage, answer: Iterable[ResourceRecord], name: str) -> str | None:
    """Return the target of a DNAME above the name or a CNAME at it, or None (RFC 6672 §2.2, RFC 1034 §3.6.2)."""
    for record in answer:
        if record.type == _DNAME and is_below(name, record.owner) and record.owner != ".":
            head = name[: -len(record.owner)]
            target = rdata.target(message, record)
            moved = head.rstrip(".") if target == "." else head + target
            encode_name(moved)  # DnsWireError when it grew too long
            return moved
    for record in answer:
        if record.type == _CNAME and record.owner == name:
            return rdata.target(message, record)
    return None


def _denying_zone(message: DnsMessage, zone: str, name: str) -> str | None:
    """Return the owner of the SOA that proves that no records exist for ``name``, or None."""
    for record in message.authority():
        if record.type == _SOA and _is_in(record) and is_within(name, record.owner) and is_within(record.owner, zone):
            return record.owner
    return None


def _zone_of(message: DnsMessage, zone: str, qname: str) -> str:
    """Return the zone of an answer: the deepest one with NS or SOA in it, which may be below ``zone``."""
    held = (*message.authority(), *message.answer())
    owners = [
        record.owner
        for record in held
        if record.type in (_NS, _SOA) and is_within(qname, record.owner) and is_within(record.owner, zone)
    ]
    return max(owners, key=len, default=zone)


def _texts(message: DnsMessage, records: Iterable[ResourceRecord]) -> tuple[str, ...]:
    texts = set()
    for record in list(records)[:RECORD_LIMIT]:
        texts.add(rdata.text(message, record))
    return tuple(sorted(texts, key=_by_preference))


def _by_preference(text: str) -> tuple[int, str]:
    """Return the sort key of a record: the preference for MX, the text for all others."""
    head, _, rest = text.partition(" ")
    return (int(head), rest) if rest and head.isdecimal() else (0, text)


def _is_in(record: ResourceRecord) -> bool:
    return record.rclass == IN
