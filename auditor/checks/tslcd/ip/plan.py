"""Check that the addresses of a site belong to the plan, and to no other site.

Judged are the addresses of the inventory and those that the devices themselves show, unless the data that tell them
from addresses inside the machine were lost. A connection point and the row of its device (column ``device``) are one
thing; two routing tables (tag ``vrf=``) may use one address.
"""

from collections.abc import Iterator

from auditor.facts.device import answers
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.unfinished import OF_ITS_OWN, OF_ITS_OWN_ALONE
from auditor.facts.tslcd import points
from auditor.facts.tslcd.gathering import EQUIPMENT
from auditor.framework.address_owners import IPNetwork
from auditor.framework.check import VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, IPAddress, Network, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.rows import RowPosition
from probes.wire.snmp import oids
from probes.wire.snmp.addresses import InterfaceAddress

_TELLING = (*OF_ITS_OWN_ALONE, oids.IP_ADDRESS_ENTRY, oids.IP_ADDR_ENTRY, oids.LEGACY_ADDR_ENTRY)
"""Objects that show all addresses of a device, and those of them that others may share by design."""


@check(
    version=6,
    title="Addresses follow the CBĐTW plan with no duplicates",
    problem="Address is used twice in TSLCD",
    problems={
        "OF_OTHERS": "Address is allocated to another agency",
        "BEYOND": "Address is outside the TSLCD plan",
        "OVERLAP": "Local network overlaps with another one",
    },
    why="An address that two sites use reaches one of them at a time, and nobody can tell which.",
    fix="Give the site addresses of its own allocation and report the change to CBĐTW.",
    references=(
        "khoản 2 Điều 7 Thông tư số 06/2026/TT-BKHCN",
        "khoản 4 Điều 7 Thông tư số 06/2026/TT-BKHCN",
        "khoản 6 Điều 7 Thông tư số 06/2026/TT-BKHCN",
    ),
    needs=(RowPosition, *answers.SNMP),
    kinds=EQUIPMENT,
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.SNMP, VantageKind.INV}),
    clearance=Clearance.PASSIVE,
    others=frozenset({"others"}),
    messages={
        **points.NO_ADDRESS,
        "NOT_READ": answers.CODES["NOT_READ"],
        **answers.UNPLACED,
        "IN_PLAN": passed("All addresses of {name} ({count:n}) belong to the plan and to nobody else."),
        "OF_OTHERS": warn(
            "{name} has {addresses/an address/addresses} of a block that is allocated to another agency:"
            " {addresses:list}."
        ),
        "BEYOND": warn(
            "{name} has {addresses/an address that is/addresses that are} not of the plan: {addresses:list}."
        ),
        "DUPLICATE": fail(
            "{name} has {addresses/an address/addresses} that others have too ({others:list}): {addresses:list}."
        ),
        "OVERLAP": fail("{name} has a local network that overlaps with others' ({others:list}): {networks:list}."),
        "NO_PLAN": inconclusive(
            "The address plan of TSLCD is not on record, so it does not tell whether {name} follows it.",
            fix="Write the plan into addressing.plan or networks.tslcd.prefixes.",
            reason=Reason.INV,
        ),
    },
)
def plan(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = answers.device(subject, evidence, ctx)
    read: tuple[EvidenceId, ...] = found.evidence if isinstance(found, SeenDevice) else ()
    ids = (*points.row(evidence), *read)
    own = set(subject.addresses)
    shown = _beyond_link(found) if isinstance(found, SeenDevice) else []
    if isinstance(found, SeenDevice):
        own |= {
            interface.address
            for interface in found.placed(shown)
            if not found.lost_of([interface.if_index], *OF_ITS_OWN)
        }
    every = sorted(own, key=lambda address: (address.version, int(address)))
    blocks = (*ctx.reference.address_plan, *ctx.reference.networks.get(Network.TSLCD, ()))
    if not ids:
        yield points.says_of(subject, "NO_ADDRESS")
        return
    verdict = _shared(subject, every, blocks, ctx, ids) or _placed(subject, every, blocks, ctx, ids)
    if verdict.code == "IN_PLAN" and isinstance(found, SeenDevice) and found.broke_off(*_TELLING):
        verdict = found.not_read()  # the rest of its addresses was not compared
    elif verdict.code == "IN_PLAN" and isinstance(found, SeenDevice):
        rest = [interface for interface in shown if interface.address not in own]
        verdict = found.says_unplaced(rest) if rest else verdict
    yield verdict


def _beyond_link(device: SeenDevice) -> list[InterfaceAddress]:
    """Return the addresses that a device shows and others could reach."""
    return [
        interface
        for interface in device.addresses
        if not (interface.address.is_link_local or interface.address.is_loopback)
    ]


def _shared(
    subject: Subject, own: list[IPAddress], blocks: tuple[IPNetwork, ...], ctx: Context, ids: tuple[EvidenceId, ...]
) -> Verdict | None:
    """Return the verdict on shared addresses; outside the plan only the inventory's count, no factory defaults."""
    mine = {subject.id, subject.declared.device} - {""}
    counted = [address for address in own if address in subject.addresses or any(address in block for block in blocks)]
    doubled = [address for address in counted if mine & set(ctx.sites.shared.get(address, ()))]
    if doubled:
        others = tuple(sorted({name for address in doubled for name in ctx.sites.shared[address]} - mine))
        return points.says_of(subject, "DUPLICATE", ids, addresses=points.texts(doubled), others=others)
    crossed = [
        network
        for network, owners in ctx.sites.used.items()
        if mine & set(owners) and any(network.overlaps(block) for block in blocks if block.version == network.version)
    ]
    if crossed:
        others = tuple(sorted({name for network in crossed for name in ctx.sites.overlapping[network]} - mine))
        return points.says_of(subject, "OVERLAP", ids, networks=tuple(map(str, crossed)), others=others)
    return None


def _placed(
    subject: Subject, own: list[IPAddress], blocks: tuple[IPNetwork, ...], ctx: Context, ids: tuple[EvidenceId, ...]
) -> Verdict:
    if not own:
        return points.says_of(subject, "NO_ADDRESS", ids)
    if not blocks:
        return points.says_of(subject, "NO_PLAN", ids)
    beyond = [address for address in own if not any(address in block for block in blocks)]
    if beyond:
        return points.says_of(subject, "BEYOND", ids, addresses=points.texts(beyond))
    foreign = [address for address in own if _is_of_another(subject, address, ctx)]
    if foreign:
        return points.says_of(subject, "OF_OTHERS", ids, addresses=points.texts(foreign))
    return points.says_of(subject, "IN_PLAN", ids, count=len(own))


def _is_of_another(subject: Subject, address: IPAddress, ctx: Context) -> bool:
    """True if none of the narrowest blocks that hold an address is the agency's own."""
    holding = [block for block in ctx.sites.blocks if address in block.network]
    longest = max((block.network.prefixlen for block in holding), default=0)
    narrowest = {block.agency for block in holding if block.network.prefixlen == longest}
    return bool(narrowest) and str(subject.agency) not in narrowest
