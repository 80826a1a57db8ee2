"""``security.routing.antispoof``: an edge router takes from its networks only packets with addresses of theirs.

No measuring point that sends forged packets stands behind it: what is judged is the configuration that the device shows
(unicast reverse path forwarding, CISCO-IP-URPF-MIB). That it shows none accuses nobody: a filter may do the same.
"""

from collections.abc import Iterator, Mapping

from auditor.check import Place, check, says
from auditor.context import Context
from auditor.facts import devices, interfaces
from auditor.facts.devices import Device
from auditor.facts.interfaces import Enabled
from auditor.findings import Outcome, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid

_FAMILIES = {1: "IPv4", 2: "IPv6"}
"""cipUrpfIfIpVersion."""
_LOOSE = 2


@check(
    version=1,
    title="Source-address validation at the edge",
    why="A network that lets forged sources out serves attacks on others, and nobody can tell where they came from.",
    fix="Switch strict uRPF (or SAVI) on for both families on every interface towards users and servers.",
    references=("RFC 2827 (BCP 38)", "RFC 8704 §3", "RFC 9099 §3.1"),
    needs=devices.SNMP,
    kinds=frozenset({Kind.ROUTER, Kind.FIREWALL}),
    vantage=frozenset({Place.SNMP}),
    clearance=Clearance.PASSIVE,
    messages={
        **devices.CODES,
        "VALIDATED": says(
            Outcome.PASS, "{name} checks where packets from {interfaces:list} may come from, over each family in use."
        ),
        "PARTLY": says(
            Outcome.WARN,
            "{name} checks the sources of packets on some interfaces, but not on {interfaces:list}.",
            fix="Switch strict uRPF on there as well; for IPv6 it is a command of its own (ipv6 verify unicast).",
        ),
        "LOOSE": says(
            Outcome.WARN,
            "{name} only checks that a source exists anywhere (loose uRPF) on {interfaces:list}.",
            fix="Use strict uRPF where an interface is the only way to its networks.",
        ),
        "NO_AGENT": says(
            Outcome.NOT_APPLICABLE,
            "{name} shows no uRPF, and no measuring point stands behind it that could try with forged sources.",
        ),
    },
)
def antispoof(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = devices.device(subject, evidence, ctx)
    yield _judge(subject, found) if isinstance(found, Device) else found


def _judge(subject: Subject, device: Device) -> Verdict:
    shown = device.tree.integers(oids.CISCO_URPF_CHECK)
    rows: Mapping[Oid, int] = {index: how for index, how in shown.items() if len(index) == 2}
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
