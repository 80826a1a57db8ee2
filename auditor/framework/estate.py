"""Defines facts that only the tables of several devices show together, as checks read them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Network

from inventory.model import IPAddress, SubjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedAddress:
    """Holds an address that other devices have too.

    ``is_certain``: the inventory places them elsewhere, so that none of them is this one's redundant pair.
    """

    address: IPAddress
    others: tuple[str, ...]
    is_certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMtu:
    """Holds a link between two devices whose ends take packets of different sizes.

    ``is_certain``: the end with the larger MTU reports that of IP; else it may be the size of its frames.
    """

    interface: str
    mtu: int
    other: str
    theirs: int
    network: str
    is_certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """Holds facts that only several devices together show, by the subject concerned.

    ``chassis`` (MAC addresses, ``00:11:22:33:44:55``) and ``addresses`` are those that the devices that were read
    report as their own; no two of them have the same. ``advertised``: the networks in which one of them advertises
    itself as a default router.
    """

    shared: Mapping[SubjectId, tuple[SharedAddress, ...]] = field(default_factory=dict)
    mtus: Mapping[SubjectId, tuple[LinkMtu, ...]] = field(default_factory=dict)
    chassis: frozenset[str] = frozenset()
    addresses: frozenset[IPAddress] = frozenset()
    advertised: frozenset[IPv6Network] = frozenset()
