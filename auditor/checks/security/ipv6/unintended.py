"""Check that a device declared to be without IPv6 has none.

Only IPv4 is declared by the tag ``ipv4-only``, or by an exemption from IPv6 that is in force; a row with an IPv6
address of its own is not about such a device. That no table shows IPv6 is not read as "none" (trap D2): some agents
show only IPv4.
"""

from collections.abc import Iterator
from datetime import date

from auditor.facts import not_judged
from auditor.facts.device import answers
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import is_down, tells
from auditor.facts.device.unfinished import OF_ITS_OWN
from auditor.facts.dns.names import Lookup, own
from auditor.facts.exposure import sweeps
from auditor.facts.moments import day_of
from auditor.framework.check import SilenceMeaning, VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import DEVICE_KINDS, ExpectedState, Kind, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.exposure import PortSweep
from probes.wire.snmp import oids

_EXCUSING = (*OF_ITS_OWN, oids.IF_OPER)
_FORWARDING = 1
_SCALARS = (oids.IPV6_FORWARDING, oids.CISCO_FORWARDING, oids.LEGACY_FORWARDING)


@check(
    version=6,
    title="No unintended IPv6 on “IPv4-only” equipment",
    problem="Equipment declared as IPv4-only uses IPv6",
    problems={
        "FORWARDS": "Equipment declared as IPv4-only forwards IPv6",
        "PUBLISHED": "IPv6 address is published for IPv4-only equipment",
        "ANSWERS": "Equipment declared as IPv4-only answers over IPv6",
    },
    why="IPv6 that nobody knows of has no firewall rules, is not monitored, and is found by anyone who looks for it.",
    fix="Bring IPv6 on the device under the same rules as IPv4, and correct the inventory; do not just switch it off.",
    references=("RFC 7123", "RFC 9099 §2.7.1"),
    needs=(NameLookup, PortSweep, *answers.SNMP),
    kinds=DEVICE_KINDS | {Kind.HOST, Kind.CONNECTION_POINT},
    vantage=frozenset({VantageKind.SNMP}),
    question=SilenceMeaning.EXPOSURE,
    messages={
        **{code: message for code, message in answers.CODES.items() if code != "NOT_MANAGED"},
        **answers.NOT_SHOWN,
        **answers.UNPLACED,
        **not_judged.DNS_CODES,
        "ONLY_LINK_LOCAL": passed("{name} has no IPv6 beyond link-local addresses, as declared."),
        "FORWARDS": warn(
            "{name} is declared to have only IPv4; it has no IPv6 addresses but link-local ones, yet forwards IPv6.",
            fix="Switch IPv6 forwarding off, or bring IPv6 on the device under the same rules as IPv4.",
        ),
        "HAS_ADDRESSES": fail(
            "{name} is declared to have only IPv4, but has {addresses/an IPv6 address/IPv6 addresses}: "
            "{addresses:list}."
        ),
        "PUBLISHED": fail(
            "{name} is declared to have only IPv4, but DNS gives it {addresses/an IPv6 address/IPv6 addresses}: "
            "{addresses:list}."
        ),
        "ANSWERS": fail(
            "{name} is declared to have only IPv4, but answers over IPv6 on {addresses:list}: TCP {ports/port/ports} "
            "{ports:list}."
        ),
        "DUAL_STACK": not_applicable("The inventory does not declare {name} to have only IPv4."),
        "NOT_SEEN": inconclusive(
            "DNS gives {name} no IPv6 address; whether it has any is only to be seen over SNMP, and it is not managed"
            " that way.",
            fix="Give the device a service snmp and a profile in the inventory, or look at its interfaces.",
            reason=Reason.OBJ,
        ),
    },
)
def unintended(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = subject.host or subject.name
    look = own(subject, evidence, ctx, "AAAA")
    if not _ipv4_alone(subject, day_of(evidence, look.evidence, ctx)):
        yield Verdict(code="DUAL_STACK", args={"name": name})
        return
    if look.v6:
        yield _published(name, look, evidence, ctx, subject)
        return
    found = answers.device(subject, evidence, ctx)
    managed = isinstance(found, SeenDevice) or found.code != "NOT_MANAGED"
    if isinstance(found, SeenDevice):
        shown = _judge(found)
        if shown.code == "HAS_ADDRESSES" or look.known:
            yield shown
            return
    if not look.known:
        yield not_judged.dns(look)
    elif managed and not isinstance(found, SeenDevice):
        yield found
    else:
        yield Verdict(code="NOT_SEEN", args={"name": name}, evidence=look.evidence)


def _ipv4_alone(subject: Subject, day: date) -> bool:
    if any(address.version == 6 for address in subject.addresses):
        return False
    return subject.has_tag("ipv4-only") or subject.expected.in_force(day) is ExpectedState.EXEMPT


def _published(name: str, look: Lookup, evidence: EvidenceSet, ctx: Context, subject: Subject) -> Verdict:
    """Return the verdict on addresses in DNS, which suffice for a defect; one that answers takes precedence."""
    swept = [sweep for sweep in sweeps.everywhere(subject, evidence, ctx) if sweep.address.version == 6]
    answering = [sweep for sweep in swept if sweep.answering(sweep.ports)]
    if answering:
        ports = sorted({port for sweep in answering for port in sweep.answering(sweep.ports)})
        args: dict[str, Arg] = {
            "name": name,
            "addresses": tuple(written(sweep.address) for sweep in answering),
            "ports": tuple(map(str, ports)),
        }
        ids = tuple(dict.fromkeys(id_ for sweep in answering for id_ in sweep.evidence))
        return Verdict(code="ANSWERS", args=args, evidence=ids)
    return Verdict(
        code="PUBLISHED", args={"name": name, "addresses": tuple(map(written, look.v6))}, evidence=look.evidence
    )


def _judge(device: SeenDevice) -> Verdict:
    own_ = [
        interface for interface in device.v6 if not (interface.address.is_loopback or interface.address.is_link_local)
    ]
    beyond = [
        interface for interface in own_ if interface.status != "invalid" and not is_down(device, interface.if_index)
    ]
    if beyond and device.broke_off(*_EXCUSING):
        # Other addresses may be inside the machine, or on an interface that is down.
        beyond = [interface for interface in beyond if not device.lost_of([interface.if_index], *_EXCUSING)]
        if not beyond:
            return device.not_read()
    placed = [interface for interface in device.placed(beyond) if tells(device, interface.if_index)]
    if beyond and not placed:
        return device.says_unplaced(beyond)
    if placed:
        addresses = (written(interface.address) for interface in placed)
        return device.says("HAS_ADDRESSES", addresses=tuple(dict.fromkeys(addresses)))
    if not device.all_addresses_read():
        return device.not_read()
    told = {device.tree.integer(oid) for oid in _SCALARS} - {None}
    if device.v6 and _FORWARDING in told:
        return device.says("FORWARDS")
    # A device that shows no address at all, not even those that come with IPv6, forwards nothing or does not show them.
    if not device.v6 and (not told or _FORWARDING in told):
        return device.says("NOT_SHOWN")
    return device.says("ONLY_LINK_LOCAL")
