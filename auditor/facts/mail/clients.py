"""Whether the places that mail programs connect to accept connections, over each family on its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.facts import inconclusive
from auditor.facts.dns.names import Lookup, canonical, lookup, rejection
from auditor.facts.exposure.port_state import Port, State, evidence_of, knock
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import IPAddress, Subject, written
from probes.framework import clients
from probes.framework.clients import HOST, LABELS, SRV, Client
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import LookupStatus, NameLookup


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One place over one family: open when any of its addresses is, shut when it has none or none is."""

    look: Lookup
    ports: tuple[Port, ...] = ()

    @property
    def open(self) -> bool:
        return any(port.state is State.OPEN for port in self.ports)

    @property
    def unknown(self) -> bool:
        unknown = not self.look.known or any(port.state is State.UNKNOWN for port in self.ports)
        return unknown and not self.open

    @property
    def shut(self) -> bool:
        return not self.open and not self.unknown

    @property
    def evidence(self) -> tuple[EvidenceId, ...]:
        """What ``open`` or ``shut`` rests on."""
        open_only = [port for port in self.ports if port.state is State.OPEN]
        return (*self.look.evidence, *evidence_of(open_only or self.ports))

    def verdict(self) -> Verdict:
        """Why it is not known."""
        if not self.look.known:
            return inconclusive.dns(self.look)
        return inconclusive.port(next(port for port in self.ports if port.state is State.UNKNOWN))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place over both families."""

    client: Client
    v4: Family
    v6: Family

    @property
    def missing(self) -> bool:
        """There for IPv4 alone."""
        return self.v4.open and self.v6.shut

    @property
    def unknown(self) -> Family | None:
        """The family whose state would have to be known; None where IPv6 is there, or both are settled."""
        if self.v6.open:
            return None
        return next((family for family in (self.v6, self.v4) if family.unknown), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """``others`` are published on ports that are not connected to; ``unasked`` are SRV look-ups without an answer."""

    places: tuple[Place, ...]
    others: tuple[Client, ...]
    unasked: tuple[Lookup, ...]
    asked: tuple[EvidenceId, ...]


def places(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Places:
    """All that is known of where the domain's users connect."""
    domain = canonical(subject.host or subject.name)
    looks = [lookup(evidence, ctx, f"{label}.{domain}", "SRV", SRV) for label in LABELS.values()]
    everywhere = clients.everywhere(subject, [step for _, step in evidence.of(NameLookup) if step.role == SRV])
    return Places(
        places=tuple(_place(subject, evidence, ctx, one) for one in everywhere if one.dialled),
        others=tuple(one for one in everywhere if not one.dialled),
        unasked=tuple(look for look in looks if not look.known),
        asked=tuple(dict.fromkeys(id_ for look in looks for id_ in look.evidence)),
    )


def _place(subject: Subject, evidence: EvidenceSet, ctx: Context, client: Client) -> Place:
    looks = {rtype: _addresses(subject, evidence, ctx, client, rtype) for rtype in ("A", "AAAA")}
    usable = [address for address in looks["AAAA"].v6 if rejection(subject, address, ctx) is None]

    def family(look: Lookup, addresses: Sequence[IPAddress]) -> Family:
        return Family(look=look, ports=tuple(knock(evidence, ctx, one, client.service.port) for one in addresses))

    return Place(client=client, v4=family(looks["A"], looks["A"].v4), v6=family(looks["AAAA"], usable))


def _addresses(subject: Subject, evidence: EvidenceSet, ctx: Context, client: Client, rtype: str) -> Lookup:
    if not (client.declared and subject.addresses):
        return lookup(evidence, ctx, client.host, rtype, HOST)
    records = tuple(written(a) for a in subject.addresses if a.version == (6 if rtype == "AAAA" else 4))
    status = LookupStatus.ANSWER if records else LookupStatus.NO_DATA
    return Lookup(name=client.host, rtype=rtype, status=status, records=records)
