"""Defines the entries of lists that were made for other purposes, and how each becomes a proposed row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from inventory.cells.names import looks_like_name
from inventory.kinds import KIND_WORDS
from inventory.model import IPAddress, Kind, Subject, written
from inventory.word_matching import fold

MOST = 5_000
"""The most things that one list proposes; the others are counted."""
_WORD = 100
_PARTS: Mapping[str, Kind] = {
    "firewall": Kind.FIREWALL,
    "accessswitch": Kind.ACCESS_SWITCH,
    "switch": Kind.SWITCH,
    "router": Kind.ROUTER,
}
LARGEST = 20 * 2**20
"""The most bytes of a list."""


class NotSuchAListError(ValueError):
    """Raised for a text that is not a list of the expected kind; the message is for the log of a developer."""


@dataclass(slots=True)
class Listed:
    """Holds a name with its addresses; ``source`` is the kind of list."""

    name: str
    kind: Kind
    source: str
    addresses: dict[IPAddress, None] = field(default_factory=dict)
    """The addresses, each once, in their order."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Other values in the list, by the columns of the inventory."""

    def row(self) -> Mapping[str, str]:
        """Return the proposal in the columns of the inventory."""
        return {
            "name": self.name,
            "kind": self.kind.value,
            "ipv4": " ".join(written(each) for each in self.addresses if each.version == 4),
            "ipv6": " ".join(written(each) for each in self.addresses if each.version == 6),
            "fqdn": self.name if self.kind is Kind.ZONE else looks_like_name(self.name) or "",
            "note": self.source,
            **{column: text for column, text in self.facts.items() if text},
        }


class ListedThings:
    """Collects things by name and kind; an address that is named again belongs to the same thing."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._by_name: dict[tuple[str, Kind], Listed] = {}
        self.more = 0

    def add(self, name: str, kind: Kind, *addresses: IPAddress, facts: Mapping[str, str] | None = None) -> None:
        key = (name.casefold(), kind)
        if key not in self._by_name and len(self._by_name) >= MOST:
            self.more += 1
            return
        thing = self._by_name.setdefault(key, Listed(name, kind, self._source, facts=facts or {}))
        thing.addresses |= dict.fromkeys(addresses)

    def all(self) -> tuple[Listed, ...]:
        return tuple(self._by_name.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMeanings:
    """Holds the operator's meanings for groups, roles and tenants of another program, by names in lower case."""

    kinds: Mapping[str, Kind] = field(default_factory=dict)
    agencies: Mapping[str, str] = field(default_factory=dict)

    def kind_of(self, names: Iterable[str]) -> Kind:
        """Return the kind of the first name that means one: by the operator's words, else by the inventory's."""
        written = list(names)
        for name in written:
            if name.casefold() in self.kinds:
                return self.kinds[name.casefold()]
        return next((kind for name in written if (kind := _kind_of_word(name))), Kind.HOST)

    def agency_of(self, names: Iterable[str]) -> str:
        """Return the code of the agency of the first name that has one, or nothing."""
        return next((self.agencies[each.casefold()] for each in names if each.casefold() in self.agencies), "")


def _kind_of_word(word: str) -> Kind | None:
    """Return the kind that a word stands for, also in ``routers``, ``core-switch`` and ``edge_firewall``."""
    folded = fold(word[:_WORD])
    if kind := KIND_WORDS.get(folded) or KIND_WORDS.get(folded.removesuffix("s")):
        return kind
    return next((kind for part, kind in _PARTS.items() if part in folded), None)


def not_known(things: Iterable[Listed], subjects: Iterable[Subject]) -> tuple[Listed, ...]:
    """Return the things that the inventory has neither by name nor, for those with addresses, by any address."""
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
        and addresses.isdisjoint(thing.addresses)
    )
