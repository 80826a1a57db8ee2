"""Matches the interfaces that the owner declared (tags wan=, lan=, loopback=) with those of the device."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.unfinished import NAMES
from inventory.model import Subject
from probes.wire.snmp import oids
from probes.wire.snmp.interface_names import called, interface_names
from probes.wire.snmp.tree import UNREADABLE, Oid

ROLES = ("wan", "lan", "loopback")
LOOPBACK, TUNNEL = 24, 131
"""ifType softwareLoopback and tunnel (IANAifType-MIB)."""
_PPP = 23
_UP = 1
_DOWN = frozenset({2, 6, 7})
"""ifOperStatus down and its refinements notPresent and lowerLayerDown (RFC 2863 §3.1.14).

Many agents show those for a port without a module or cable, and for the interfaces above it.
"""


class Enabled(Enum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredInterface:
    """Holds a declared interface; ``index`` is None if the device has no interface, or several, of that name."""

    role: str
    name: str
    index: int | None


def declared(subject: Subject, device: SeenDevice, roles: tuple[str, ...] = ROLES) -> tuple[DeclaredInterface, ...]:
    names = interface_names(device.tree)
    return tuple(
        DeclaredInterface(role=role, name=name, index=names.get(name.casefold()))
        for role in roles
        for name in subject.tag_values(role)
    )


def names_of(device: SeenDevice, name: str) -> frozenset[str]:
    """Return all names that the device has for the interface with a name, and that name."""
    index = interface_names(device.tree).get(name.casefold())
    texts = (device.tree.texts(column).get((index,), "") for column in NAMES if index is not None)
    return frozenset({name, *filter(None, texts)})


def excused(subject: Subject, device: SeenDevice, roles: tuple[str, ...]) -> frozenset[int]:
    """Return the indexes of all interfaces with a declared name, including several with the same name.

    They are left out of judgement.
    """
    names = (name for role in roles for name in subject.tag_values(role))
    return frozenset().union(*(called(device.tree, name) for name in names))


def uplinks(subject: Subject, device: SeenDevice) -> list[int]:
    """Return the indexes of the declared uplinks that the device has."""
    return [interface.index for interface in declared(subject, device, ("wan",)) if interface.index is not None]


def may_be_called(subject: Subject, device: SeenDevice, roles: tuple[str, ...], index: int | None) -> bool:
    """True if an interface may have a declared name that the device does not show.

    That is so if no interface has a declared name, and a name of this one is missing or is in an unknown old character
    encoding (TCVN3, VNI, Latin-1).
    """
    if index is None or all(called(device.tree, name) for role in roles for name in subject.tag_values(role)):
        return False
    texts = (device.tree.texts(column).get((index,)) for column in (*NAMES, oids.IF_ALIAS))
    return any(text is None or UNREADABLE in text for text in texts)


def kind_of(device: SeenDevice, index: int | None) -> int | None:
    """Return the ifType of an interface, None if it is not known."""
    return None if index is None else device.tree.integers(oids.IF_TYPE).get((index,))


def is_down(device: SeenDevice, index: int | None) -> bool:
    """True if the device shows that an interface is down; without a state it is not down."""
    state = None if index is None else device.tree.integers(oids.IF_OPER).get((index,))
    return state in _DOWN


def tells(device: SeenDevice, index: int | None) -> bool:
    """True if the device shows whether an interface is up."""
    return index is not None and (index,) in device.tree.integers(oids.IF_OPER)


def is_named(device: SeenDevice, index: int) -> bool:
    """True if the device shows a name of an interface, so that a declared name could match it."""
    return any(device.tree.texts(column).get((index,)) for column in NAMES)


def is_up(device: SeenDevice, index: int) -> bool:
    """True if the device shows that an interface is up; without a state it is not known to be."""
    return device.tree.integers(oids.IF_OPER).get((index,)) == _UP


def layers(device: SeenDevice, index: int) -> frozenset[int]:
    """Return an interface with all above it (units, sub-interfaces, PPPoE) and below it.

    Taken from ifStackTable, or from names of the form ``NAME.…``.
    """
    above, below = _stacked(device)
    return frozenset({index}) | _reached(index, above) | _reached(index, below)


def layers_read(device: SeenDevice) -> bool:
    """True if the tables that stack interfaces, or separate IPv6 from IPv4 interfaces, were read completely."""
    return not device.broke_off(oids.IF_STACK_STATUS, *NAMES, oids.SYS_OBJECT_ID)


def _stacked(device: SeenDevice) -> tuple[Mapping[int, set[int]], Mapping[int, set[int]]]:
    above: dict[int, set[int]] = {}
    below: dict[int, set[int]] = {}
    pairs = {(index[0], index[1]) for index in device.tree.indexes(oids.IF_STACK_STATUS) if len(index) == 2}
    for higher, lower in pairs | set(_named_so(device)):
        if higher and lower:  # 0: no interface on that side
            above.setdefault(lower, set()).add(higher)
            below.setdefault(higher, set()).add(lower)
    return above, below


def _named_so(device: SeenDevice) -> Iterator[tuple[int, int]]:
    """Yield pairs of higher and lower interface, by their names."""
    for column in (oids.IF_DESCR, oids.IF_NAME):
        names = {text.casefold(): index[0] for index, text in device.tree.texts(column).items() if len(index) == 1}
        for name, higher in names.items():
            lower = names.get(name.rpartition(".")[0])
            if lower is not None:
                yield higher, lower


def _reached(index: int, steps: Mapping[int, set[int]]) -> frozenset[int]:
    found: set[int] = set()
    waiting = [index]
    while waiting:
        new = steps.get(waiting.pop(), set()) - found
        found |= new
        waiting += new
    return frozenset(found)


def in_sight(device: SeenDevice, index: int) -> bool:
    """True if the tables of the device show an interface.

    They have no row for an interface in a virtual network whose context the profile does not name, or for a switch port
    whose VLAN has the addresses. Missing rows of such an interface may exist.
    """
    whole = layers(device, index)
    shown = any(interface.if_index in whole and interface.source in _OF_ITS_CONTEXT for interface in device.shown)
    return shown or any((number,) in device.tree.integers(column) for column, _ in _TABLES for number in whole)


def out_of_sight(device: SeenDevice, uplinks: Sequence[int]) -> list[int]:
    """Return the uplinks, or without any all interfaces that are up, that no table shows.

    Their missing rows may be in virtual networks. Empty if the profile names contexts.
    """
    if any(walk.context for walk in device.walks):
        return []
    states = device.tree.indexes(oids.IF_OPER)
    hidden = not states and not device.broke_off(oids.IF_OPER)  # an SNMP view may hide their states
    listed = device.tree.indexes(oids.IF_DESCR) if hidden else states
    up = [index[0] for index in listed if len(index) == 1 and (hidden or is_up(device, index[0]))]
    every = uplinks or [index for index in up if kind_of(device, index) != LOOPBACK]
    return [index for index in every if not in_sight(device, index)]


_OF_ITS_CONTEXT = frozenset({"ipAddressTable", "cIpAddressTable", "ipv6AddrTable"})
"""Address tables that show one context; some agents put the addresses of all contexts into the older ipAddrTable."""


def shows_v6_states(device: SeenDevice) -> bool:
    """True if any table with the IPv6 state of interfaces has a row."""
    return any(device.tree.integers(column) for column, _ in _TABLES)


def v6_enabled(device: SeenDevice, index: int) -> Enabled:
    """Return whether IPv6 is on at an interface, or at one above or below it."""
    states = {v6_state(device, layer) for layer in layers(device, index)}
    if Enabled.YES in states:
        return Enabled.YES
    hidden = not layers_read(device) or _is_upon_something(device)
    if Enabled.UNKNOWN in states or not in_sight(device, index) or hidden:
        return Enabled.UNKNOWN
    return Enabled.NO


def _is_upon_something(device: SeenDevice) -> bool:
    """True if IPv6 is, or may be, on at a PPP interface of a device that does not show how its interfaces are stacked.

    A PPP interface is always on top of another one, and its name does not show which.
    """
    if device.tree.has_below(oids.IF_STACK_STATUS):
        return False
    if device.broke_off(oids.IF_TYPE):
        return True
    kinds = device.tree.integers(oids.IF_TYPE).items()
    return any(v6_state(device, index[0]) is Enabled.YES for index, kind in kinds if kind == _PPP and len(index) == 1)


def v6_state(device: SeenDevice, index: int) -> Enabled:
    """Return whether IPv6 is on at an interface itself.

    Each of the tables has one row for each interface that supports IPv6, and no other rows.
    """
    if any(interface.if_index == index for interface in device.v6):
        return Enabled.YES
    for column, table in _TABLES:
        states = device.tree.integers(column)
        if states:
            state = states.get((index,))
            if state is None and _is_split(device):
                return Enabled.UNKNOWN
            if state is None:
                return Enabled.NO if device.complete(table) and device.all_addresses_read() else Enabled.UNKNOWN
            return Enabled.YES if state == _UP else Enabled.NO
    return Enabled.UNKNOWN


def _is_split(device: SeenDevice) -> bool:
    """True if the maker's devices have separate IPv4 and IPv6 interfaces on the same VLAN that nothing links."""
    object_id = device.tree.oid(oids.SYS_OBJECT_ID) or ()
    return object_id[:6] == oids.ENTERPRISES and object_id[6:7] == (_ALCATEL,)


_ALCATEL = 6486
"""Enterprise number of Alcatel-Lucent Enterprise; its OmniSwitch separates them (``v234`` and ``v234-v6``)."""
_TABLES: tuple[tuple[Oid, Oid], ...] = (
    (oids.IPV6_INTERFACE_ENABLE, oids.IPV6_INTERFACE_ENTRY),  # RFC 4293
    (oids.LEGACY_IF_ADMIN, oids.LEGACY_IF_ADMIN),  # RFC 2465
    (oids.HUAWEI_IF_ENABLE, oids.HUAWEI_IF_ENABLE),
)
