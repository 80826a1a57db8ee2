"""The interfaces that a device's owner declared (tags ``wan=NAME``, ``lan=NAME``, ``loopback=NAME``) and how each does.

A name is ifName, ifDescr or ifAlias, whatever the case of its letters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from auditor.facts.devices import Device
from inventory.model import Subject
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid

ROLES = ("wan", "lan", "loopback")
LOOPBACK, TUNNEL = 24, 131
"""ifType softwareLoopback and tunnel (IANAifType-MIB)."""
_UP, _DOWN = 1, 2


class Enabled(Enum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A declared interface; ``index`` None: the device has none of that name."""

    role: str
    name: str
    index: int | None


def declared(subject: Subject, device: Device, roles: tuple[str, ...] = ROLES) -> tuple[Wanted, ...]:
    names = _names(device)
    return tuple(
        Wanted(role=role, name=name, index=names.get(name.casefold()))
        for role in roles
        for name in subject.tag_values(role)
    )


def _names(device: Device) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for column in (oids.IF_ALIAS, oids.IF_DESCR, oids.IF_NAME):  # the last one wins
        found |= {text.casefold(): index[0] for index, text in device.tree.texts(column).items() if len(index) == 1}
    return found


def kind_of(device: Device, index: int | None) -> int | None:
    """ifType of an interface."""
    return None if index is None else device.tree.integers(oids.IF_TYPE).get((index,))


def is_down(device: Device, index: int | None) -> bool:
    """Whether the device says that an interface is not up; one of which it says nothing is not down."""
    state = None if index is None else device.tree.integers(oids.IF_OPER).get((index,))
    return state is not None and state == _DOWN


def tells(device: Device, index: int) -> bool:
    """Whether the device says of an interface if it is up."""
    return (index,) in device.tree.integers(oids.IF_OPER)


def is_up(device: Device, index: int) -> bool:
    """Whether the device says that an interface is up; one of which it says nothing is not known to be."""
    return device.tree.integers(oids.IF_OPER).get((index,)) == _UP


def v6_enabled(device: Device, index: int) -> Enabled:
    """Whether IPv6 is on. Each of the tables has one row for each interface that speaks IPv6, and for no other."""
    if any(one.if_index == index for one in device.v6):
        return Enabled.YES
    for column, table in _TABLES:
        states = device.tree.integers(column)
        if states:
            state = states.get((index,))
            if state is None:
                return Enabled.NO if device.complete(table) and device.all_addresses_read() else Enabled.UNKNOWN
            return Enabled.YES if state == _UP else Enabled.NO
    return Enabled.UNKNOWN


_TABLES: tuple[tuple[Oid, Oid], ...] = (
    (oids.IPV6_INTERFACE_ENABLE, oids.IPV6_INTERFACE_ENTRY),  # RFC 4293
    (oids.LEGACY_IF_ADMIN, oids.LEGACY_IF_ADMIN),  # RFC 2465
    (oids.HUAWEI_IF_ENABLE, oids.HUAWEI_IF_ENABLE),
)
