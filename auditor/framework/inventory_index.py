"""Holds the names, addresses and prefixes that the inventory knows, of all agencies."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from auditor.framework.address_owners import IPNetwork
from inventory.model import IPAddress, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryIndex:
    """Holds short names (``short_name``) and addresses of all subjects, and prefixes of agencies (tag ``prefix``)."""

    labels: frozenset[str] = frozenset()
    addresses: frozenset[IPAddress] = frozenset()
    prefixes: tuple[IPNetwork, ...] = ()

    @classmethod
    def of(cls, subjects: Iterable[Subject]) -> "InventoryIndex":
        every = tuple(subjects)
        names = (text for subject in every for text in (subject.id, subject.name, subject.host or "") if text)
        return cls(
            labels=frozenset(map(short_name, names)),
            addresses=frozenset(address for subject in every for address in subject.addresses),
            prefixes=tuple(
                dict.fromkeys(ip_network(text, strict=False) for one in every for text in one.tag_values("prefix"))
            ),
        )

    def share_prefix(self, one: IPAddress, other: IPAddress) -> bool:
        """True if two addresses are in one prefix of an agency."""
        return any(one in prefix and other in prefix for prefix in self.prefixes)


def short_name(name: str) -> str:
    """Return a device's name up to its first dot, in lower case, without the serial number that CDP appends.

    An address is returned whole: its dots do not separate a host from a domain.
    """
    text = name.partition("(")[0].strip().casefold()
    return text if text.replace(".", "").isdecimal() else text.partition(".")[0]
