"""Finds neighbours that devices report and the inventory lacks, on links and networks, as proposed inventory rows.

They are read from the evidence of a run; nothing is sent. A row is a proposal: it is audited only when somebody has put
it into the inventory. Only addresses inside the prefixes that may be audited are proposed, and names only with such an
address.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from auditor.framework.inventory_index import InventoryIndex, short_name
from inventory.model import IPAddress, Kind, Subject, SubjectId, written
from inventory.scope import Scope
from probes.framework.evidence import Evidence
from probes.observations.snmp import SnmpGet, SnmpSession, SnmpWalk
from probes.wire.snmp.links import LinkNeighbour, link_neighbours
from probes.wire.snmp.neighbours import neighbours
from probes.wire.snmp.tree import Tree

MOST = 5_000
"""Maximum number of rows; a device with a larger table has a problem of another kind."""


@dataclass(slots=True)
class Proposal:
    """Holds a host that the inventory lacks. ``seen_by`` are the subjects that report it, ``source`` is the table."""

    name: str
    kind: Kind
    addresses: list[IPAddress]
    source: str
    described: str = ""
    seen_by: dict[SubjectId, Subject] = field(default_factory=dict)

    def row(self) -> Mapping[str, str]:
        """Return the row in the columns of the inventory.

        Only the owner knows the agency: the agency of the reporting subjects is proposed, if they all have the same.
        """
        first = next(iter(self.seen_by.values()))
        agencies = {subject.agency for subject in self.seen_by.values()}
        return {
            "name": self.name,
            "kind": self.kind.value,
            "ipv4": " ".join(written(address) for address in self.addresses if address.version == 4),
            "ipv6": " ".join(written(address) for address in self.addresses if address.version == 6),
            "agency_code": str(first.agency or "") if len(agencies) == 1 else "",
            "network": first.network.value,
            "device": self.described,
            "note": f"{self.source}: {', '.join(sorted(self.seen_by))}",
        }


def proposals(evidence: Iterable[Evidence], subjects: Iterable[Subject], scope: Scope) -> tuple[Proposal, ...]:
    """Return one row for each name or address, even if several devices report it."""
    every = {subject.id: subject for subject in subjects}
    known = InventoryIndex.of(every.values())
    found: dict[str, Proposal] = {}
    by_address: dict[IPAddress, Proposal] = {}
    for subject, tree in _trees(evidence, every):
        for on_link in (*_on_links(tree, known, scope), *_on_networks(tree, known, scope)):
            same = next((by_address[address] for address in on_link.addresses if address in by_address), None)
            if same is None:
                same = found.get(on_link.name) if len(found) >= MOST else found.setdefault(on_link.name, on_link)
            if same is not None:
                same.addresses += [address for address in on_link.addresses if address not in same.addresses]
                by_address |= dict.fromkeys(same.addresses, same)
                same.seen_by[subject.id] = subject
    return tuple(sorted(found.values(), key=lambda proposal: (proposal.kind is Kind.HOST, proposal.name)))


def _trees(evidence: Iterable[Evidence], subjects: Mapping[SubjectId, Subject]) -> Iterator[tuple[Subject, Tree]]:
    """Yield the SNMP data of each device, of all its addresses together, in the order of the inventory."""
    rows: dict[SubjectId, list[SnmpGet | SnmpWalk]] = {}
    for envelope in evidence:
        if envelope.subject in subjects and any(
            isinstance(step, SnmpSession) and step.profile for step in envelope.steps
        ):
            steps = (step for step in envelope.steps if isinstance(step, SnmpGet | SnmpWalk))
            rows.setdefault(envelope.subject, []).extend(steps)
    for subject in subjects.values():
        if subject.id in rows:
            yield subject, Tree(row for step in rows[subject.id] for row in step.rows)


def _on_links(tree: Tree, known: InventoryIndex, scope: Scope) -> Iterator[Proposal]:
    for link_neighbour in link_neighbours(tree):
        names = {short_name(text) for text in (link_neighbour.name, link_neighbour.chassis) if text}
        addresses = [address for address in link_neighbour.addresses if scope.permits(address)]
        if addresses and not names & known.labels and not set(link_neighbour.addresses) & known.addresses:
            described = " ".join(link_neighbour.described.split())[:120]
            yield Proposal(link_neighbour.label, _kind(link_neighbour), addresses, link_neighbour.source, described)


def _on_networks(tree: Tree, known: InventoryIndex, scope: Scope) -> Iterator[Proposal]:
    for neighbour in neighbours(tree):
        local = neighbour.address.is_link_local or not neighbour.is_there
        if not local and neighbour.address not in known.addresses and scope.permits(neighbour.address):
            yield Proposal(written(neighbour.address), Kind.HOST, [neighbour.address], neighbour.source)


def _kind(link_neighbour: LinkNeighbour) -> Kind:
    """Return the kind that a neighbour announces; a telephone or a server is a host."""
    return Kind.ROUTER if link_neighbour.router else Kind.SWITCH if link_neighbour.bridge else Kind.HOST
