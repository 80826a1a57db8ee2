"""Check that IPv6 is enabled on the interfaces that the owner declared."""

from collections.abc import Iterator

from auditor.facts import not_judged
from auditor.facts.device import answers, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import (
    DeclaredInterface,
    Enabled,
    declared,
    in_sight,
    layers_read,
    shows_v6_states,
    v6_enabled,
)
from auditor.framework.check import VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet


@check(
    version=7,
    title="IPv6 is enabled on the expected interfaces",
    problem="IPv6 is disabled on the uplink",
    problems={"OTHER_OFF": "IPv6 is disabled on some interfaces"},
    why="An uplink without IPv6 cuts everything behind it off from IPv6, whatever is configured there.",
    fix="Enable IPv6 on the interface.",
    references=("RFC 4293", "Phụ lục I Thông tư số 06/2026/TT-BKHCN", "RIPE-772 §4.4, §4.6"),
    needs=answers.SNMP,
    kinds=frozenset({Kind.ROUTER, Kind.SWITCH, Kind.FIREWALL}),
    vantage=frozenset({VantageKind.SNMP}),
    presence=True,
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("if-enabled"),
    messages={
        **answers.CODES,
        **answers.NOT_SHOWN,
        **answers.NOT_SEEN,
        "ENABLED": passed("IPv6 is enabled on {interfaces:list} of {name}."),
        "OTHER_OFF": warn("IPv6 is not enabled on {interfaces:list} of {name}."),
        "UPLINK_OFF": fail("IPv6 is not enabled on {interfaces:list}, the uplink of {name}."),
        "NOT_DECLARED": inconclusive(
            "The inventory does not say which interfaces of {name} should have IPv6.",
            fix="Declare them in the column tags: wan=NAME, lan=NAME, loopback=NAME.",
            reason=Reason.INV,
        ),
        **not_judged.NO_SUCH_INTERFACE,
    },
)
def if_enabled(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    yield _judge(subject, found) if isinstance(found, SeenDevice) else found


def _judge(subject: Subject, device: SeenDevice) -> Verdict:
    wanted = declared(subject, device)
    if not wanted:
        return device.says("NOT_DECLARED")
    states = {
        interface: Enabled.UNKNOWN if interface.index is None else v6_enabled(device, interface.index)
        for interface in wanted
    }
    off = [interface for interface, state in states.items() if state is Enabled.NO]
    uplinks = [interface for interface in off if interface.role == "wan"]
    if uplinks:
        return device.says("UPLINK_OFF", interfaces=_names(uplinks))
    missing = [interface for interface in wanted if interface.index is None]
    if missing and not layers_read(device):
        return device.not_read()
    if missing:
        return device.says("NO_SUCH_INTERFACE", interfaces=_names(missing))
    unknown = [interface for interface, state in states.items() if state is Enabled.UNKNOWN]
    hidden = [
        interface for interface in unknown if interface.index is not None and not in_sight(device, interface.index)
    ]
    if hidden and shows_v6_states(device) and device.all_addresses_read():
        return device.says("NOT_SEEN", interfaces=_names(hidden))
    if unknown:
        whole = device.all_addresses_read() and layers_read(device)
        return device.says("NOT_SHOWN") if whole else device.not_read()
    return device.says("OTHER_OFF" if off else "ENABLED", interfaces=_names(off or list(wanted)))


def _names(interfaces: list[DeclaredInterface]) -> tuple[str, ...]:
    return tuple(interface.name for interface in interfaces)
