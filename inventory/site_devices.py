"""Adds the kind of a device to a connection point where no row of its own describes the device there.

A commune has one row, and behind its addresses is a router: it is audited like any other router of ours.
"""

from collections.abc import Container, Iterable, Set
from dataclasses import replace

from inventory.model import DEVICE_KINDS, IPAddress, Kind, Subject


def with_equipment(subjects: Iterable[Subject]) -> tuple[Subject, ...]:
    """Return the subjects, with connection points that are managed over SNMP and have no device row as routers too."""
    every = tuple(subjects)
    devices = [subject for subject in every if subject.kinds & DEVICE_KINDS]
    named = frozenset(str(device.id) for device in devices)
    addresses = frozenset(address for device in devices for address in device.addresses)
    return tuple(_with_router(subject) if _is_the_device(subject, named, addresses) else subject for subject in every)


def _is_the_device(subject: Subject, named: Container[str], addresses: Set[IPAddress]) -> bool:
    """True if a point is managed, and no row is that of its device: by neither the column nor an address."""
    managed = any(service.name == "snmp" for service in subject.services)
    described = subject.declared.device in named or bool(addresses & set(subject.addresses))
    return Kind.CONNECTION_POINT in subject.kinds and managed and not described


def _with_router(subject: Subject) -> Subject:
    return replace(subject, kinds=subject.kinds | {Kind.ROUTER})
