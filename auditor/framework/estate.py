"""Defines what only the tables of several devices show together, as checks read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Network

from inventory.model import IPAddress, SubjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedAddress:
    """An address that other devices have too. ``is_certain``: the inventory says that they stand elsewhere, so that
    none of them is the pair of this one."""

    address: IPAddress
    others: tuple[str, ...]
    is_certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMtu:
    """A link between two devices whose ends take packets of different sizes."""

    interface: str
    mtu: int
    other: str
    theirs: int
    network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """Facts that two devices show only together, by the subject concerned.

    ``chassis`` (MAC addresses, ``00:11:22:33:44:55``) and ``addresses`` are by what the devices that were read show
    themselves; no two of them have the same. ``advertised``: the networks in which one of them advertises itself as a
    default router.
    """

    shared: Mapping[SubjectId, tuple[SharedAddress, ...]] = field(default_factory=dict)
    mtus: Mapping[SubjectId, tuple[LinkMtu, ...]] = field(default_factory=dict)
    chassis: frozenset[str] = frozenset()
    addresses: frozenset[IPAddress] = frozenset()
    advertised: frozenset[IPv6Network] = frozenset()
