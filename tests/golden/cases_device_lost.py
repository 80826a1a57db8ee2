"""Makes golden cases of devices of which one table or object was lost that would excuse a defect.

On a line that loses packets some questions of every reading are lost at all tries. Each case is one of another module
in which everything was read, without the named object.
"""

from collections.abc import Iterator
from dataclasses import replace

from probes.framework.evidence import Evidence, Failure, FailureKind, Observation
from probes.observations.snmp import SnmpGet, SnmpWalk
from probes.wire.snmp import oids
from probes.wire.snmp.tree import Oid
from tests.golden import (
    cases_device,
    cases_device_addresses,
    cases_device_links,
    cases_device_recorded,
    cases_device_routing,
    cases_ipv6_security,
    cases_throughput,
    cases_tslcd,
)
from tests.golden.case import Case
from tests.golden.lab_snmp import CORE, INTERFACES, UPLINK

_MODULES = (
    cases_device,
    cases_device_addresses,
    cases_device_links,
    cases_device_recorded,
    cases_device_routing,
    cases_ipv6_security,
    cases_throughput,
    cases_tslcd,
)
_LOST = Failure(kind=FailureKind.TIMEOUT)
_HEARD = oids.IP_NET_TO_PHYSICAL_ENTRY
_WHAT = (
    ("ipv6.device.address-state", "IN_ORDER-spare", oids.IF_OPER, "Addresses of a port that is down are tentative."),
    ("ipv6.device.default-route", "NOT_SEEN", oids.IF_OPER, "The uplink may stand in another virtual network."),
    (
        "ipv6.device.default-route",
        "NOT_ROUTING",
        oids.IPV6_FORWARDING,
        "A switch that does not route needs no way out.",
    ),
    ("ipv6.device.default-route", "WORKS", _HEARD, "The next hop may be among the neighbours that were lost."),
    ("ipv6.device.default-route", "WORKS-ppp", oids.IF_TYPE, "Of a line with one other end no neighbour is listed."),
    ("ipv6.device.identity", "MATCHES-chassis", oids.ENT_CLASS, "The model stands in the table that was lost."),
    ("ipv6.device.if-enabled", "ENABLED-stacked", oids.IF_STACK_STATUS, "IPv6 stands on what lies upon the uplink."),
    ("ipv6.device.if-enabled", "ENABLED-unit", oids.IF_DESCR, "Which interface is the uplink, and what lies upon it."),
    ("ipv6.device.if-enabled", "NOT_SHOWN-split-by-family", oids.SYS_OBJECT_ID, "The maker parts the families."),
    ("ipv6.device.plan-conformance", "IN_PLAN-junos-inside", oids.SYS_OBJECT_ID, "An address inside the machine."),
    ("ipv6.device.plan-conformance", "IN_PLAN-junos-inside", oids.IF_DESCR, "Its interface is known by its name."),
    ("ipv6.device.prefix-length", "GOOD-dhcpv6", oids.IP_ADDRESS_ENTRY, "That DHCPv6 gave the address was lost."),
    ("ipv6.device.ra-config", "BACKUP", oids.VRRP_STATUS, "A router that stands by keeps silent."),
    ("ipv6.device.ra-config", "BACKUP-hsrp", oids.HSRP_STATE, "The same with HSRP."),
    ("ipv6.device.ra-guard", "ON", oids.IF_DESCR, "The open port leads to the router, by its name."),
    ("ipv6.device.tunnels", "DECLARED", oids.IF_DESCR, "The tunnel is declared by its name."),
    ("ipv6.device.tunnels", "DECLARED-by-its-address", oids.IF_DESCR, "The same of 6to4."),
    ("ipv6.device.tunnels", "NONE-down", oids.IF_OPER, "The tunnel is down."),
    ("security.ipv6.unintended", "NOT_SHOWN-docker", oids.IF_NAME, "Containers inside the machine have the address."),
    ("security.ipv6.unintended", "NOT_SHOWN-asa", oids.SYS_OBJECT_ID, "The way to its own management plane."),
    ("tslcd.channel.capacity", "NOT_SHOWN-down", oids.IF_OPER, "A port that is down says 10 Mbit/s."),
)
"""The check, a passing case, its lost object, and why the object matters."""

_SEEN = (
    ("ipv6.device.address-state", "NOT_STATIC", oids.IF_OPER, UPLINK),
    ("ipv6.device.address-state", "TEMPORARY", oids.IF_DESCR, UPLINK),
    ("ipv6.device.plan-conformance", "BEYOND", oids.IF_DESCR, UPLINK),
    ("ipv6.device.plan-conformance", "OF_OTHERS", oids.IF_DESCR, CORE),
    ("ipv6.device.prefix-length", "ODD", oids.IF_DESCR, UPLINK),
    ("ipv6.device.tunnels", "AUTOMATIC-by-its-address", oids.IF_OPER, UPLINK),
    ("security.ipv6.unintended", "HAS_ADDRESSES", oids.IF_OPER, UPLINK),
)
"""The check, a case of a defect, a table that our bound cuts off, and the last interface read: that of the defect."""


def cases() -> Iterator[Case]:
    yield from _lost_cases()
    yield from _seen_cases()


def _seen_cases() -> Iterator[Case]:
    """Yield cases in which a defect in the rows already read stays reported: the rest of the table cannot change it."""
    whole = {(case.check, case.path.stem): case for module in _MODULES for case in module.cases()}
    for check, stem, table, last in _SEEN:
        case = whole[check, stem]
        variant = f"{case.variant}-bound".removeprefix("-")
        about = "A bound of ours ends a table behind the row of the defect."
        evidence = tuple(_bounded(piece, table, last) for piece in case.evidence)
        yield replace(case, variant=f"{variant}-{'.'.join(map(str, table[-3:]))}", about=about, evidence=evidence)
        before = tuple(_bounded(piece, table, last - 1) for piece in case.evidence)
        about = "A bound of ours ends a table before the row that may excuse the defect."
        yield replace(
            case,
            code="NOT_READ",
            variant=f"bound-{stem.lower()}-{'.'.join(map(str, table[-3:]))}",
            about=about,
            evidence=before,
            expect=(("NOT_READ", None),),
        )


def _bounded(piece: Evidence, table: Oid, last: int) -> Evidence:
    """The evidence with a table of which only the rows up to an interface were read; that of the lab where it had
    none."""
    steps = [step for step in piece.steps if not (isinstance(step, SnmpWalk) and step.root == oids.dotted(table))]
    found = [step for step in piece.steps if isinstance(step, SnmpWalk) and step.root == oids.dotted(table)]
    found = found or [step for step in INTERFACES if step.root == oids.dotted(table)]
    rows = tuple(row for step in found for row in step.rows if int(row.oid.split(".")[len(table)]) <= last)
    sessions = [step for step in piece.steps if isinstance(step, SnmpWalk)]
    if not sessions:
        return piece
    cut = replace(sessions[0], root=oids.dotted(table), rows=rows, stopped="rows", failure=None, context="")
    return replace(piece, steps=(*steps, cut))


def _lost_cases() -> Iterator[Case]:
    whole = {(case.check, case.path.stem): case for module in _MODULES for case in module.cases()}
    for check, stem, lost, about in _WHAT:
        case = whole[check, stem]
        evidence = tuple(_without(piece, lost) for piece in case.evidence)
        code, variant = "NOT_READ", f"lost-{stem.lower()}-{'.'.join(map(str, lost[-3:]))}"
        yield replace(case, code=code, variant=variant, about=about, evidence=evidence, expect=((code, None),))
    for stem in ("IN_PLAN-docker", "IN_PLAN-junos-inside"):
        case = whole["tslcd.ip.plan", stem]
        lost = oids.IF_NAME if stem.endswith("docker") else oids.IF_DESCR
        evidence = tuple(_without(piece, lost) for piece in case.evidence)
        about = "Addresses that may be inside the machine are held against nobody, and not said to be in order."
        code, variant = "NOT_READ", f"lost-{case.variant}"
        yield replace(case, code=code, variant=variant, about=about, evidence=evidence, expect=((code, None),))


def _without(piece: Evidence, lost: Oid) -> Evidence:
    return replace(piece, steps=tuple(_lost(step, oids.dotted(lost)) for step in piece.steps))


def _lost(step: Observation, lost: str) -> Observation:
    if isinstance(step, SnmpWalk) and step.root == lost:
        return replace(step, rows=(), stopped="failure", failure=_LOST)
    if isinstance(step, SnmpGet) and lost in step.oids:
        return replace(step, rows=(), failure=_LOST)
    return step
