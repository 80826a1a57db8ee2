"""Indexes the recorded answers of one subject by zone, name and type."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.RRSIG import RRSIG

from auditor.facts.cached import remembered
from auditor.facts.dns.exchanges import SMALL, parsed
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceId, EvidenceSet, Failure
from probes.observations.dnssec import ZoneAnswer

Section = list[dns.rrset.RRset]
LARGE = 1_000_000
"""Number of bytes of large answers that are read for one subject.

That is many times what 32 name servers of a signed zone send, and a few seconds of work if they are filled with
thousands of records each.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedAnswer:
    """Holds one answer and its time; ``message`` is None if it could not be read or is not authoritative."""

    zone: dns.name.Name
    name: dns.name.Name
    rdtype: int
    server: IPAddress | None
    evidence: EvidenceId
    message: dns.message.Message | None
    failure: Failure | None
    at: datetime

    @property
    def answer(self) -> Section:
        return [] if self.message is None else _plain(self.message.answer)

    @property
    def authority(self) -> Section:
        return [] if self.message is None else _plain(self.message.authority)

    @property
    def text(self) -> str:
        name = self.name.to_text(omit_final_dot=len(self.name) > 1)
        return f"{name} {dns.rdatatype.to_text(dns.rdatatype.RdataType(self.rdtype))}"

    def found(self) -> dns.rrset.RRset | None:
        """Return the records that were asked for, None if there are none."""
        return next((rrset for rrset in self.answer if (rrset.name, rrset.rdtype) == (self.name, self.rdtype)), None)

    def signatures(self, rrset: dns.rrset.RRset) -> list[RRSIG]:
        """Return the signatures that came with a set, in the answer or authority section."""
        message = self.message
        sections = () if message is None else (dns.message.ANSWER, dns.message.AUTHORITY)
        sets = (
            message.get_rrset(section, rrset.name, rrset.rdclass, dns.rdatatype.RRSIG, rrset.rdtype)
            for section in sections
            if message is not None
        )
        return [record for found in sets if found is not None for record in found if isinstance(record, RRSIG)]


@remembered
def all_of(evidence: EvidenceSet) -> tuple[TimedAnswer, ...]:
    """Return every answer that was recorded, with its message up to ``LARGE`` bytes of large ones."""
    return tuple(_all_of(evidence))


def _all_of(evidence: EvidenceSet) -> Iterator[TimedAnswer]:
    left = LARGE
    for envelope, step in evidence.of(ZoneAnswer):
        try:
            zone, name = dns.name.from_text(step.zone), dns.name.from_text(step.qname)
            rdtype = int(dns.rdatatype.from_text(step.qtype))
        except (dns.exception.DNSException, ValueError):
            continue
        size = len(step.response or b"")
        large = size > SMALL
        left -= size if large else 0
        read = _authoritative if large else _kept
        unread = step.failure is not None or (large and left < 0)
        yield TimedAnswer(
            zone=zone,
            name=name,
            rdtype=rdtype,
            server=step.server,
            evidence=envelope.id,
            message=None if unread else read(step.response, name, rdtype),
            failure=step.failure,
            at=envelope.time_of(step),
        )


def _authoritative(wire: bytes | None, name: dns.name.Name, rdtype: int) -> dns.message.Message | None:
    message = parsed(wire)
    if message is None or message.flags & dns.flags.TC or not message.flags & dns.flags.QR:
        return None
    asked = [(q.name, int(q.rdtype)) for q in message.question]
    if asked != [(name, rdtype)] or message.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return None
    return message if message.flags & dns.flags.AA else None


_kept = lru_cache(maxsize=512)(_authoritative)
"""Parses with a cache, because a registry's answers are in the evidence of every subject below it."""


def _plain(section: Section) -> Section:
    return [rrset for rrset in section if rrset.rdtype != dns.rdatatype.RRSIG and rrset.rdclass == dns.rdataclass.IN]
