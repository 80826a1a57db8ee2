"""Check that a device has an IPv6 address that can be reached from beyond its links.

On a router that of its loopback is enough: its links may have link-local addresses alone (RFC 7404).
"""

from collections.abc import Iterator
from ipaddress import IPv6Address

from auditor.facts.addresses import GLOBAL_UNICAST, UNIQUE_LOCAL, FlawKind, flaw
from auditor.facts.device import answers, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import LOOPBACK, is_down, kind_of
from auditor.framework.check import VantageKind, check, fail, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp.addresses import InterfaceAddress

_UNUSABLE = frozenset({"invalid", "inaccessible", "tentative", "duplicate"})


@check(
    version=5,
    title="Device has a usable non-link-local address",
    problem="Device has no usable IPv6 address",
    problems={
        "ONLY_LOOPBACK": "Device has an IPv6 address only on its loopback interface",
        "NOT_UP": "Device's IPv6 addresses are on interfaces that cannot be used",
        "ONLY_LINK_LOCAL": "Device has only link-local IPv6 addresses",
    },
    why="With only link-local addresses a device is neither managed nor traced over IPv6, and its errors about other "
    "packets come from nowhere.",
    fix="Give the device an address of the approved plan.",
    references=("RFC 4291 §2.5", "RFC 4293", "RFC 7404"),
    needs=answers.SNMP,
    kinds=frozenset({Kind.ROUTER, Kind.SWITCH, Kind.FIREWALL}),
    vantage=frozenset({VantageKind.SNMP}),
    presence=True,
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("global-address"),
    messages={
        **answers.CODES,
        **answers.NOT_SHOWN,
        **answers.UNPLACED,
        "USABLE": passed("{name} has {address} on {interface}."),
        "LOOPBACK": passed("{name} has {addresses:list} on its loopback, and link-local addresses on its links."),
        "ONLY_LOOPBACK": warn(
            "{name} has {addresses/a usable IPv6 address/usable IPv6 addresses} only on its loopback: {addresses:list}."
        ),
        "NOT_UP": warn(
            "{name} has {addresses:list}, but only on {addresses/an interface that is/interfaces that are} down or in"
            " a state that cannot be used."
        ),
        "ONLY_LINK_LOCAL": fail("{name} has no IPv6 address beyond the link-local ones."),
        "NONE_USABLE": fail(
            "{name} has no usable IPv6 address: {addresses:list} {addresses/is/are} of 6to4, Teredo or documentation."
        ),
    },
)
def global_address(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    yield _judge(found, ctx) if isinstance(found, SeenDevice) else found


def _judge(device: SeenDevice, ctx: Context) -> Verdict:
    if not device.v6:
        return device.says("NOT_SHOWN") if device.all_addresses_read() else device.not_read()
    wide = [interface for interface in device.v6 if _is_wide(interface, ctx)]
    up = [
        interface for interface in wide if interface.status not in _UNUSABLE and not is_down(device, interface.if_index)
    ]
    usable = [interface for interface in up if kind_of(device, interface.if_index) != LOOPBACK]
    best = next(iter(device.placed(usable)), None)
    if best is not None:
        return device.says("USABLE", address=str(best.address), interface=device.interface(best.if_index))
    if usable:
        return device.says_unplaced(usable)
    if not device.all_addresses_read():
        return device.not_read()
    if up:
        return device.says("LOOPBACK" if _has_links(device) else "ONLY_LOOPBACK", addresses=_texts(up))
    if wide:
        return device.says("NOT_UP", addresses=_texts(wide))
    other = [interface for interface in device.v6 if IPv6Address(interface.address.packed) in GLOBAL_UNICAST]
    return device.says("NONE_USABLE", addresses=_texts(other)) if other else device.says("ONLY_LINK_LOCAL")


def _has_links(device: SeenDevice) -> bool:
    """True if a link of the device is up and has a link-local address."""
    local = [interface for interface in device.v6 if interface.address.is_link_local]
    on_links = [interface for interface in local if kind_of(device, interface.if_index) != LOOPBACK]
    return any(interface.status not in _UNUSABLE and not is_down(device, interface.if_index) for interface in on_links)


def _is_wide(interface: InterfaceAddress, ctx: Context) -> bool:
    """True if an address is global or unique local unicast, even if unassigned; another check judges its owner."""
    address = IPv6Address(interface.address.packed)
    if interface.kind not in (None, "unicast"):
        return False
    wrong = flaw(address, documentation_is_global=ctx.reference.documentation_is_global)
    return address in UNIQUE_LOCAL or wrong is None or (address in GLOBAL_UNICAST and wrong.kind is FlawKind.RESERVED)


def _texts(found: list[InterfaceAddress]) -> tuple[str, ...]:
    return tuple(str(interface.address) for interface in found)
