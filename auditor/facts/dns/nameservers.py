"""Lists the name servers of a zone with their addresses: those of the parent and those of the zone itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_network

from auditor.facts.attribution import ours
from auditor.facts.cached import remembered
from auditor.facts.dns.names import Lookup, canonical, lookup, rejection
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import Subject
from probes.framework.evidence import EvidenceId, EvidenceSet, FailureKind
from probes.observations.dns import Delegation

_EXAMPLES = tuple(map(ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")))  # RFC 5737


class Delegated(Enum):
    YES = "yes"
    NO = "no"  # public DNS has no zone cut at this name
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class NameServer:
    """Holds the name of a listed server and the lookups of its addresses."""

    name: str
    aaaa: Lookup
    a: Lookup


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Holds the delegation of a zone and its name servers.

    ``reason`` is set if it is not known whether, or to which servers, the zone is delegated.
    """

    name: str
    delegated: Delegated
    reason: Reason | None = None
    servers: tuple[NameServer, ...] = ()
    evidence: tuple[EvidenceId, ...] = ()
    names_of: Mapping[IPv6Address, tuple[str, ...]] = field(default_factory=dict)

    @property
    def unknown(self) -> tuple[NameServer, ...]:
        return tuple(server for server in self.servers if not server.aaaa.known)

    @property
    def as_lookup(self) -> Lookup:
        """The zone as an unknown lookup, for the shared messages."""
        return Lookup(name=self.name, rtype="NS", reason=self.reason, evidence=self.evidence)

    def as_lookup_of(self, rtype: str, evidence: tuple[EvidenceId, ...]) -> Lookup:
        """Return a lookup about the zone that was not answered."""
        return Lookup(name=self.name, rtype=rtype, reason=Reason.DNS, evidence=evidence)


@remembered
def zone(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Zone:
    """Return the delegation and name servers of the subject as a zone.

    Only answers of authoritative servers count.
    """
    name = canonical(subject.host or subject.name)
    cuts = [(envelope.id, cut) for envelope, cut in evidence.of(Delegation)]
    own = [(id_, cut) for id_, cut in cuts if canonical(cut.zone) == name and cut.failure is None]
    if not own:
        return _undelegated(ctx, name, cuts)
    listed = {canonical(ns) for _, cut in own for ns in (*cut.parent_ns, *cut.child_ns)}
    if not listed:
        return Zone(name=name, delegated=Delegated.UNKNOWN, reason=Reason.CUT, evidence=_ids(own))
    servers = tuple(
        NameServer(
            name=ns,
            aaaa=lookup(evidence, ctx, ns, "AAAA", "ns-address", authoritative=True),
            a=lookup(evidence, ctx, ns, "A", "ns-address", authoritative=True),
        )
        for ns in sorted(listed)
    )
    names: dict[IPv6Address, tuple[str, ...]] = {}
    for server in servers:
        for address in server.aaaa.v6:
            names[address] = (*names.get(address, ()), server.name)
    return Zone(
        name=name,
        delegated=Delegated.YES,
        servers=servers,
        evidence=_ids(own),
        names_of={name: names[name] for name in sorted(names, key=int)},
    )


def good(subject: Subject, server: NameServer, ctx: Context) -> tuple[IPv6Address, ...]:
    """Return the usable IPv6 addresses of a server; empty for an alias, which NS must not point to (RFC 2181 §10.3)."""
    if server.aaaa.chain:
        return ()
    return tuple(address for address in server.aaaa.v6 if rejection(subject, address, ctx) is None)


def v4_names(zone_facts: Zone) -> Mapping[IPv4Address, tuple[str, ...]]:
    """Return the IPv4 addresses of the name servers in numeric order, each with the names that point to it."""
    names: dict[IPv4Address, tuple[str, ...]] = {}
    for server in zone_facts.servers:
        for address in server.a.v4:
            names[address] = (*names.get(address, ()), server.name)
    return {name: names[name] for name in sorted(names, key=int)}


def is_public(address: IPv4Address, ctx: Context) -> bool:
    """True if an IPv4 address is public (RFC 6890).

    Documentation addresses count as public where the configuration says so.
    """
    return address.is_global or (ctx.reference.documentation_is_global and any(address in net for net in _EXAMPLES))


def _undelegated(ctx: Context, name: str, cuts: list[tuple[EvidenceId, Delegation]]) -> Zone:
    reasons: list[Reason] = []
    for _, cut in cuts:
        if cut.failure is not None and cut.failure.kind is not FailureKind.NAME_ERROR:
            reasons.append(ours(ctx, cut.failure) or Reason.DNS)
    if not cuts:
        reasons.append(Reason.CUT)
    if reasons:
        return Zone(name=name, delegated=Delegated.UNKNOWN, reason=min(reasons), evidence=_ids(cuts))
    return Zone(name=name, delegated=Delegated.NO, evidence=_ids(cuts))


def _ids(cuts: list[tuple[EvidenceId, Delegation]]) -> tuple[EvidenceId, ...]:
    return tuple(dict.fromkeys(id_ for id_, _ in cuts))
