"""Reads the glue that each server of the parent gives for a zone's name servers (RFC 9471)."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

import dns.flags
import dns.name
import dns.rcode
import dns.rdatatype

from auditor.facts.attribution import excuse
from auditor.facts.dns.exchanges import parsed
from auditor.facts.dns.names import canonical
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dnspath import Referral

_ADDRESSES = frozenset({dns.rdatatype.A, dns.rdatatype.AAAA})
Glue = Mapping[str, frozenset[IPAddress]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Referred:
    """Holds the referral of one parent server.

    ``glue``: addresses by server name, None if the answer was no referral. ``heard``: it answered; if it did not,
    ``reason`` is why that proves nothing, None if it does.
    """

    server: IPAddress
    evidence: EvidenceId
    heard: bool
    glue: Glue | None = None
    reason: Reason | None = None


def referrals(evidence: EvidenceSet, ctx: Context, zone: str) -> tuple[Referred, ...]:
    """Return the referral, or its absence, for every parent server that was asked."""
    found = []
    for envelope, step in evidence.of(Referral):
        if canonical(step.zone) != zone:
            continue
        reason = None
        if step.failure is not None:
            reason = excuse(ctx, envelope, step.failure, step.server, "tcp/53")
        glue = None if step.failure is not None else _glue(step.response, zone)
        heard = step.failure is None and step.response is not None
        found.append(Referred(server=step.server, evidence=envelope.id, heard=heard, glue=glue, reason=reason))
    return tuple(found)


def inside(name: str, zone: str) -> bool:
    """True if a name server can be found only by glue, because its name is the zone or below it."""
    return name == zone or name.endswith(f".{zone}")


def given_v6(said: Iterable[Referred], names: Container[str]) -> list[Mapping[str, frozenset[IPv6Address]]]:
    """Return the IPv6 glue of each referral, for these names only."""
    return [
        {
            name: frozenset(address for address in held if isinstance(address, IPv6Address))
            for name, held in referred.glue.items()
            if name in names
        }
        for referred in said
        if referred.glue is not None
    ]


def bare(said: Iterable[Referred], zone: str, family: int) -> bool:
    """True if all parent servers answered, and none gives glue of the family although all servers are in the zone."""
    said = tuple(said)
    seen = [referral.glue for referral in said if referral.glue is not None]
    return (
        bool(seen)
        and all(referral.heard for referral in said)
        and all(inside(name, zone) for glue in seen for name in glue)
        and not any(address.version == family for glue in seen for held in glue.values() for address in held)
    )


def _glue(wire: bytes | None, zone: str) -> Glue | None:
    """Return the glue of an answer if it is a referral, else None.

    A referral has no AA flag, no answer section, and the zone's own NS records. A truncated one does not show which
    glue is missing, and gives None.
    """
    message = parsed(wire)
    if message is None or message.answer or message.rcode() != dns.rcode.NOERROR:
        return None
    if message.flags & (dns.flags.AA | dns.flags.TC):
        return None
    apex = dns.name.from_text(zone)
    named = [rrset for rrset in message.authority if rrset.rdtype == dns.rdatatype.NS and rrset.name == apex]
    if not named:
        return None
    glue: dict[str, set[IPAddress]] = {canonical(record.to_text()): set() for rrset in named for record in rrset}
    for rrset in message.additional:
        name = canonical(rrset.name.to_text())
        if rrset.rdtype in _ADDRESSES and name in glue:
            glue[name] |= {ip_address(record.to_text()) for record in rrset}
    return {name: frozenset(addresses) for name, addresses in glue.items()}
