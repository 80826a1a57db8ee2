"""Check that a device shows its IPv6 state over SNMP in current tables.

An empty table is not read as "no IPv6" (trap D2): only an IPv6 address that answered proves that there is some.
"""

from collections.abc import Iterator

from auditor.facts.device import answers, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.framework.check import VantageKind, check, fail, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.snmp import SnmpSession
from probes.observations.transport import EchoSeries, TcpConnect
from probes.wire.snmp import oids
from probes.wire.snmp.addresses import InterfaceAddress
from probes.wire.snmp.index import address_in

_TODAY = "ipAddressTable"
_TABLES_OF_TODAY = (oids.IP_ADDRESS_ENTRY, oids.IPV6_INTERFACE_ENTRY, oids.IP_NET_TO_PHYSICAL_ENTRY)


@check(
    version=2,
    title="Device exposes IPv6 state by SNMP",
    problem="SNMP does not show the device's IPv6 state",
    problems={"OLD_TABLES": "SNMP shows IPv6 addresses only in outdated tables"},
    why="What a management station cannot see it cannot watch: IPv6 then fails without anybody noticing.",
    fix="Upgrade the device's software, or read its IPv6 state by NETCONF or SSH.",
    references=("RFC 8504 §16.1", "RFC 4293", "RFC 8096", "RIPE-772 §4.4"),
    needs=(*answers.SNMP, EchoSeries, TcpConnect),
    kinds=frozenset({Kind.ROUTER, Kind.SWITCH, Kind.FIREWALL}),
    vantage=frozenset({VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("mib-coverage"),
    messages={
        **answers.CODES,
        **answers.NOT_SHOWN,
        "SHOWN": passed("{name} shows its IPv6 state in the tables of RFC 4293 ({tables:list})."),
        "OLD_TABLES": warn("{name} shows its IPv6 addresses only in {tables:list}, not in RFC 4293's."),
        "HIDDEN": fail("{name} answers over IPv6 ({address}), but no SNMP table shows any of its IPv6."),
    },
)
def mib_coverage(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    yield _judge(found, evidence) if isinstance(found, SeenDevice) else found


def _judge(device: SeenDevice, evidence: EvidenceSet) -> Verdict:
    today = tuple(_of_today(device))
    if today:
        return device.says("SHOWN", tables=today)
    older = tuple(sorted({interface.source for interface in _shown(device)}))
    if not all(device.complete(root) for root in _TABLES_OF_TODAY):
        return device.not_read()
    if older:
        return device.says("OLD_TABLES", tables=older)
    if not device.all_addresses_read():
        return device.not_read()
    alive = _answers_over_v6(evidence)
    return device.says("NOT_SHOWN") if alive is None else device.says("HIDDEN", address=alive)


def _shown(device: SeenDevice) -> Iterator[InterfaceAddress]:
    """Return all IPv6 rows: the question is which table has any, not to which device the addresses belong."""
    return (interface for interface in device.shown if interface.address.version == 6)


def _of_today(device: SeenDevice) -> Iterator[str]:
    """Return the tables of RFC 4293 with rows about IPv6."""
    if any(interface.source == _TODAY for interface in _shown(device)):
        yield _TODAY
    tree = device.tree
    if tree.has_below(oids.IPV6_INTERFACE_ENTRY):
        yield "ipv6InterfaceTable"
    neighbours = tree.indexes((*oids.IP_NET_TO_PHYSICAL_ENTRY, 4))
    if any((found := address_in(index[1:])) is not None and found.address.version == 6 for index in neighbours):
        yield "ipNetToPhysicalTable"


def _answers_over_v6(evidence: EvidenceSet) -> str | None:
    """Return an IPv6 address of the device from which anything was received."""
    for envelope in evidence:
        for step in envelope.steps:
            match step:
                case SnmpSession(address=address, profile=str()) | TcpConnect(address=address, failure=None):
                    pass
                case EchoSeries(address=address) if step.received:
                    pass
                case _:
                    continue
            if address.version == 6:
                return str(address)
    return None
