"""Finds facts that only the tables of several devices show together: shared addresses, links with two MTUs, identities.

It is pure, and gathers in one pass before anything is judged (DESIGN §5). Memory: a few hundred addresses a device.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Network, ip_network
from itertools import islice

from auditor.facts.addresses import UNIQUE_LOCAL
from auditor.facts.device.addresses import ANYCAST, may_stand_inside, own_addresses, with_virtual_routers
from auditor.facts.device.unfinished import OF_ITS_OWN_ALONE, any_of, unfinished
from auditor.facts.device.vendors import mtu_is_of_ip
from auditor.facts.ranges import PRIVATE
from auditor.facts.tslcd.gathering import routing_table
from auditor.framework.address_owners import IPNetwork
from auditor.framework.estate import Estate, LinkMtu, SharedAddress
from auditor.framework.inventory_index import short_name
from inventory.model import DEVICE_KINDS, IPAddress, Kind, Network, Subject, SubjectId, written
from probes.framework.evidence import Evidence
from probes.observations.snmp import SnmpGet, SnmpWalk
from probes.wire.snmp import oids
from probes.wire.snmp.links import link_neighbours
from probes.wire.snmp.tree import Tree

_MOST = 512
"""Largest number of addresses, and of names and addresses of neighbours, that are read from one device."""
_FROM_THE_FACTORY = 8
"""Number of devices; an address on more of them is a factory default that is not listed here."""
_LOOPBACK = 24
_HEADERS = 26
"""Octets by which ifMtu may differ at two ends of a link with the same IP MTU.

Some devices include the link header (14 octets), VLAN tags (4 each) and the checksum (4).
"""
_COUNTED = frozenset({6, 53, 62, 69, 117, 135, 161})
"""ifTypes of ports, their units and VLANs; on tunnels and dial-up lines ifMtu is often a constant of the software."""
_MAC = 6
_HOST = 128
_SENDS, _LIFETIME, _ADVERTISING = 2, 11, 1
"""Columns ipv6RouterAdvertSendAdverts and the lifetime, and the value true."""
_PAIRS = {4: 30, 6: 126}
"""Length of the shortest prefixes of a link between two routers, by IP version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """Holds one address on an interface.

    ``alone``: False where others may have the same address by design, as on loopbacks (anycast) and at a virtual
    router. ``mtu_is_of_ip``: False where ``mtu`` may be the size of frames.
    """

    subject: SubjectId
    address: IPAddress
    network: IPNetwork | None
    interface: str
    mtu: int | None
    mtu_is_of_ip: bool
    alone: bool


class DeviceGathering:
    """Collects the device evidence of a run, and returns at the end the facts that devices share."""

    def __init__(self, subjects: Iterable[Subject], prefixes: Iterable[IPNetwork] = ()) -> None:
        """Start with no evidence; ``prefixes`` are those of TSLCD and of the address plan."""
        kinds = DEVICE_KINDS | {Kind.CONNECTION_POINT, Kind.DATACENTRE}
        self._devices = {subject.id: subject for subject in subjects if subject.kinds & kinds}
        self._held: dict[IPAddress, dict[SubjectId, _Held]] = {}
        self._links: dict[tuple[str, IPNetwork], dict[SubjectId, _Held]] = {}
        self._prefixes = tuple(prefixes)
        self._neighbours: dict[SubjectId, frozenset[str]] = {}
        self._identity: dict[SubjectId, bytes] = {}
        self._advertised: set[IPv6Network] = set()

    def add(self, evidence: Evidence) -> None:
        subject = self._devices.get(evidence.subject)
        steps = [step for step in evidence.steps if isinstance(step, SnmpGet | SnmpWalk)] if subject else []
        if subject is None or not steps:
            return
        tree = Tree(row for step in steps if isinstance(step, SnmpGet) or not step.context for row in step.rows)
        identity = tree.octets(oids.LLDP_LOC_CHASSIS).get(())
        if identity:
            self._identity[subject.id] = identity
        named = frozenset(islice(_neighbours(tree), _MOST))
        self._neighbours[subject.id] = self._neighbours.get(subject.id, frozenset()) | named
        self._advertised.update(islice(advertised(tree), _MOST))
        if any_of(OF_ITS_OWN_ALONE, unfinished(steps)):
            return  # unknown for each of its addresses whether other devices may share it by design
        for held in islice(_addresses(subject.id, tree), _MOST):
            self._held.setdefault(held.address, {})[subject.id] = held
            if held.network is not None and held.network.prefixlen >= _PAIRS[held.network.version]:
                self._links.setdefault((routing_table(subject), held.network), {})[subject.id] = held

    def seen(self) -> Estate:
        shared: dict[SubjectId, list[SharedAddress]] = {}
        for address, held in sorted(self._held.items(), key=lambda pair: (pair[0].version, int(pair[0]))):
            for id_ in held if 1 < len(held) <= _FROM_THE_FACTORY else ():
                shared_address = self._shared(id_, address, held)
                if shared_address is not None:
                    shared.setdefault(id_, []).append(shared_address)
        mtus: dict[SubjectId, list[LinkMtu]] = {}
        for (_, network), ends in self._links.items():
            for id_, link in self._unequal(network, list(ends.values())):
                mtus.setdefault(id_, []).append(link)
        return Estate(
            shared={id_: tuple(shared_addresses) for id_, shared_addresses in shared.items()},
            mtus={id_: tuple(link_mtus) for id_, link_mtus in mtus.items()},
            chassis=frozenset(identity.hex(":") for identity in self._identity.values() if len(identity) == _MAC),
            advertised=frozenset(self._advertised),
            addresses=frozenset(address for address, held in self._held.items() if self._is_its_own(address, held)),
        )

    def _is_its_own(self, address: IPAddress, held: Collection[SubjectId]) -> bool:
        """True if no other device has the address, and it is not a private one outside our prefixes.

        Many devices outside the inventory have the same private address from the factory.
        """
        network = ip_network(address)
        return len(held) == 1 and (not _lies_in(network, PRIVATE) or _lies_in(network, self._prefixes))

    def _shared(self, id_: SubjectId, address: IPAddress, held: Mapping[SubjectId, _Held]) -> SharedAddress | None:
        """Return the other devices with an address that must be unique to this one, None if there are none.

        Agencies choose unique local addresses for themselves; those of TSLCD are judged by the check of its address
        plan.
        """
        subject = self._devices[id_]
        others = [self._devices[other] for other in held if self._are_two(id_, other) and held[other].alone]
        if address.version == 4 or address in UNIQUE_LOCAL or not held[id_].alone or subject.has_tag(ANYCAST):
            return None
        others = [other_subject for other_subject in others if routing_table(other_subject) == routing_table(subject)]
        strange = [
            other_subject
            for other_subject in others
            if not other_subject.has_tag(ANYCAST) and not _is_for_the_plan(subject, other_subject)
        ]
        apart = [other_subject for other_subject in strange if _are_apart(subject, other_subject)]
        names = tuple(sorted({subject.host or subject.name for subject in apart or strange}))
        return SharedAddress(address=address, others=names, is_certain=bool(apart)) if names else None

    def _are_two(self, subject_id: SubjectId, other: SubjectId) -> bool:
        """True if two inventory rows are different machines, and not known to be at the same site."""
        if subject_id == other or self._identity.get(subject_id, b"\1") == self._identity.get(other, b"\2"):
            return False
        first, second = self._devices[subject_id], self._devices[other]
        same_site = bool(first.declared.site) and _place(first) == _place(second)
        return not same_site and not set(first.addresses) & set(second.addresses)

    def _unequal(self, network: IPNetwork, ends: list[_Held]) -> Iterator[tuple[SubjectId, LinkMtu]]:
        """Yield the device end of a link with two MTUs that differ by more than header sizes.

        That is the end with the smaller MTU, or the other one if the smaller is not a device's.
        """
        if len(ends) != 2 or ends[0].address == ends[1].address:
            return
        if not self._is_one_link(network, ends[0], ends[1]):
            return
        small, large = sorted(ends, key=lambda held: held.mtu or 0)
        if not small.mtu or not large.mtu or large.mtu - small.mtu <= _HEADERS:
            return
        judged = small if self._devices[small.subject].kinds & DEVICE_KINDS else large
        other = large if judged is small else small
        subject = self._devices[other.subject]
        yield (
            judged.subject,
            LinkMtu(
                interface=judged.interface,
                mtu=judged.mtu or 0,
                other=subject.host or subject.name,
                theirs=other.mtu or 0,
                network=f"{written(network.network_address)}/{network.prefixlen}",
                is_certain=large.mtu_is_of_ip,
            ),
        )

    def _is_one_link(self, network: IPNetwork, held: _Held, other: _Held) -> bool:
        """True if two ends in one network are on the same link.

        Every site may use the same private addresses for its own links.
        """
        is_private = _lies_in(network, PRIVATE)
        if network.version == 6 and not is_private:
            return True
        if any(self._devices[end.subject].network is not Network.TSLCD for end in (held, other)):
            return False
        if network.version == 6 or not is_private:
            return True
        return _lies_in(network, self._prefixes) or self._names(held, other) or self._names(other, held)

    def _names(self, held: _Held, other: _Held) -> bool:
        """True if a device lists the other one as its neighbour in LLDP or CDP."""
        subject = self._devices[other.subject]
        names = {short_name(subject.name), short_name(subject.host or "")}
        return not self._neighbours[held.subject].isdisjoint({*names, *map(str, (*subject.addresses, other.address))})


def _lies_in(network: IPNetwork, prefixes: Iterable[IPNetwork]) -> bool:
    return any(network.prefixlen >= prefix.prefixlen and network.network_address in prefix for prefix in prefixes)


def networks_at(tree: Tree, if_index: int) -> Iterator[IPv6Network]:
    """Yield the IPv6 networks in which a device has an address at one interface."""
    for interface in own_addresses(tree):
        address, length = interface.address, interface.prefix_length
        at_it = interface.if_index == if_index and not (address.is_link_local or address.is_loopback)
        if at_it and address.version == 6 and length is not None and length < _HOST:
            yield IPv6Network((address, length), strict=False)


def advertised(tree: Tree) -> Iterator[IPv6Network]:
    """Yield the networks into which a device advertises itself as a default router.

    A lifetime of 0 means that it is not a default router (RFC 4861 §4.2).
    """
    lifetimes = tree.integers((*oids.IPV6_ROUTER_ADVERT_ENTRY, _LIFETIME))
    for index, sends in tree.integers((*oids.IPV6_ROUTER_ADVERT_ENTRY, _SENDS)).items():
        if sends == _ADVERTISING and len(index) == 1 and lifetimes.get(index) != 0:
            yield from networks_at(tree, index[0])


def _neighbours(tree: Tree) -> Iterator[str]:
    """Yield the names and addresses of the devices at its links."""
    for neighbour in link_neighbours(tree):
        yield from filter(None, (short_name(neighbour.name), *map(str, neighbour.addresses)))


def _addresses(id_: SubjectId, tree: Tree) -> Iterator[_Held]:
    types, mtus = tree.integers(oids.IF_TYPE), tree.integers(oids.IF_MTU)
    names = {**tree.texts(oids.IF_DESCR), **tree.texts(oids.IF_NAME)}
    virtual, of_ip = with_virtual_routers(tree), mtu_is_of_ip(tree.oid(oids.SYS_OBJECT_ID))
    for interface in own_addresses(tree):
        if interface.address.is_link_local or interface.address.is_loopback or interface.if_index is None:
            continue
        if may_stand_inside(tree, interface):
            continue
        index, length = (interface.if_index,), interface.prefix_length
        yield _Held(
            subject=id_,
            address=interface.address,
            network=None if length is None else ip_network((interface.address, length), strict=False),
            interface=names.get(index) or str(interface.if_index),
            mtu=mtus.get(index) if types.get(index) in _COUNTED else None,
            mtu_is_of_ip=of_ip,
            alone=interface.if_index not in virtual and types.get(index) not in (None, _LOOPBACK),
        )


def _are_apart(subject: Subject, other: Subject) -> bool:
    """True if the inventory places them at different sites, so that neither is a standby of the other."""
    return bool(subject.declared.site and other.declared.site) and _place(subject) != _place(other)


def _place(subject: Subject) -> tuple[str, str]:
    return str(subject.agency), subject.declared.site


def _is_for_the_plan(subject: Subject, other: Subject) -> bool:
    """True if both are in TSLCD; a shared address there is reported by the check of its address plan."""
    return subject.network is other.network is Network.TSLCD
