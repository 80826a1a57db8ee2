"""Check that every address of a device is in its own agency's part of the plan.

The plan is ``addressing.plan`` and the prefixes of TSLCD; the agency's part is in the tags (``prefix=``).
The provider numbers the link of an access line: an address there that is of no plan is undecided.
"""

from collections.abc import Iterable, Iterator
from ipaddress import ip_network

from auditor.facts import not_judged
from auditor.facts.device import answers, remedies
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.unfinished import OF_ITS_OWN
from auditor.facts.device.uplink_addresses import ASSIGNED, of_provider
from auditor.framework.address_owners import IPNetwork
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, Kind, Network, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.wire.snmp.addresses import InterfaceAddress


@check(
    version=5,
    title="Addresses belong to the approved plan",
    problem="Device uses an IPv6 address outside the approved plan",
    problems={"OF_OTHERS": "Device uses an IPv6 address planned for another agency"},
    why="Addresses beyond the plan are filtered somewhere, belong to somebody else, or collide with a later network.",
    fix="Give the device an address of the plan, or register the block.",
    references=("Điều 7 Thông tư số 06/2026/TT-BKHCN", "RFC 9099 §2.1"),
    needs=answers.SNMP,
    kinds=frozenset({Kind.ROUTER, Kind.SWITCH, Kind.FIREWALL}),
    vantage=frozenset({VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    vendor_fixes=remedies.of("plan-conformance"),
    messages={
        **answers.CODES,
        **answers.NOT_SHOWN,
        **answers.UNPLACED,
        "IN_PLAN": passed("All IPv6 addresses of {name} belong to the plan ({count:n})."),
        "OF_OTHERS": warn(
            "{name} has {addresses/an address of the plan that is/addresses of the plan that are} not of its own"
            " agency: {addresses:list}."
        ),
        "BEYOND": fail("{name} has {addresses/an address/addresses} of no approved block: {addresses:list}."),
        "UPLINK_BEYOND": inconclusive(
            "{name} has {addresses/an address/addresses} of no approved block on its uplink: {addresses:list}."
            " Providers number such links out of their own blocks.",
            fix="If the address is the provider's, write the provider's block into addressing.plan, or into the column"
            " tags (prefix=); else give the uplink an address of the plan.",
            reason=Reason.INV,
        ),
        "NO_PLAN": not_applicable("No address plan is recorded."),
        "PLAN_UNKNOWN": inconclusive(
            "{name} has {addresses/an address/addresses} beyond its agency's own prefixes: {addresses:list}; which"
            " blocks the plan has besides is not recorded.",
            fix="Write the whole plan into addressing.plan.",
            reason=Reason.INV,
        ),
        **not_judged.ONLY_LINK_LOCAL,
    },
)
def plan_conformance(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    plan = (*ctx.reference.address_plan, *ctx.reference.networks.get(Network.TSLCD, ()))
    plan = tuple(network for network in plan if network.version == 6)
    own = tuple(ip_network(text, strict=False) for text in subject.tag_values("prefix"))
    found = answers.device(subject, evidence, ctx)
    if not isinstance(found, SeenDevice):
        yield found
    elif plan or own:
        yield _judge(subject, found, ctx, plan, own)
    else:
        yield found.says("NO_PLAN")


def _judge(
    subject: Subject, device: SeenDevice, ctx: Context, plan: tuple[IPNetwork, ...], own: tuple[IPNetwork, ...]
) -> Verdict:
    every = [
        interface
        for interface in device.v6
        if not interface.address.is_link_local and not interface.address.is_loopback
    ]
    wrong = [interface for interface in every if not _within(interface, own or plan)]
    if wrong and device.broke_off(*OF_ITS_OWN):
        # Other addresses may be inside the machine.
        wrong = [interface for interface in wrong if not device.lost_of([interface.if_index], *OF_ITS_OWN)]
        if not wrong:
            return device.not_read()
    if wrong and not device.placed(wrong):
        return device.says_unplaced(wrong)
    wrong = device.placed(wrong)
    beyond = [interface for interface in wrong if not _within(interface, plan)]
    planned = {interface.if_index for interface in every if _within(interface, plan)}
    theirs = [
        interface
        for interface in of_provider(subject, device, ctx, beyond)
        if interface.origin in ASSIGNED or interface.if_index not in planned  # an uplink of the plan is no provider's
    ]
    ours = [interface for interface in beyond if interface not in theirs]
    if ours:
        return device.says("BEYOND" if plan else "PLAN_UNKNOWN", addresses=_texts(ours))
    if beyond:
        return device.says("UPLINK_BEYOND" if plan else "PLAN_UNKNOWN", addresses=_texts(beyond))
    if wrong:
        return device.says("OF_OTHERS", addresses=_texts(wrong))
    if not device.all_addresses_read():
        return device.not_read()
    if not device.v6:
        return device.says("NOT_SHOWN")
    return device.says("IN_PLAN", count=len(every)) if every else device.says("ONLY_LINK_LOCAL")


def _within(interface: InterfaceAddress, networks: Iterable[IPNetwork]) -> bool:
    return any(interface.address in network for network in networks)


def _texts(found: list[InterfaceAddress]) -> tuple[str, ...]:
    return tuple(written(interface.address) for interface in found)
