"""Compares the keys that sign on one name server of a zone with the keys that another publishes (RFC 8901)."""

from collections.abc import Mapping, Sequence
from enum import Enum

import dns.dnssec
import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.RRSIG import RRSIG

from auditor.facts.dns.exchanges import parsed
from auditor.facts.dns.names import canonical
from auditor.facts.dns.zone_copies import ZoneCopy
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceSet
from probes.observations.dnssec import ZoneAnswer

Keys = frozenset[tuple[int, int]]
"""Algorithm and key tag of each key."""


class Across(Enum):
    """Tells whether answers of one server validate with the keys of another."""

    VALID = "each has the keys of all"
    BROKEN = "some server signs with a key that another does not give"
    OPEN = "not known"


def across(evidence: EvidenceSet, zone: str, copies: Sequence[ZoneCopy]) -> Across:
    """Return whether every address publishes a key that signs the SOA of each other address."""
    signing = _signing(evidence, zone)
    given = {copy.address: _published(copy) for copy in copies if "DNSKEY" in copy.data}
    signed = {address: keys for address, keys in signing.items() if address in given and keys}
    if any(not keys & published for keys in signed.values() for published in given.values()):
        return Across.BROKEN
    silent = [address for address, published in given.items() if published and address not in signed]
    return Across.OPEN if silent or not signed else Across.VALID


def _published(copy: ZoneCopy) -> Keys:
    keys = set()
    for text in copy.data["DNSKEY"]:
        try:
            key = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.DNSKEY, text)
        except dns.exception.DNSException:
            continue
        if isinstance(key, DNSKEY):
            keys.add((int(key.algorithm), dns.dnssec.key_id(key)))
    return frozenset(keys)


def _signing(evidence: EvidenceSet, zone: str) -> Mapping[IPAddress, Keys]:
    apex = dns.name.from_text(zone)
    found: dict[IPAddress, Keys] = {}
    for _, step in evidence.of(ZoneAnswer):
        message = None if step.failure is not None else parsed(step.response)
        if message is None or step.server is None or step.qtype != "SOA" or canonical(step.qname) != zone:
            continue
        rrsigs = [
            record for rrset in message.answer if rrset.name == apex for record in rrset if isinstance(record, RRSIG)
        ]
        of_soa = {(int(rrsig.algorithm), rrsig.key_tag) for rrsig in rrsigs if rrsig.type_covered == dns.rdatatype.SOA}
        found[step.server] = found.get(step.server, frozenset()) | of_soa
    return found
