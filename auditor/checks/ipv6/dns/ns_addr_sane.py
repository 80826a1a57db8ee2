"""Check that every IPv6 address of a name server is usable global unicast."""

from collections.abc import Iterator
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.addresses import AddressFlaw, FlawKind
from auditor.facts.dns.names import rejection
from auditor.facts.dns.nameservers import Zone, zone
from auditor.framework.check import FamilyClaim, Granularity, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Verdict
from inventory.model import Clearance, Kind, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation, NameLookup

_GOOD_NEEDED = 2


@check(
    version=2,
    title="NS IPv6 addresses are usable global unicast",
    problem="Name server publishes an unusable IPv6 address",
    problems={"SPARE_REJECTED": "One of several name server IPv6 addresses is unusable"},
    why="A name server address that the Internet cannot route looks like IPv6 support and is none: resolvers lose time"
    " on it, and an IPv6-only resolver finds nobody there.",
    fix="Replace the address with one from the block assigned to the agency or its provider.",
    references=("RFC 10001 §4.1", "RFC 6890", "RFC 9637"),
    needs=(Delegation, NameLookup),
    kinds=frozenset({Kind.ZONE}),
    claims=FamilyClaim.AAAA,
    transports=frozenset({"udp/53"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        "USABLE": passed("{address} of {names:list} is an address that can be used."),
        "REJECTED": fail("{address} ({network}) cannot be used, and it is the only IPv6 address of {names:list}."),
        "SPARE_REJECTED": warn(
            "{address} ({network}) of {names:list} cannot be used; others can be used in its place."
        ),
        "NO_AAAA": not_applicable("No name server of {zone} has an IPv6 address."),
        **not_judged.NOT_DELEGATED,
    },
)
def ns_addr_sane(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    zone_facts = zone(subject, evidence, ctx)
    shut = not_judged.delegation(zone_facts)
    if shut is not None:
        yield shut
        return
    yield from (_judge(subject, zone_facts, address, ctx) for address in zone_facts.names_of)
    yield from (not_judged.dns(server.aaaa, detail=server.name) for server in zone_facts.unknown)
    if not zone_facts.names_of and not zone_facts.unknown:
        yield Verdict(code="NO_AAAA", args={"zone": zone_facts.name}, evidence=zone_facts.evidence)


def _judge(subject: Subject, zone_facts: Zone, address: IPv6Address, ctx: Context) -> Verdict:
    names = zone_facts.names_of[address]
    owners = [server for server in zone_facts.servers if server.name in names]
    ids = tuple(dict.fromkeys(id_ for server in owners for id_ in server.aaaa.evidence))
    args: dict[str, Arg] = {"address": written(address), "names": names}
    reason = rejection(subject, address, ctx)
    if not isinstance(reason, AddressFlaw):
        return Verdict(code="USABLE", args=args, address=address, evidence=ids)
    spared = all(any(rejection(subject, other, ctx) is None for other in server.aaaa.v6) for server in owners)
    good = sum(rejection(subject, other, ctx) is None for other in zone_facts.names_of) + len(zone_facts.unknown)
    tunnel = reason.kind is FlawKind.TUNNEL
    code = "SPARE_REJECTED" if spared or (tunnel and good >= _GOOD_NEEDED) else "REJECTED"
    return Verdict(code=code, args={**args, "network": reason.network}, address=address, evidence=ids)
