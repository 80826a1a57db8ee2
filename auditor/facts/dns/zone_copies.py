"""Collects the copies of a zone that its name server addresses have, each as seen in one attempt."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
from dns.rdtypes.ANY.SOA import SOA

from auditor.facts.cached import remembered
from auditor.facts.dns.exchanges import parsed
from auditor.facts.dns.names import canonical
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.observations.dns import DnsExchange
from probes.wire.dns.messages import DnsWireError, parse

VARYING = frozenset({"A", "AAAA", "MX"})
"""Types with answers that may rotate or depend on the client's location (GeoDNS, an apex that follows a CDN)."""
_TYPES = ("SOA", "NS", "A", "AAAA", "MX", "DNSKEY")
_DATED = re.compile(r"(19|20)\d{8}")
_FIRST_SECONDS = 1_000_000_000  # September 2001: a smaller serial is no count of seconds
_ZONES_AHEAD = timedelta(hours=14)
"""Largest time by which a day on Earth begins before the day in UTC or ends after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneCopy:
    """Holds one address's copy of a zone.

    ``data``: the sorted records of each type that was answered, the SOA without its serial. ``soas``: the number of SOA
    records. ``varying``: types for which this address itself gave different answers; ``steady``: types that were asked
    more than once and gave the same answer.
    """

    address: IPAddress
    at: datetime
    serial: int
    soas: int = 1
    refresh: int
    primary: str
    varying: frozenset[str] = frozenset()
    steady: frozenset[str] = frozenset()
    data: Mapping[str, tuple[str, ...]]
    evidence: EvidenceId


@remembered
def copies(evidence: EvidenceSet, zone: str, addresses: tuple[IPAddress, ...]) -> tuple[ZoneCopy, ...]:
    """Return the latest of the fullest copies seen at each address; an address that gave no SOA has none."""
    found: dict[IPAddress, ZoneCopy] = {}
    wanted = frozenset(addresses)
    for envelope in evidence:
        if envelope.endpoint is None or envelope.endpoint.address not in wanted:
            continue
        copy = _copy(envelope, zone, envelope.endpoint.address)
        best = found.get(envelope.endpoint.address)
        if copy is not None and (best is None or (len(copy.data), copy.at) >= (len(best.data), best.at)):
            found[copy.address] = copy
    return tuple(_with_habits(found[address], evidence, zone) for address in addresses if address in found)


def _with_habits(copy: ZoneCopy, evidence: EvidenceSet, zone: str) -> ZoneCopy:
    """Return a copy with the types that varied or stayed the same in all answers of its address for the apex."""
    apex = dns.name.from_text(zone)
    said: dict[str, list[tuple[str, ...]]] = {rtype: [] for rtype in sorted(VARYING)}
    for _, step in evidence.of(DnsExchange):
        if step.server == copy.address and step.qtype in VARYING and canonical(step.qname) == zone:
            message = _authoritative(step)
            if message is not None:
                said[step.qtype].append(_texts(message, apex, step.qtype))
    varying = frozenset(rtype for rtype, texts in said.items() if len(set(texts)) > 1)
    steady = frozenset(rtype for rtype, texts in said.items() if len(texts) > 1) - varying
    return replace(copy, varying=varying, steady=steady)


def _copy(envelope: Evidence, zone: str, address: IPAddress) -> ZoneCopy | None:
    messages: dict[str, tuple[DnsExchange, dns.message.Message]] = {}
    for step in envelope.steps:
        if isinstance(step, DnsExchange) and step.server == address and canonical(step.qname) == zone:
            message = _authoritative(step)
            if message is not None:
                messages[step.qtype] = step, message
    if "SOA" not in messages:
        return None
    apex = dns.name.from_text(zone)
    step, message = messages["SOA"]
    soa = next((record for record in _rdata(message, apex, "SOA") if isinstance(record, SOA)), None)
    if soa is None:
        return None
    data = {rtype: _texts(message, apex, rtype) for rtype, (_, message) in messages.items() if rtype in _TYPES}
    data["SOA"] = (soa.replace(serial=0).to_text().lower(),)
    return ZoneCopy(
        address=address,
        at=envelope.time_of(step),
        serial=soa.serial,
        soas=_count(step, zone),
        refresh=soa.refresh,
        primary=canonical(soa.mname.to_text()),
        data=data,
        evidence=envelope.id,
    )


def alias_beside_mail(evidence: EvidenceSet, zone: str, address: IPAddress) -> EvidenceId | None:
    """Return evidence that an address answers for the apex with an alias but with MX records for MX, else None.

    A load balancer for a single name that has no MX records loses nothing by an alias.
    """
    apex = dns.name.from_text(zone)
    for envelope in evidence:
        asked = [step for step in envelope.steps if isinstance(step, DnsExchange) and step.server == address]
        whole = [(step.qtype, _authoritative(step)) for step in asked if canonical(step.qname) == zone]
        said = {rtype: message for rtype, message in whole if message is not None}
        aliased = any(rtype in said and _texts(said[rtype], apex, "CNAME") for rtype in ("A", "AAAA"))
        if aliased and "MX" in said and _texts(said["MX"], apex, "MX"):
            return envelope.id
    return None


def _count(step: DnsExchange, zone: str) -> int:
    """Return the number of different SOA records of the zone in an answer; dnspython keeps only one."""
    try:
        message = parse(step.response or b"")
        records = (record for record in message.answer() if record.rtype == "SOA" and canonical(record.owner) == zone)
        return len({message.data(record) for record in records})
    except DnsWireError:
        return 1


def _authoritative(step: DnsExchange) -> dns.message.Message | None:
    """Return the complete authoritative answer of a step with RCODE 0, None for any other step."""
    message = None if step.failure is not None or step.recursion_desired else parsed(step.response)
    if message is None or message.rcode() != dns.rcode.NOERROR:
        return None
    whole = message.flags & dns.flags.AA and not message.flags & dns.flags.TC
    return message if whole else None


def _rdata(message: dns.message.Message, owner: dns.name.Name, rtype: str) -> list[object]:
    wanted = dns.rdatatype.from_text(rtype)
    return [record for rrset in message.answer if rrset.name == owner and rrset.rdtype == wanted for record in rrset]


def _texts(message: dns.message.Message, owner: dns.name.Name, rtype: str) -> tuple[str, ...]:
    texts = {str(record) for record in _rdata(message, owner, rtype)}
    return tuple(sorted(text if rtype == "DNSKEY" else text.lower() for text in texts))


def newest(found: Sequence[ZoneCopy]) -> ZoneCopy:
    """Return the copy with the highest serial by RFC 1982 §3.2.

    That order can be circular; the result then depends on the order of the copies.
    """
    best = found[0]
    for copy in found[1:]:
        ahead = (copy.serial - best.serial) % 2**32
        if 0 < ahead < 2**31:
            best = copy
    return best


def up_to_date(of: Sequence[ZoneCopy]) -> tuple[ZoneCopy, ...]:
    """Return the copies that do not wait for a zone transfer; a copy of another primary does not wait for one."""
    best = newest(of) if of else None
    return tuple(copy for copy in of if best is None or copy.primary != best.primary or copy.serial == best.serial)


def published_before(serial: int, now: datetime) -> datetime | None:
    """Return the latest time at which a serial can have been published, None if its form does not show it (a counter).

    Two forms show it: the day with a number of two digits (RFC 1912 §2.2), and seconds since 1970.
    """
    text = str(serial)
    if _DATED.fullmatch(text):
        try:
            day = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        except ValueError:
            pass
        else:
            end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1) + _ZONES_AHEAD
            if day <= (now + _ZONES_AHEAD).date():
                return min(end, now)
    if _FIRST_SECONDS <= serial <= now.timestamp():
        return datetime.fromtimestamp(serial, UTC)
    return None


def common(of: Sequence[ZoneCopy]) -> Mapping[str, tuple[str, ...]]:
    """Return for each type the records that most of the copies have."""
    found: dict[str, tuple[str, ...]] = {}
    for rtype in sorted({rtype for copy in of for rtype in copy.data}):
        held = [copy.data[rtype] for copy in of if rtype in copy.data]
        found[rtype] = max(sorted(set(held)), key=held.count)
    return found


def deviating(of: Sequence[ZoneCopy], rtype: str) -> tuple[ZoneCopy, ...]:
    """Return the copies with other records of a type than most have; a copy without an answer does not differ."""
    held = common(of).get(rtype)
    return tuple(copy for copy in of if rtype in copy.data and copy.data[rtype] != held)
