"""Decides whether two addresses belong to one owner, so that one can be a control for the other (CHECKS §0.7, G1).

On the Internet a prefix has one owner: /48 and /24. Inside TSLCD a province keeps all its communes in one /48, and
there the owner is a site: an answer of another site shows that our packets get out. Pure.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from inventory.model import IPAddress, Kind, Network, Subject, SubjectId

IPNetwork = IPv4Network | IPv6Network
_LENGTHS = {(Network.INTERNET, 6): 48, (Network.INTERNET, 4): 24, (Network.TSLCD, 6): 64, (Network.TSLCD, 4): 29}


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressOwner:
    """Identifies an owner of addresses: a site of TSLCD, or a prefix where the inventory names no site."""

    network: Network
    site: str = ""
    prefix: IPNetwork | None = None

    def is_apart_from(self, other: "AddressOwner") -> bool:
        """True if ``other`` is another owner in the same network, so that it can be a control for this one.

        An answer from the Internet does not show that our way into TSLCD works, nor the other way round.
        """
        return self.network is other.network and self != other


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Holds the location of a subject: its network, and inside TSLCD its site, "" where the inventory names none."""

    network: Network = Network.INTERNET
    site: str = ""

    def owner(self, address: IPAddress) -> AddressOwner:
        """Return the owner of an address of the subject."""
        if self.site:
            return AddressOwner(network=self.network, site=self.site)
        return AddressOwner(network=self.network, prefix=_prefix(address, _LENGTHS[self.network, address.version]))


ANYWHERE = Location()
"""The location of a subject that is not reached through TSLCD."""


@lru_cache(maxsize=1_024)  # so that equal numbers are one object
def internet_owner(address: IPAddress) -> int:
    """Return a number for the owner of an address on the Internet, equal where ``ANYWHERE`` gives the same owner.

    It saves memory where something is kept for every owner of a run: objects take ten times as much.
    """
    bits = int(address) >> (address.max_prefixlen - _LENGTHS[Network.INTERNET, address.version])
    return bits << 1 | (address.version == 6)


@lru_cache(maxsize=1_024)  # called repeatedly for the few addresses of a subject
def _prefix(address: IPAddress, length: int) -> IPNetwork:
    return ip_network((address, length), strict=False)


@dataclass(frozen=True, slots=True)
class DeviceSites:
    """Holds the connection points of TSLCD of devices that have a row of their own, by the ids of the devices."""

    of_devices: Mapping[SubjectId, str] = field(default_factory=dict)

    @classmethod
    def of(cls, subjects: Iterable[Subject]) -> "DeviceSites":
        points = (subject for subject in subjects if Kind.CONNECTION_POINT in subject.kinds and subject.declared.device)
        return cls({SubjectId(point.declared.device): _site(point) for point in points})

    def location(self, subject: Subject, networks: Container[Network]) -> Location:
        """Return the location of a subject that is observed from inside ``networks``.

        Inside TSLCD its site is that of the connection point that names it as its device, else the site in its row,
        else the connection point that it is itself.
        """
        if subject.network is not Network.TSLCD or Network.TSLCD not in networks:
            return ANYWHERE
        return Location(network=Network.TSLCD, site=self.of_devices.get(subject.id) or _site(subject))


def _site(subject: Subject) -> str:
    """Return the site that a row names, with its agency: every commune may call its own "head office"."""
    if subject.declared.site:
        return f"{subject.agency}\n{subject.declared.site}"
    return str(subject.id) if Kind.CONNECTION_POINT in subject.kinds else ""
