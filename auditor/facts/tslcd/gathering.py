"""Finds facts that no single subject shows: how many sites were silent at once, and which addresses they share.

It is pure, and gathers in one pass before anything is judged (DESIGN §5). Memory: the addresses of the subjects inside
TSLCD.
"""

from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from ipaddress import ip_network

from auditor.facts.device.addresses import ANYCAST, may_stand_inside, own_addresses, with_virtual_routers
from auditor.facts.device.unfinished import OF_ITS_OWN_ALONE, any_of, unfinished
from auditor.facts.tslcd.topology import nodes, parents_of, seen_before, shadows
from auditor.framework.address_owners import DeviceSites, IPNetwork
from auditor.framework.context import AgencyPrefix, Sites, closed
from auditor.framework.localdate import civil_day
from inventory.maintenance import Maintenance
from inventory.model import IPAddress, Kind, Network, Subject, SubjectId
from probes.framework.evidence import Attribution, Evidence, Observation
from probes.observations.series import EarlierConnections
from probes.observations.snmp import SnmpGet, SnmpWalk
from probes.observations.transport import EchoSeries, StampSeries
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Tree

NO_ECHO = "no-echo"
"""The tag of subjects that do not answer echo, by design."""
VRF = "vrf"
"""The tag that names the routing table of a subject's addresses; the same address may be in two of them."""


class SiteGathering:
    """Collects the evidence of all sites of a run, and returns at the end how they relate to each other."""

    def __init__(self, subjects: Iterable[Subject], maintenance: Iterable[Maintenance] = ()) -> None:
        """Start with no evidence; ``maintenance`` is the work that the configuration announces."""
        self._maintenance = tuple(maintenance)
        self._holders: dict[tuple[str, IPAddress], set[str]] = {}
        self._lans: dict[tuple[str, IPNetwork], set[str]] = {}
        self._asked: set[SubjectId] = set()
        self._alive: set[SubjectId] = set()
        self._questioned: set[SubjectId] = set()
        self._should_answer: set[SubjectId] = set()
        self._blocks: list[AgencyPrefix] = []
        self._places: dict[str, str] = {}
        self._inside = {subject.id: subject for subject in subjects if subject.network is Network.TSLCD}
        self._ways: dict[SubjectId, EarlierConnections] = {}
        self._standing = DeviceSites.of(self._inside.values())
        for subject in self._inside.values():
            if subject.declared.site:
                self._places[self._owner(subject)] = f"{subject.agency}\n{subject.declared.site}"
            for text in subject.tag_values("prefix") if subject.agency is not None else ():
                self._blocks.append(AgencyPrefix(network=ip_network(text, strict=False), agency=str(subject.agency)))
            for address in subject.addresses if _is_equipment(subject) else ():
                self._hold(subject, address)

    def add(self, evidence: Evidence) -> None:
        subject = self._inside.get(evidence.subject)
        if subject is None or not _is_equipment(subject):
            return
        own = _own_addresses(subject, evidence)
        questions = [step for step in evidence.steps if _is_question(step, own) and not _is_idle(subject, step)]
        if questions and not self._is_excused(subject, evidence.started):
            self._asked.add(subject.id)
        if questions:
            self._questioned.add(subject.id)
        if any(_should_answer(subject, step) for step in questions):
            self._should_answer.add(subject.id)
        if any(address in own for step in evidence.steps for address, _ in step.answers()):
            self._alive.add(subject.id)
        for way in (step for step in evidence.steps if isinstance(step, EarlierConnections)):
            self._ways[subject.id] = way
        read = [step for step in evidence.steps if isinstance(step, SnmpGet | SnmpWalk)]
        if read and not any_of(OF_ITS_OWN_ALONE, unfinished(read)):  # else its addresses may be shared by design
            self._read(subject, Tree([row for step in read for row in step.rows]))

    def _is_excused(self, subject: Subject, at: datetime) -> bool:
        """True if silence at that moment is expected: announced work, or not in operation yet."""
        activated = subject.declared.activated
        early = activated is not None and civil_day(at) <= activated
        return early or closed(subject, at, self._maintenance)

    def _read(self, subject: Subject, tree: Tree) -> None:
        lans = {word.casefold() for word in subject.tag_values("lan")}
        names = {
            index[0]: text.casefold()
            for column in (oids.IF_DESCR, oids.IF_NAME)
            for index, text in tree.texts(column).items()
            if len(index) == 1
        }
        virtual = with_virtual_routers(tree)
        for own_address in own_addresses(tree):
            if may_stand_inside(tree, own_address):
                continue
            if not (
                own_address.address.is_loopback or own_address.address.is_link_local or own_address.if_index in virtual
            ):
                self._hold(subject, own_address.address)
            length = own_address.prefix_length
            if own_address.if_index is not None and names.get(own_address.if_index) in lans and length is not None:
                network = ip_network((own_address.address, length), strict=False)
                if not network.is_link_local:
                    self._lans.setdefault((routing_table(subject), network), set()).add(self._owner(subject))

    def _hold(self, subject: Subject, address: IPAddress) -> None:
        if subject.has_tag(ANYCAST):
            return
        self._holders.setdefault((routing_table(subject), address), set()).add(self._owner(subject))

    def _owner(self, subject: Subject) -> str:
        """Return the id of the owner of a subject's addresses.

        A connection point and its terminal device have the same owner, if the device has a row of its own; else the
        column ``device`` names a model.
        """
        device = subject.declared.device if Kind.CONNECTION_POINT in subject.kinds else ""
        return device if device in self._inside else subject.id

    def _are_apart(self, owners: Iterable[str]) -> bool:
        """True if the owners are at more than one site (column ``site``).

        Two routers of one site share its networks, and the address of their virtual router (VRRP).
        """
        return len({self._places.get(owner, owner) for owner in owners}) > 1

    def seen(self) -> Sites:
        overlapping = {network: tuple(sorted(owners)) for network, owners in self._overlaps()}
        points = {id_ for id_ in self._asked if Kind.CONNECTION_POINT in self._inside[id_].kinds}
        equipment = [subject for subject in self._inside.values() if _is_equipment(subject)]
        parents = {**seen_before(equipment, self._ways), **parents_of(equipment)}
        read_before = {id_ for id_, way in self._ways.items() if way.own}
        shadowed = shadows(parents, self._should_answer | (self._questioned & read_before), self._alive)
        sites, lit = self._sites(points), points & self._alive
        # If no point answers at all, our own connection explains that as well as a node before them.
        spared = points & shadowed.keys() if lit else frozenset[SubjectId]()
        unexcused = shadowed.keys() & self._asked & self._should_answer
        return Sites(
            asked=len(sites),
            silent=len(sites - self._sites(lit | spared)),
            shared={
                address: tuple(sorted(held))
                for (_, address), held in sorted(self._holders.items(), key=lambda pair: (pair[0][0], int(pair[0][1])))
                if self._are_apart(held)
            },
            overlapping=overlapping,
            used={network: tuple(sorted(self._users(network))) for network in overlapping},
            blocks=tuple(self._blocks),
            shadows={id_: tuple(map(self._name, down)) for id_, down in shadowed.items()},
            nodes=nodes(parents),
            down=frozenset(node for subject in unexcused for node in shadowed[subject]),
            places=self._standing,
        )

    def _name(self, id_: SubjectId) -> str:
        subject = self._inside[id_]
        return subject.host or subject.name

    def _sites(self, points: Iterable[SubjectId]) -> set[str]:
        """Return the sites of connection points; a site may have several."""
        return {self._standing.location(self._inside[point], (Network.TSLCD,)).site for point in points}

    def _users(self, network: IPNetwork) -> set[str]:
        """Return the owners with this prefix on their LAN, in any routing table."""
        return {
            owner for (_, other_network), owners in self._lans.items() if other_network == network for owner in owners
        }

    def _overlaps(self) -> Iterator[tuple[IPNetwork, set[str]]]:
        """Yield LAN prefixes that overlap one of another site in the same routing table, with the owners."""
        every = sorted(self._lans, key=_order)
        open_: list[tuple[str, IPNetwork]] = []
        found: dict[IPNetwork, set[str]] = {}
        for table, network in every:
            while open_ and (open_[-1][0] != table or not network.overlaps(open_[-1][1])):
                open_.pop()
            owners = set(self._lans[table, network])
            if self._are_apart(owners):
                found.setdefault(network, set()).update(owners)
            for other in open_:
                both = owners | self._lans[other]
                if self._are_apart(both):
                    found.setdefault(network, set()).update(both)
                    found.setdefault(other[1], set()).update(both)
            open_.append((table, network))
        yield from found.items()


def _order(key: tuple[str, IPNetwork]) -> tuple[str, int, int, int]:
    """Return a sort key that puts a network before its subnets."""
    table, network = key
    return table, network.version, int(network.network_address), network.prefixlen


def _own_addresses(subject: Subject, evidence: Evidence) -> frozenset[IPAddress]:
    """Return the subject's addresses that a piece of evidence is about, without those that a probe went on to."""
    return frozenset(subject.addresses if evidence.endpoint is None else (evidence.endpoint.address,))


def _is_question(step: Observation, own: Container[IPAddress]) -> bool:
    """True if a step was sent to an address of the subject, which could have answered."""
    place = step.at()
    ours = step.failure is not None and step.failure.kind.attribution is Attribution.OURS
    return place is not None and place[0] in own and not ours


def _is_idle(subject: Subject, step: Observation) -> bool:
    """True if the subject does not answer such a question by policy."""
    return isinstance(step, EchoSeries) and subject.has_tag(NO_ECHO)


def _should_answer(subject: Subject, step: Observation) -> bool:
    """True if silence to a question shows that the subject is down.

    Routers restrict SSH and SNMP to their management stations, so that for them only echo and STAMP count. For subjects
    that an earlier run read over SNMP, ``seen`` counts all questions.
    """
    if subject.kinds & {Kind.CONNECTION_POINT, Kind.DATACENTRE}:
        return True
    return isinstance(step, EchoSeries | StampSeries)


def _is_equipment(subject: Subject) -> bool:
    return bool(subject.kinds & EQUIPMENT)


EQUIPMENT = frozenset({Kind.CONNECTION_POINT, Kind.DATACENTRE, Kind.ROUTER, Kind.SWITCH, Kind.FIREWALL})


def routing_table(subject: Subject) -> str:
    """Return the name of the routing table of a subject's addresses; empty without the tag."""
    return next(iter(subject.tag_values(VRF)), "")
