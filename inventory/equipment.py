"""Makes a connection point the device too that stands there, where no row of its own describes that device.

A commune has one row, and behind its addresses is a router: what is asked of any router of ours is asked of it as well.
"""

from collections.abc import Iterable
from dataclasses import replace

from inventory.model import DEVICE_KINDS, Kind, Subject


def with_equipment(subjects: Iterable[Subject]) -> tuple[Subject, ...]:
    """The subjects; connection points that are managed over SNMP and whose device has no row count as routers too."""
    every = tuple(subjects)
    described = {str(one.id) for one in every if one.kinds & DEVICE_KINDS}
    return tuple(_with_router(one) if _is_the_device(one, described) else one for one in every)


def _is_the_device(subject: Subject, described: Iterable[str]) -> bool:
    managed = any(service.name == "snmp" for service in subject.services)
    return Kind.CONNECTION_POINT in subject.kinds and managed and subject.declared.device not in described


def _with_router(subject: Subject) -> Subject:
    return replace(subject, kinds=subject.kinds | {Kind.ROUTER})
