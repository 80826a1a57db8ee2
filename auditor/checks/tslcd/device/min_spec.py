"""Check that the terminal equipment has the features that Appendix I requires.

Ports, VLAN, IPv6 and protected management are read over SNMP. No probe can show that a model can log and be updated:
that is in the acceptance record (tag ``spec=``). A feature that is not shown is never called missing.
"""

from collections.abc import Iterator

from auditor.facts.cut_off import cut_off
from auditor.facts.device import answers, physical_ports
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.unfinished import NAMES
from auditor.facts.tslcd import points
from auditor.framework.check import VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import Clearance, Kind, Network, Subject
from probes.framework.evidence import EvidenceSet, FailureKind
from probes.observations.rows import RowPosition
from probes.observations.transport import TcpConnect
from probes.wire.snmp import oids

_PORTS = {"1": 12, "2": 5}
"""LAN and WAN ports together: class I 8 and 4, class II 4 and 1 (tag ``device-class=``)."""
_SSH, _TELNET = 22, 23
_ENCRYPTED_WEB = frozenset({443, 8443})

_CONNECTS = frozenset({"tcp"})


@check(
    version=6,
    title="Terminal equipment meets Appendix I",
    problem="Terminal equipment has too few ports",
    problems={
        "SOFT": "Compliance of the terminal equipment is not fully shown",
        "NO_IPV6": "Terminal equipment does not support IPv6",
        "PLAINTEXT": "Terminal equipment is managed in clear text only",
    },
    why="Equipment below the minimum has no port for the second access, cannot tell networks apart, or is managed in"
    " clear text.",
    fix="Upgrade the device or replace it with one that meets Appendix I.",
    references=("mục 1, mục 2 Phụ lục I Thông tư số 06/2026/TT-BKHCN",),
    needs=(RowPosition, *answers.SNMP, TcpConnect),
    kinds=frozenset({Kind.CONNECTION_POINT}),
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.SNMP, VantageKind.INV}),
    clearance=Clearance.PASSIVE,
    excused_by={"PLAINTEXT": frozenset({"tcp"})},
    messages={
        **answers.CODES,
        "MEETS": passed("{name} has what Appendix I asks for, with {count:n} {count/port/ports} of {needed:n} needed."),
        "SOFT": warn(
            "{name} has {count:n} {count/port/ports}, of {needed:n} needed; not shown by the device itself or by an"
            " acceptance record: {items:list}.",
            fix="Put the acceptance record into the column tags (spec=NUMBER), and switch on what is missing.",
        ),
        "FEW_PORTS": fail(
            "{name} has {count:n} {count/port/ports}, and its list of parts (ENTITY-MIB) has no more; {needed:n}"
            " {needed/is/are} needed."
        ),
        "FEW_SHOWN": inconclusive(
            "{name} shows a connector on {count:n} {count/port/ports} only, of {needed:n} needed; nothing else counts"
            " its ports.",
            fix="Count the ports on the device itself; replace one that has too few.",
            reason=answers.NOT_SHOWN["NOT_SHOWN"].reason,
        ),
        "NO_IPV6": fail("By its own declaration {name} cannot do IPv6."),
        "PLAINTEXT": fail(
            "{name} can be managed only in clear text: Telnet is open, SSH is not, SNMP is not version 3."
        ),
        "NOT_SHOWN": inconclusive(
            "{name} shows of no port that it has a connector (ifConnectorPresent).",
            fix="Upgrade the device's software, or give the fact by declaration.",
            reason=answers.NOT_SHOWN["NOT_SHOWN"].reason,
        ),
    },
)
def min_spec(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    if subject.has_tag("no-ipv6") and points.row(evidence):
        yield points.says_of(subject, "NO_IPV6", points.row(evidence))
    elif not isinstance(found, SeenDevice):
        yield found
    else:
        yield _judge(subject, evidence, found)


def _judge(subject: Subject, evidence: EvidenceSet, device: SeenDevice) -> Verdict:
    ids = (*device.evidence, *points.row(evidence))
    if not (device.complete(oids.IF_CONNECTOR) and device.complete(oids.IF_TYPE)):
        return device.not_read()
    count, needed = physical_ports.with_connector(device), _needed(subject)
    if not count:
        return points.says_of(subject, "NOT_SHOWN", ids)
    if count < needed:
        parts = physical_ports.in_entity_mib(device)
        code = "FEW_PORTS" if parts is not None and parts < needed else "FEW_SHOWN"
        return points.says_of(subject, code, ids, count=count, needed=needed)
    secure = any(session.version == "3" for session in device.sessions)
    opened = {step.port for _, step in evidence.of(TcpConnect) if step.failure is None}
    closed = {(step.port, step.failure.kind) for _, step in evidence.of(TcpConnect) if step.failure is not None}
    encrypted = secure or opened & {_SSH, *_ENCRYPTED_WEB}
    if _TELNET in opened and not encrypted and (_SSH, FailureKind.REFUSED) in closed:
        connects = tuple(envelope.id for envelope, step in evidence.of(TcpConnect) if step.port in (_SSH, _TELNET))
        return points.says_of(subject, "PLAINTEXT", (*ids, *connects))
    has_vlan = physical_ports.shows_vlans(device)
    vlans_read = device.complete(oids.VLAN_NAME) and not device.broke_off(*NAMES)
    if not (has_vlan or vlans_read) or not (device.v6 or device.all_addresses_read()):
        return device.not_read()
    shown = secure or _SSH in opened
    unheard = not shown and bool(cut_off(evidence, _CONNECTS))
    items = [
        *([] if has_vlan else ["VLAN"]),
        *([] if device.v6 else ["IPv6"]),
        *([] if shown or unheard else ["SNMPv3/SSH"]),
        *([] if subject.tag_values("spec") else ["syslog"]),
    ]
    if items:
        return points.says_of(subject, "SOFT", ids, count=count, needed=needed, items=tuple(items))
    if unheard:
        return device.not_read()
    return points.says_of(subject, "MEETS", ids, count=count, needed=needed)


def _needed(subject: Subject) -> int:
    """Return the number of ports that the device's class needs; class II if none is declared."""
    classes = [text for text in subject.tag_values("device-class") if text in _PORTS]
    return _PORTS[classes[0] if classes else "2"]
