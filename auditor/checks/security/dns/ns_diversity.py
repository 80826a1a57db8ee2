"""Check that the name servers of a zone stand in different networks.

Networks are read from the offline table of announced prefixes, as for ``ipv6.path.prefix-announced``. That there is
only one name server is another check's finding.
"""

from collections.abc import Iterator, Sequence, Set
from ipaddress import ip_network

from auditor.facts import not_judged
from auditor.facts.dns.every_server import every_address
from auditor.facts.dns.nameservers import NameServer, zone
from auditor.facts.path import origins
from auditor.facts.path.origins import Origin, label
from auditor.framework.check import check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, CheckId, Reason, Verdict
from inventory.model import Clearance, IPAddress, Kind, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import Delegation, NameLookup
from probes.observations.routing import RouteOrigin

_CHECK = CheckId("security.dns.ns-diversity")
_ANYCAST = "anycast"
_PLACE = {4: 24, 6: 64}
_NEEDED = 2


@check(
    version=2,
    title="Name servers stand in different networks",
    problem="All name servers are in one place",
    problems={
        "ONE_NETWORK": "All name servers are in one operator's network",
        "ONE_PREFIX": "Name server addresses share one announced prefix",
    },
    why="When all name servers hang on one line, one provider or one rack, one fault takes every service of the zone"
    " away, mail and web pages alike.",
    fix="Add a secondary name server at another provider, with IPv4 and IPv6.",
    references=("RFC 2182 §3.1", "Zonemaster CONNECTIVITY03–04"),
    needs=(Delegation, NameLookup, RouteOrigin),
    kinds=frozenset({Kind.ZONE}),
    transports=frozenset({"udp/53"}),
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        "DIVERSE": passed("The name servers of {zone} stand in several networks: {networks:list}."),
        "ANYCAST": passed(
            "The name servers of {zone} stand in the networks of one operator ({networks:list}), which announces them"
            " from many places, says the inventory (tag anycast)."
        ),
        "ONE_NETWORK": warn("All name servers of {zone} stand in the network of one operator: {networks:list}."),
        "ONE_PREFIX": warn(
            "All addresses of the name servers of {zone} of one family lie in one announced prefix: {prefixes:list}."
        ),
        "ONE_PLACE": fail(
            "All addresses of the name servers of {zone} lie in one place, {prefixes:list}: one fault takes the zone"
            " away."
        ),
        "NO_ROUTES": inconclusive(
            "No fresh table of announced prefixes holds the addresses of the name servers of {zone}: {addresses:list}.",
            fix="Name an offline table (pfx2as or RISwhois, at most a day old) under [reference] routes.",
            reason=Reason.REF,
        ),
        "ONE_SERVER": not_applicable("{zone} has only one name server with an address."),
        **not_judged.NOT_DELEGATED,
    },
)
def ns_diversity(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    zone_facts = zone(subject, evidence, ctx)
    shut = not_judged.delegation(zone_facts)
    if shut is not None:
        yield shut
        return
    unknown = [look for server in zone_facts.servers for look in (server.aaaa, server.a) if not look.known]
    addresses = every_address(subject, zone_facts, ctx)
    usable = set(addresses)
    serving = [server for server in zone_facts.servers if usable & {*server.aaaa.v6, *server.a.v4}]
    if unknown and not _places_apart(addresses):  # another network may be among the unknown
        yield not_judged.dns(unknown[0])
    elif len(serving) < _NEEDED:
        yield Verdict(code="ONE_SERVER", args={"zone": zone_facts.name}, evidence=zone_facts.evidence)
    else:
        seen = [origin for origin in origins.of_addresses(evidence) if origin.address in usable]
        one_place = not _places_apart(addresses) and _share_a_family(serving, usable)
        anycast = subject.has_tag(_ANYCAST)
        args: dict[str, Arg] = {"zone": zone_facts.name}
        if one_place and not anycast:
            yield Verdict(
                code="ONE_PLACE", args={**args, "prefixes": _places(addresses)}, evidence=_of_addresses(serving)
            )
        else:
            yield _judge(args, addresses, seen, ctx, anycast=anycast)


def _of_addresses(serving: Sequence[NameServer]) -> tuple[EvidenceId, ...]:
    """Return the look-ups that gave the addresses of these servers."""
    return tuple(dict.fromkeys(id_ for server in serving for look in (server.a, server.aaaa) for id_ in look.evidence))


def _judge(
    args: dict[str, Arg], addresses: Sequence[IPAddress], seen: Sequence[Origin], ctx: Context, *, anycast: bool
) -> Verdict:
    ids = tuple(dict.fromkeys(origin.evidence for origin in seen))

    def say(code: str, **more: Arg) -> Verdict:
        return Verdict(code=code, args={**args, **more}, evidence=ids)

    told = [origin for origin in seen if origin.announcements and _is_fresh(origin, ctx)]
    untold = tuple(written(address) for address in addresses if address not in {each.address for each in told})
    networks = tuple(sorted({label(each.origin) for origin in told for each in origin.announcements}))
    if untold and len(networks) < _NEEDED:
        return say("NO_ROUTES", addresses=untold)
    if len(networks) < _NEEDED:
        return say("ANYCAST" if anycast else "ONE_NETWORK", networks=networks)
    narrow = _narrow(told)
    return say("ONE_PREFIX", prefixes=narrow) if narrow and not untold else say("DIVERSE", networks=networks)


def _is_fresh(origin: Origin, ctx: Context) -> bool:
    return origin.step.routes is not None and not origins.old(origin.step.routes, origin.at, ctx, _CHECK)


def _narrow(told: Sequence[Origin]) -> tuple[str, ...]:
    """Return the prefix of each family in which at least two addresses share a single one."""
    found = []
    for family in (4, 6):
        held = [origin.prefix for origin in told if origin.address.version == family]
        if len(held) >= _NEEDED and len(set(held)) == 1:
            found.append(held[0])
    return tuple(found)


def _share_a_family(serving: Sequence[NameServer], usable: Set[IPAddress]) -> bool:
    """True if all servers have an address of one family: two of different families may be in one place."""
    six = all(set(server.aaaa.v6) & usable for server in serving)
    return six or all(set(server.a.v4) & usable for server in serving)


def _places(addresses: Sequence[IPAddress]) -> tuple[str, ...]:
    return tuple(sorted({str(ip_network((address, _PLACE[address.version]), strict=False)) for address in addresses}))


def _places_apart(addresses: Sequence[IPAddress]) -> bool:
    """True if some family has addresses in two /24 or two /64."""
    places = _places(addresses)
    return any(len([place for place in places if (":" in place) is (family == 6)]) > 1 for family in (4, 6))
