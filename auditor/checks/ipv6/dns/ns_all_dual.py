"""Check that every name server name has both A and AAAA.

The quality of a record is another check's question: an AAAA that cannot be routed is ``ns-addr-sane``'s finding. A name
with neither is not of one family: ``security.dns.dangling`` (no such name) or ``security.dns.delegation`` reports it.
"""

from collections.abc import Iterator

from auditor.facts import not_judged
from auditor.facts.dns.names import Lookup
from auditor.facts.dns.nameservers import Delegated, NameServer, Zone, zone
from auditor.framework.check import FamilyClaim, check, fail, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation, NameLookup

_NEEDED = 2


@check(
    version=2,
    title="Every name server name is dual-stack",
    problem="Too few name servers for IPv4 or IPv6",
    problems={
        "SINGLE": "Some name servers have only IPv4 or only IPv6",
        "TOO_FEW_AT_ALL": "Fewer than two name servers have an address",
    },
    why="A resolver that has only one family can use only the name servers that have it too; each one that lacks a"
    " family is missing for those visitors when another fails.",
    fix="Publish the missing A or AAAA record, so that every name server can be reached over IPv4 and IPv6.",
    references=("RFC 10001 §4.1",),
    needs=(Delegation, NameLookup),
    kinds=frozenset({Kind.ZONE}),
    claims=FamilyClaim.AAAA,
    transports=frozenset({"udp/53"}),
    presence=True,
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        "ALL": passed("All {count:n} name servers of {zone} that have an address have A and AAAA: {names:list}."),
        "SINGLE": warn(
            "{names/One name server/Some name servers} of {zone} {names/has/have} one family only: {names:list};"
            " each family still has two."
        ),
        "TOO_FEW": fail(
            "Fewer than two name servers of {zone} have {families:list}; with one family only: {names:list}."
        ),
        "TOO_FEW_AT_ALL": fail(
            "{zone} has fewer than two name servers with an address in either family: {names:list}.",
            fix="Add a second name server with A and AAAA, better at another site.",
        ),
        **not_judged.NOT_DELEGATED,
    },
)
def ns_all_dual(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    zone_facts = zone(subject, evidence, ctx)
    if zone_facts.delegated is Delegated.YES:
        yield _judge(zone_facts)
    elif zone_facts.delegated is Delegated.UNKNOWN:
        yield not_judged.dns(zone_facts.as_lookup)
    else:
        yield Verdict(code="NOT_DELEGATED", args={"zone": zone_facts.name}, evidence=zone_facts.evidence)


def _judge(zone_facts: Zone) -> Verdict:
    v6, v4 = (
        _having([server.aaaa for server in zone_facts.servers]),
        _having([server.a for server in zone_facts.servers]),
    )
    few = tuple(family for family, most in (("IPv4", v4), ("IPv6", v6)) if most < _NEEDED)
    lookups = [look for server in zone_facts.servers for look in (server.aaaa, server.a)]
    unknown = next((look for look in lookups if not look.known), None)
    if unknown is not None and not few:
        return not_judged.dns(unknown)
    single = tuple(server.name for server in zone_facts.servers if _of_one_family(server))
    args: dict[str, Arg] = {"zone": zone_facts.name, "names": single}
    if few and single:
        code, args["families"] = "TOO_FEW", few
    elif few:
        code, args["names"] = "TOO_FEW_AT_ALL", tuple(server.name for server in zone_facts.servers)
    elif single:
        code = "SINGLE"
    else:
        names = tuple(server.name for server in zone_facts.servers if server.aaaa.records or server.a.records)
        code, args["names"], args["count"] = "ALL", names, len(names)
    ids = dict.fromkeys([*zone_facts.evidence, *(id_ for look in lookups for id_ in look.evidence)])
    return Verdict(code=code, args=args, evidence=tuple(ids))


def _having(lookups: list[Lookup]) -> int:
    """Return the number of look-ups with an address, undecided ones included."""
    return sum(bool(look.v6 or look.v4) or not look.known for look in lookups)


def _of_one_family(server: NameServer) -> bool:
    held = [bool(look.v6 or look.v4) for look in (server.aaaa, server.a) if look.known]
    return any(held) and not all(held)
