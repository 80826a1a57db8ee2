"""Compares the NS records of a zone at its parent with those in the zone itself."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

import dns.message
import dns.rrset

from auditor.facts.dns.glue import Referred, inside, referrals
from auditor.facts.dns.names import canonical
from auditor.facts.dns.nameservers import Zone
from auditor.facts.dns.zone_copies import copies, up_to_date
from auditor.framework.context import Context
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import Delegation

_TTL = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Holds the name servers that parent and child list.

    ``missing``: servers inside the zone with an IPv4 address that some referral lacks; ``other``: IPv4 addresses in a
    referral that the zone does not list. ``size``: the bytes of the largest referral, without EDNS and signatures.
    """

    shared: bool
    parent: frozenset[str]
    child: frozenset[str]
    missing: tuple[str, ...] = ()
    other: tuple[IPv4Address, ...] = ()
    size: int = 0
    evidence: tuple[EvidenceId, ...] = ()


def sides(evidence: EvidenceSet, ctx: Context, zone: Zone) -> Sides:
    """Return the NS sets of parent and child: every referral counts, and every child server without an older copy.

    The result is cached because four checks use it; the zone cannot be hashed, so it is compared by identity, as the
    context is.
    """
    _, found = evidence.once((sides, id(ctx), id(zone)), lambda: ((ctx, zone), _sides(evidence, ctx, zone)))
    return found


def _sides(evidence: EvidenceSet, ctx: Context, zone: Zone) -> Sides:
    said = [referral for referral in referrals(evidence, ctx, zone.name) if referral.glue is not None]
    cuts = [(envelope.id, cut) for envelope, cut in evidence.of(Delegation) if canonical(cut.zone) == zone.name]
    listed = {canonical(name) for _, cut in cuts for name in cut.parent_ns}
    given = {name for referral in said for name in referral.glue or ()}
    own = {canonical(name) for _, cut in cuts for name in cut.child_ns}
    v6: list[IPAddress] = [address for server in zone.servers for address in server.aaaa.v6]
    addresses = (*v6, *(address for server in zone.servers for address in server.a.v4))
    seen = copies(evidence, zone.name, addresses)
    told = [copy for copy in up_to_date(seen) if "NS" in copy.data]
    own = {canonical(text) for copy in told for text in copy.data["NS"]} if told else own
    missing, other = _glue(zone, said)
    ids = (*(id_ for id_, _ in cuts), *(referral.evidence for referral in said), *(copy.evidence for copy in seen))
    return Sides(
        shared=any(cut.shared for _, cut in cuts),
        parent=frozenset(given or listed),
        child=frozenset(own),
        missing=missing,
        other=other,
        size=max((referral_size(zone.name, glue) for glue in _different(said)), default=0),
        evidence=tuple(dict.fromkeys(ids)),
    )


def left_over(evidence: EvidenceSet, ctx: Context, zone: Zone) -> frozenset[str]:
    """Return the servers that only the parent lists, empty if parent and child share none.

    They are the finding of ``security.dns.delegation``.
    """
    seen = sides(evidence, ctx, zone)
    return seen.parent - seen.child if seen.parent & seen.child else frozenset()


def referral_size(zone: str, glue: Mapping[str, Collection[IPAddress]]) -> int:
    """Return the size in bytes of a referral to these servers with all their addresses (RFC 1035 §4.1)."""
    message = dns.message.make_response(dns.message.make_query(zone, "A"))
    if glue:
        message.authority.append(dns.rrset.from_text_list(f"{zone}.", _TTL, "IN", "NS", [f"{name}." for name in glue]))
    for name, addresses in glue.items():
        for rtype, version in (("A", 4), ("AAAA", 6)):
            texts = [str(address) for address in addresses if address.version == version]
            if texts:
                message.additional.append(dns.rrset.from_text_list(f"{name}.", _TTL, "IN", rtype, texts))
    return len(message.to_wire())


def _different(said: Sequence[Referred]) -> Iterable[Mapping[str, Collection[IPAddress]]]:
    """Return each distinct glue of the referrals once; the servers of a parent usually give the same."""
    glue = (referral.glue or {} for referral in said)
    return {tuple(held.items()): held for held in glue}.values()


def _glue(zone: Zone, said: list[Referred]) -> tuple[tuple[str, ...], tuple[IPv4Address, ...]]:
    known: Mapping[str, frozenset[IPv4Address]] = {
        server.name: frozenset(server.a.v4)
        for server in zone.servers
        if inside(server.name, zone.name) and server.a.known
    }
    missing: set[str] = set()
    other: set[IPv4Address] = set()
    for referral in said:
        for name, held in (referral.glue or {}).items():
            if name in known:
                v4 = {address for address in held if isinstance(address, IPv4Address)}
                other |= v4 - known[name]
                missing |= {name} if known[name] - v4 else set()
    return tuple(sorted(missing)), tuple(sorted(other, key=int))
