"""Check that at least two name servers of the zone have an IPv6 address."""

from collections.abc import Iterator
from ipaddress import ip_network

from auditor.facts import not_judged
from auditor.facts.dns.nameservers import Delegated, Zone, good, zone
from auditor.framework.check import FamilyClaim, check, fail, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import Clearance, Kind, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import Delegation, NameLookup


@check(
    version=2,
    title="At least two name servers have an IPv6 address",
    problem="Domain has no name server with IPv6",
    problems={
        "SHARED": "All IPv6 name servers are in one place",
        "ONLY_ONE": "Only one name server has IPv6",
        "ALIAS": "NS record leads to an alias",
    },
    why="A citizen whose network has only IPv6 reaches the zone's services only if its name servers have IPv6; with one"
    " such server, that server's failure takes the whole zone away.",
    fix="Publish AAAA records for at least two name servers, or add a secondary provider that serves over IPv6.",
    references=(
        "RFC 10001 (BCP 91) §4.1",
        "khoản 4 Điều 11 Nghị định số 224/2026/NĐ-CP",
        "khoản 4 Điều 15 Thông tư số 32/2017/TT-BTTTT",
        "Internet.nl ns_aaaa",
    ),
    needs=(Delegation, NameLookup),
    kinds=frozenset({Kind.ZONE}),
    claims=FamilyClaim.AAAA,
    transports=frozenset({"udp/53"}),
    presence=True,
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        "TWO_OR_MORE": passed("{count:n} name servers of {zone} have an IPv6 address: {names:list}."),
        "SHARED": warn(
            "The name {names/server/servers} {names:list} of {zone} {names/has/have} IPv6, but all in one place:"
            " {addresses:list}.",
            fix="Move one of the name servers to another IPv6 network (another /64, better another site).",
        ),
        "ONLY_ONE": fail("Only one name server of {zone} has a usable IPv6 address: {names:list}."),
        "NONE": fail("None of the name servers of {zone} has a usable IPv6 address: {names:list}."),
        "ALIAS": fail(
            "Fewer than two name servers of {zone} count, since NS must not lead to an alias (CNAME): {names:list}.",
            fix="Give the name servers A and AAAA records of their own instead of a CNAME (RFC 2181 §10.3).",
        ),
        **not_judged.NOT_DELEGATED,
    },
)
def ns_aaaa(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    zone_facts = zone(subject, evidence, ctx)
    if zone_facts.delegated is Delegated.YES:
        yield _judge(subject, zone_facts, ctx)
    elif zone_facts.delegated is Delegated.UNKNOWN:
        yield not_judged.dns(zone_facts.as_lookup)
    else:
        yield Verdict(code="NOT_DELEGATED", args={"zone": zone_facts.name}, evidence=zone_facts.evidence)


def _judge(subject: Subject, zone_facts: Zone, ctx: Context) -> Verdict:
    usable = {server.name: some for server in zone_facts.servers if (some := good(subject, server, ctx))}
    addresses = sorted({address for some in usable.values() for address in some})
    networks = {ip_network((address, 64), strict=False) for address in addresses}

    def say(code: str, names: tuple[str, ...], **more: int | tuple[str, ...]) -> Verdict:
        args = {"zone": zone_facts.name, "names": names, **more}
        return Verdict(code=code, args=args, evidence=_evidence(zone_facts))

    if len(usable) >= 2 and len(networks) >= 2:
        return say("TWO_OR_MORE", tuple(usable), count=len(usable))
    if zone_facts.unknown:  # another server with IPv6 may be among the unknown
        return not_judged.dns(zone_facts.unknown[0].aaaa)
    if len(usable) >= 2:
        return say("SHARED", tuple(usable), addresses=tuple(map(written, addresses)))
    aliases = tuple(server.name for server in zone_facts.servers if server.aaaa.chain and server.aaaa.v6)
    if len(usable) + len(aliases) >= 2:
        return say("ALIAS", aliases)
    if usable:
        return say("ONLY_ONE", tuple(usable))
    return say("NONE", tuple(server.name for server in zone_facts.servers))


def _evidence(zone_facts: Zone) -> tuple[EvidenceId, ...]:
    ids = [id_ for server in zone_facts.servers for id_ in server.aaaa.evidence]
    return tuple(dict.fromkeys([*zone_facts.evidence, *ids]))
