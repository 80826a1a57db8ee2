"""Unicast reverse path forwarding as a device shows it (CISCO-IP-URPF-MIB)."""

from collections.abc import Iterator, Mapping

from auditor.facts.device import interfaces
from auditor.facts.device.answers import Device
from auditor.facts.device.interfaces import Enabled
from auditor.framework.findings import Verdict
from inventory.model import Subject
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid

_FAMILIES = {1: "IPv4", 2: "IPv6"}
"""cipUrpfIfIpVersion."""
_LOOSE = 2


def shown(subject: Subject, device: Device) -> Verdict:
    """The verdict on what a device shows: VALIDATED, PARTLY, LOOSE, or NO_AGENT where it shows nothing."""
    table = device.tree.integers(oids.CISCO_URPF_CHECK)
    rows: Mapping[Oid, int] = {index: how for index, how in table.items() if len(index) == 2}
    if not device.complete(oids.CISCO_URPF_CHECK):
        return device.not_read()
    if not rows:
        return device.says("NO_AGENT")
    lans = [one.index for one in interfaces.declared(subject, device, ("lan",)) if one.index is not None]
    wanted = sorted(set(lans) | {index[0] for index in rows})
    gaps = [f"{device.interface(index)} ({_FAMILIES[v]})" for index in wanted for v in _missing(device, rows, index)]
    loose = [
        f"{device.interface(i[0])} ({_FAMILIES.get(i[1], '?')})" for i, how in sorted(rows.items()) if how == _LOOSE
    ]
    if gaps:
        return device.says("PARTLY", interfaces=tuple(gaps))
    if loose:
        return device.says("LOOSE", interfaces=tuple(loose))
    return device.says("VALIDATED", interfaces=tuple(device.interface(index) for index in wanted))


def _missing(device: Device, rows: Mapping[Oid, int], index: int) -> Iterator[int]:
    """The families over which an interface is not checked; IPv6 only where it is on."""
    if (index, 1) not in rows:
        yield 1
    if (index, 2) not in rows and interfaces.v6_enabled(device, index) is Enabled.YES:
        yield 2
