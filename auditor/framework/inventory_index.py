"""Tells what the inventory knows of names, addresses and prefixes, whosever they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from auditor.framework.address_owners import IPNetwork
from inventory.model import IPAddress, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryIndex:
    """Short names (``short_name``) and addresses of all subjects of the inventory, and the prefixes of agencies (tag
    ``prefix``)."""

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
        """True if two addresses are of one prefix of an agency."""
        return any(one in prefix and other in prefix for prefix in self.prefixes)


def short_name(name: str) -> str:
    """A device's name as far as its first dot, in small letters, without the serial number that CDP puts behind it.

    An address stays whole: its dots do not part a host from a domain.
    """
    text = name.partition("(")[0].strip().casefold()
    return text if text.replace(".", "").isdecimal() else text.partition(".")[0]
