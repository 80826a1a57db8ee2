"""Check that the adjacencies of the interior routing protocol are there for IPv6.

Declared by tags: ``igp=ospfv3``, ``igp=isis`` or ``igp=static``, and ``igp-neighbours=NUMBER``. Without the number as
many are expected of OSPFv3 as OSPF has over IPv4; adjacencies of IS-IS are those of both families. Virtual networks are
not visible over SNMP, so an empty table of a process that is off is no defect.
"""

from collections.abc import Iterator

from auditor.facts.device import answers, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import out_of_sight, uplinks
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids, routing
from probes.wire.snmp.routing import Adjacencies

_ENABLED = 1
_NUMBER_LIMIT = 5


@check(
    version=6,
    title="IPv6 IGP adjacencies are up",
    problem="No IPv6 routing adjacency is up",
    problems={"FEWER": "Some IPv6 routing adjacencies are missing"},
    why="Without adjacencies for IPv6 a router does not learn where the networks of the others are.",
    fix="Activate OSPFv3 or multi-topology IS-IS on the links.",
    references=("RFC 5643", "RFC 4444"),
    needs=answers.SNMP,
    kinds=frozenset({Kind.ROUTER, Kind.SWITCH, Kind.FIREWALL}),
    vantage=frozenset({VantageKind.SNMP}),
    presence=True,
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("igp-v6"),
    excused_by={"NONE_UP": frozenset({"snmp"})},
    messages={
        **answers.CODES,
        **answers.NOT_SHOWN,
        **answers.NOT_SEEN,
        "ADJACENT": passed("{name} has all its adjacencies for IPv6 ({count:n})."),
        "FEWER": warn("{name} has {count:n} of {expected:n} {expected/adjacency/adjacencies} for IPv6."),
        "NONE_UP": fail("{name} has no adjacency for IPv6, although {protocol} is declared."),
        "STATES_HIDDEN": inconclusive(
            "{name} shows neighbours by OSPFv3, but not their state: its SNMP view hides ospfv3NbrState.",
            fix="Let the device's SNMP view show the whole ospfv3NbrTable.",
            reason=Reason.OBJ,
        ),
        "STATIC": not_applicable("{name} does not run an interior routing protocol."),
    },
)
def igp_v6(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    yield _judge(subject, found) if isinstance(found, SeenDevice) else found


def _judge(subject: Subject, device: SeenDevice) -> Verdict:
    protocol = next((value.casefold() for value in subject.tag_values("igp")), "")
    if protocol == "static":
        return device.says("STATIC")
    adjacencies = _found(device, protocol)
    if not adjacencies.known and not _is_on(device, protocol):
        return _absent(device, protocol)
    if not _read(device):
        return device.not_read()
    if not adjacencies.known and device.broke_off(oids.OSPFV3_NBR_ENTRY):
        return device.not_read()  # neighbours without a state may be in the lost table
    if not adjacencies.known and device.tree.has_below(oids.OSPFV3_NBR_ENTRY):
        return device.says("STATES_HIDDEN")
    if not adjacencies.up and protocol in _PROTOCOLS:
        elsewhere = [] if adjacencies.known else out_of_sight(device, uplinks(subject, device))
        if elsewhere:
            return device.says("NOT_SEEN", interfaces=tuple(map(device.interface, elsewhere[:5])))
        return device.says("NONE_UP", protocol=_PROTOCOLS[protocol])
    over_v4 = 0 if _is_isis(device, protocol) else routing.ospf(device.tree).up
    expected = max(adjacencies.known, _declared(subject, over_v4))
    if adjacencies.up < expected:
        return device.says("FEWER", count=adjacencies.up, expected=expected)
    return device.says("ADJACENT", count=adjacencies.up) if adjacencies.up else _absent(device, protocol)


_PROTOCOLS = {"ospfv3": "OSPFv3", "isis": "IS-IS"}


def _found(device: SeenDevice, protocol: str) -> Adjacencies:
    """Return the neighbours of the declared protocol, or of the one that has any."""
    return routing.isis(device.tree) if _is_isis(device, protocol) else routing.ospfv3(device.tree)


def _is_isis(device: SeenDevice, protocol: str) -> bool:
    undeclared = protocol not in _PROTOCOLS and not routing.ospfv3(device.tree).known
    return protocol == "isis" or (undeclared and bool(routing.isis(device.tree).known))


def _is_on(device: SeenDevice, protocol: str) -> bool:
    return protocol != "isis" and device.tree.integer(oids.OSPFV3_ADMIN) == _ENABLED


def _absent(device: SeenDevice, protocol: str) -> Verdict:
    """Return the verdict for a device without a neighbour in any table.

    Without a declaration, and without a neighbour over IPv4, there is no such protocol if the device has a table that
    could show it: one that reports whether OSPFv3 is on.
    """
    if not _read(device):
        return device.not_read()
    undeclared = not protocol and not routing.ospf(device.tree).known
    could_show = device.tree.integer(oids.OSPFV3_ADMIN) is not None
    return device.says("STATIC" if undeclared and could_show else "NOT_SHOWN")


def _read(device: SeenDevice) -> bool:
    return all(device.complete(root) for root in (oids.OSPFV3_NBR_STATE, oids.OSPF_NBR_STATE, oids.ISIS_ADJ_STATE))


def _declared(subject: Subject, otherwise: int) -> int:
    """Return the declared number of neighbours."""
    numbers = [value for value in subject.tag_values("igp-neighbours") if _is_number(value)]
    return int(numbers[0]) if numbers else otherwise


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _NUMBER_LIMIT
