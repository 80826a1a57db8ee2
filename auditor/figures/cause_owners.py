"""Names the owner of a shared cause from rows of the inventory, or none where no row names it."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from auditor.figures.causes import PROBABLE, CauseKey, CauseKind, OwnerBasis, SymptomGroup
from inventory.model import DEVICE_KINDS, AgencyId, IPAddress, Kind, Subject

_MACHINES = DEVICE_KINDS | {Kind.HOST, Kind.RESOLVER, Kind.DATACENTRE, Kind.CONNECTION_POINT}
_BY_NAMES = frozenset({CauseKind.NAME_SERVERS, CauseKind.MAIL_EXCHANGERS})
_NO_ADDRESS = _BY_NAMES | {CauseKind.CERTIFICATE, CauseKind.ROUTE, CauseKind.PREFIX}


class CauseOwners:
    """Finds the agency of a cause. ``subjects``: the rows of the inventory.

    A portal's row names the address that it is served from, which may be a hosting provider's: only rows of machines
    show the owner of an address.
    """

    def __init__(self, subjects: Iterable[Subject]) -> None:
        self._machines: dict[IPAddress, set[AgencyId | None]] = {}
        self._hosts: dict[str, set[AgencyId | None]] = {}
        self._zones: dict[str, set[AgencyId | None]] = {}
        self._blocks: list[tuple[IPv4Network | IPv6Network, AgencyId]] = []
        for subject in subjects:
            self._take(subject)

    def _take(self, subject: Subject) -> None:
        if subject.kinds & _MACHINES:
            for address in subject.addresses:
                self._machines.setdefault(address, set()).add(subject.agency)
            if subject.host is not None:
                self._hosts.setdefault(subject.host, set()).add(subject.agency)
        if Kind.ZONE in subject.kinds:
            self._zones.setdefault(subject.host or subject.name, set()).add(subject.agency)
        for text in subject.tag_values("prefix") if subject.agency is not None else ():
            if (block := _network(text)) is not None and subject.agency is not None:
                self._blocks.append((block, subject.agency))

    def of(self, found: SymptomGroup) -> tuple[AgencyId | None, OwnerBasis]:
        """Return the agency and the basis on which it is named; None with ``UNKNOWN`` if there is none."""
        for owners, basis in self._told(found.key):
            if len(owners) == 1 and (owner := next(iter(owners))) is not None:
                return owner, basis
        members = {symptom.agency for symptom in found.symptoms}
        owner = next(iter(members))
        return (owner, OwnerBasis.MEMBERS) if len(members) == 1 and owner is not None else (None, OwnerBasis.UNKNOWN)

    def _told(self, key: CauseKey) -> Iterable[tuple[set[AgencyId | None], OwnerBasis]]:
        if key.kind in PROBABLE:
            return  # a probable cause names only the agency of its findings
        if key.kind in _BY_NAMES:
            names = key.name.split(", ")
            yield _shared(self._hosts.get(name, set()) for name in names), OwnerBasis.ROW
            yield _shared(self._zone(name) for name in names), OwnerBasis.ZONE
        elif key.kind not in _NO_ADDRESS:
            address = ip_address(key.name)
            yield self._machines.get(address, set()), OwnerBasis.ROW
            yield {agency for block, agency in self._blocks if address in block}, OwnerBasis.BLOCK

    def _zone(self, name: str) -> set[AgencyId | None]:
        """Return the agencies of the nearest zone of the inventory above a name."""
        labels = name.split(".")
        above = (".".join(labels[first:]) for first in range(len(labels)))
        return next((self._zones[zone] for zone in above if zone in self._zones), set())


def _shared(owners: Iterable[set[AgencyId | None]]) -> set[AgencyId | None]:
    """Return the agencies that each of several names belongs to."""
    return set.intersection(*owners)


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
