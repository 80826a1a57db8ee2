"""Defines what lists that were made for other purposes tell of a subject, and how it becomes a proposed row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from inventory.cells.names import looks_like_name
from inventory.model import IPAddress, Kind, Subject, written

MOST = 5_000
"""Things that one list proposes; the rest is counted."""
LARGEST = 20 * 2**20
"""Bytes of a list."""


class NotSuchAListError(ValueError):
    """The text is not a list of the kind that it should be; the message is for the log of a developer."""


@dataclass(slots=True)
class Listed:
    """A name with its addresses; ``source`` is the kind of list."""

    name: str
    kind: Kind
    source: str
    addresses: list[IPAddress] = field(default_factory=list)

    def row(self) -> Mapping[str, str]:
        """The proposal in the columns of the inventory."""
        return {
            "name": self.name,
            "kind": self.kind.value,
            "ipv4": " ".join(written(each) for each in self.addresses if each.version == 4),
            "ipv6": " ".join(written(each) for each in self.addresses if each.version == 6),
            "fqdn": self.name if self.kind is Kind.ZONE else looks_like_name(self.name) or "",
            "note": self.source,
        }


class ListedThings:
    """Collects things by name and kind; an address that is named again belongs to the same thing."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._by_name: dict[tuple[str, Kind], Listed] = {}
        self.more = 0

    def add(self, name: str, kind: Kind, *addresses: IPAddress) -> None:
        key = (name.casefold(), kind)
        if key not in self._by_name and len(self._by_name) >= MOST:
            self.more += 1
            return
        thing = self._by_name.setdefault(key, Listed(name, kind, self._source))
        thing.addresses += [each for each in addresses if each not in thing.addresses]

    def all(self) -> tuple[Listed, ...]:
        return tuple(self._by_name.values())


def not_known(things: Iterable[Listed], subjects: Iterable[Subject]) -> tuple[Listed, ...]:
    """The things of which the inventory has neither the name nor, for those with addresses, any address."""
    names: set[str] = set()
    zones: set[str] = set()
    addresses: set[IPAddress] = set()
    for subject in subjects:
        if subject.host and subject.kinds & {Kind.ZONE, Kind.MAIL}:
            zones.add(subject.host.casefold())
        else:
            names |= {each.casefold() for each in (subject.name, subject.host or "") if each}
        addresses.update(subject.addresses)
    return tuple(
        thing
        for thing in things
        if thing.name.casefold() not in (zones if thing.kind is Kind.ZONE else names)
        and not addresses & set(thing.addresses)
    )
