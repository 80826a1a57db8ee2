"""Check that no undeclared tunnel carries IPv6 past the approved network.

A tunnel that could carry IPv4 alone (GRE, IP in IP, DS-Lite, and those without a known method, as VPNs of firewalls
are) counts only where it has IPv6. A link-local address is no sign of that: Linux gives one to every tunnel.
"""

from collections.abc import Iterator
from ipaddress import IPv6Network

from auditor.facts.device import answers, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import (
    TUNNEL,
    Enabled,
    excused,
    is_down,
    is_named,
    is_up,
    may_be_called,
    tells,
    v6_state,
)
from auditor.facts.device.unfinished import NAMES
from auditor.framework.check import VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp import oids

_6TO4, _ON = 11, 1
_RELAYED = IPv6Network("2002::/16")
_AUTOMATIC = {_6TO4: "6to4", 13: "ISATAP", 14: "Teredo"}
_OF_ANY = {2: "6in4", 3: "GRE"}
_CONFIGURED = {**_OF_ANY, 12: "6over4"}
"""tunnelIfEncapsMethod (IANAtunnelType); IP in IP is ``direct`` (2), whichever version is inside."""


@check(
    version=10,
    title="No undeclared IPv6 tunnel interfaces",
    problem="Device has an undeclared tunnel",
    problems={"AUTOMATIC": "Device runs an undeclared IPv6 transition tunnel"},
    why="A tunnel carries IPv6 past the firewall and past those who watch the network.",
    fix="Remove the tunnel, or declare it in the column tags: tunnel=NAME.",
    references=("RFC 4087", "RFC 9099 §2.7.2", "RFC 7123"),
    needs=answers.SNMP,
    kinds=frozenset({Kind.ROUTER, Kind.SWITCH, Kind.FIREWALL}),
    vantage=frozenset({VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("tunnels"),
    messages={
        **answers.CODES,
        **answers.NOT_SHOWN,
        "NONE": passed("{name} has no tunnel interface in use for IPv6."),
        "DECLARED": passed("All tunnels of {name} are declared: {interfaces:list}."),
        "UNDECLARED": warn(
            "{name} has {interfaces/a tunnel/tunnels} that the inventory does not declare: {interfaces:list}."
        ),
        "NOT_TOLD": inconclusive(
            "{name} has {interfaces/a tunnel/tunnels} ({interfaces:list}), but does not show whether"
            " {interfaces/it is/they are} up, or what {interfaces/it is/they are} called.",
            fix="Let the device's SNMP view show ifDescr, ifName and ifOperStatus.",
            reason=Reason.OBJ,
        ),
        "MAYBE_IPV6": inconclusive(
            "{name} has {interfaces/a tunnel/tunnels} that the inventory does not declare ({interfaces:list}), but does"
            " not show whether {interfaces/it carries/they carry} IPv6.",
            fix="Declare the tunnel in the column tags (tunnel=NAME), or let the device's SNMP view show"
            " ipv6InterfaceTable.",
            reason=Reason.OBJ,
        ),
        "AUTOMATIC": fail(
            "{name} runs {interfaces/a transition tunnel/transition tunnels} that the inventory does not declare:"
            " {interfaces:list}."
        ),
    },
)
def tunnels(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    yield _judge(subject, found) if isinstance(found, SeenDevice) else found


def _judge(subject: Subject, device: SeenDevice) -> Verdict:
    methods = {
        index[0]: method for index, method in device.tree.integers(oids.TUNNEL_METHOD).items() if len(index) == 1
    }
    types = device.tree.integers(oids.IF_TYPE)
    every = sorted({*methods, *(index[0] for index, kind in types.items() if kind == TUNNEL and len(index) == 1)})
    known = excused(subject, device, ("tunnel",))
    used = [index for index in every if not is_down(device, index) and _carries(device, index, methods.get(index))]
    strange = [index for index in used if index not in known]
    methods |= _by_address(device, [index for index in strange if index not in methods])
    named = bool(subject.tag_values("tunnel"))
    excusing = (oids.IF_OPER, *((oids.IF_ALIAS, *NAMES) if named else ()))
    if strange and device.broke_off(*excusing):
        strange = [index for index in strange if not device.lost_of([index], *excusing)]
        if not strange:
            return device.not_read()
    told = [
        index
        for index in strange
        if tells(device, index) and (not named or _is_called_otherwise(subject, device, index))
    ]
    if strange and not told:
        return device.says("NOT_TOLD", interfaces=_names(device, strange, methods))
    strange = told
    automatic = [index for index in strange if methods.get(index) in _AUTOMATIC and is_up(device, index)]
    if automatic:
        return device.says("AUTOMATIC", interfaces=_names(device, automatic, methods))
    if strange:
        return _undeclared(device, strange, methods)
    if not types and not methods:
        return device.says("NOT_SHOWN") if device.complete(oids.IF_TYPE) else device.not_read()
    if not device.complete(oids.IF_TYPE) or not device.complete(oids.TUNNEL_METHOD):
        return device.not_read()
    if not known.issuperset(set(every) - set(methods)) and not device.all_addresses_read():
        return device.not_read()
    return device.says("DECLARED", interfaces=_names(device, used, methods)) if used else device.says("NONE")


def _undeclared(device: SeenDevice, strange: list[int], methods: dict[int, int]) -> Verdict:
    certain = [index for index in strange if not _may_be_of_ipv4(device, index, methods.get(index))]
    if certain:
        return device.says("UNDECLARED", interfaces=_names(device, certain, methods))
    if not device.all_addresses_read():
        return device.not_read()
    return device.says("MAYBE_IPV6", interfaces=_names(device, strange, methods))


def _is_called_otherwise(subject: Subject, device: SeenDevice, index: int) -> bool:
    return is_named(device, index) and not may_be_called(subject, device, ("tunnel",), index)


def _by_address(device: SeenDevice, indexes: list[int]) -> dict[int, int]:
    """Return 6to4 as the method of tunnels with an address of 2002::/16, which no other method has (RFC 3056)."""
    relayed = {interface.if_index for interface in device.v6 if interface.address in _RELAYED}
    return {index: _6TO4 for index in indexes if index in relayed}


def _carries(device: SeenDevice, index: int, method: int | None) -> bool:
    if method in _OF_ANY:
        return v6_state(device, index) is not Enabled.NO
    return method in _AUTOMATIC or method in _CONFIGURED or any(interface.if_index == index for interface in device.v6)


def _may_be_of_ipv4(device: SeenDevice, index: int, method: int | None) -> bool:
    """True if nothing shows that a tunnel carries IPv6: no address beyond its link-local one, nor IPv6 switched on."""
    if method is not None and method not in _OF_ANY:
        return False
    wide = any(one.if_index == index and not one.address.is_link_local for one in device.v6)
    return not wide and device.tree.integers(oids.IPV6_INTERFACE_ENABLE).get((index,)) != _ON


def _names(device: SeenDevice, indexes: list[int], methods: dict[int, int]) -> tuple[str, ...]:
    words = {**_AUTOMATIC, **_CONFIGURED}
    named = ((device.interface(index), words.get(methods.get(index, 0))) for index in indexes)
    return tuple(f"{name} ({word})" if word else name for name, word in named)
