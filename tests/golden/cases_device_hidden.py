"""Makes golden cases of devices with an SNMP view that hides a column or an object that would excuse a defect.

Views leave out whole tables or columns; hidden objects give no answer, like objects that a device does not have. Each
case is one of another module in which everything was shown, without the named objects.
"""

from collections.abc import Iterator
from dataclasses import replace

from probes.framework.evidence import Evidence, Observation
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
    cases_tslcd,
)
from tests.golden.case import Case

_MODULES = (
    cases_device,
    cases_device_addresses,
    cases_device_links,
    cases_device_recorded,
    cases_device_routing,
    cases_ipv6_security,
    cases_tslcd,
)
_NAMES = (oids.IF_DESCR, oids.IF_NAME)
_IF_INDEX = (*oids.IP_ADDRESS_ENTRY, 3)
_STATES = (*oids.IP_NET_TO_PHYSICAL_ENTRY, 7)
_WHAT: tuple[tuple[str, str, tuple[Oid, ...], str, str], ...] = (
    ("security.ipv6.unintended", "HAS_ADDRESSES", _NAMES, "UNPLACED", "It may be between the parts of the machine."),
    ("security.ipv6.unintended", "HAS_ADDRESSES", (_IF_INDEX,), "UNPLACED", "So may one of which no interface shows."),
    ("security.ipv6.unintended", "HAS_ADDRESSES", (oids.IF_OPER,), "UNPLACED", "It may be on a port that is down."),
    ("security.ipv6.unintended", "NOT_SHOWN-asa", (oids.SYS_OBJECT_ID,), "UNPLACED", "Its name is one of an inside."),
    ("security.ipv6.unintended", "NOT_SHOWN-docker", _NAMES, "UNPLACED", "Containers inside the machine have it."),
    ("ipv6.device.address-state", "NOT_STATIC", _NAMES, "UNPLACED", "What is inside configures itself."),
    ("ipv6.device.address-state", "NOT_PREFERRED", (oids.IF_OPER,), "UNPLACED", "Tentative by the book where down."),
    ("ipv6.device.global-address", "USABLE", _NAMES, "UNPLACED", "An address inside proves nothing either."),
    ("ipv6.device.plan-conformance", "BEYOND", _NAMES, "UNPLACED", "Addresses inside are of no plan."),
    ("ipv6.device.prefix-length", "ODD", (_IF_INDEX,), "UNPLACED", "Inside the machine any length will do."),
    ("ipv6.device.tunnels", "AUTOMATIC", (oids.IF_OPER,), "NOT_TOLD", "The tunnel may be down."),
    ("ipv6.device.tunnels", "DECLARED", _NAMES, "NOT_TOLD", "It is declared by its name."),
    ("ipv6.device.default-route", "NOT_HEARD", (_STATES,), "NOT_TOLD", "The next hop is listed, but not when heard."),
    ("ipv6.device.default-route", "NOT_SEEN", (oids.IF_OPER,), "NOT_SEEN", "Which interfaces are up is not told."),
    (
        *("ipv6.device.default-route", "NOT_ROUTING", (oids.IPV6_FORWARDING,), "NOT_SHOWN"),
        "A switch may forward no IPv6, and then needs no route.",
    ),
    ("tslcd.channel.capacity", "NOT_SHOWN-down", (oids.IF_OPER,), "NOT_SHOWN", "The port may be down."),
    ("tslcd.channel.capacity", "ENOUGH-of-a-bundle", (oids.IF_STACK_STATUS,), "NOT_SHOWN", "It may be of the bundle."),
    ("tslcd.ip.plan", "DUPLICATE", _NAMES, "UNPLACED", "Two machines have the same address inside."),
)
"""The check, a case, its hidden objects, the resulting code, and why they matter."""


def cases() -> Iterator[Case]:
    whole = {(case.check, case.path.stem): case for module in _MODULES for case in module.cases()}
    for check, stem, hidden, code, about in _WHAT:
        case = whole[check, stem]
        variant = f"hidden-{stem.lower()}-{'.'.join(map(str, hidden[0][-3:]))}"
        evidence = tuple(replace(piece, steps=tuple(_hidden(piece, hidden))) for piece in case.evidence)
        yield replace(case, code=code, variant=variant, about=about, evidence=evidence, expect=((code, None),))


def _hidden(piece: Evidence, hidden: tuple[Oid, ...]) -> Iterator[Observation]:
    roots = tuple(map(oids.dotted, hidden))
    for step in piece.steps:
        if isinstance(step, SnmpGet | SnmpWalk):
            rows = tuple(row for row in step.rows if not _is_below(row.oid, roots))
            yield replace(step, rows=rows)
        else:
            yield step


def _is_below(oid: str, roots: tuple[str, ...]) -> bool:
    return any(oid == root or oid.startswith(f"{root}.") for root in roots)
