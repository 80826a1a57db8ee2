"""Check that the parent and the zone itself name the same servers, at the same IPv4 addresses.

IPv6 addresses at the parent are ``ipv6.dns.glue-aaaa``'s; servers that are silent or lame are ``ns-reach``'s and
``ns-ipv4``'s; servers of the zone that differ among themselves are ``ns-v4v6-consistency``'s.
"""

from collections.abc import Iterator, Mapping

from auditor.facts import not_judged
from auditor.facts.dns.delegation import Sides, sides
from auditor.facts.dns.names import canonical
from auditor.facts.dns.nameservers import Delegated, Zone, zone
from auditor.facts.dns.soa import SoaAnswer, SoaReply, ask, by_way_of_tcp
from auditor.facts.web.suffixes import registrable
from auditor.framework.check import check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, IPAddress, Kind, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation, DnsExchange, EdnsAnswer, LookupStatus, NameLookup
from probes.observations.dnspath import Referral

_DEAD = frozenset({SoaReply.BAD_RCODE, SoaReply.NOT_AUTHORITATIVE, SoaReply.WRONG, SoaReply.REJECTED, SoaReply.SILENT})
_PLAIN = 512  # bytes of a message over UDP without EDNS (RFC 1035 §4.2.1)
_HOSTS = "Update the addresses of the name servers (host objects) at the registrar."


@check(
    version=8,
    title="Parent and child agree on the delegation",
    problem="Delegation at the parent zone differs from the zone",
    problems={
        "NONE_SHARED": "Parent and zone name entirely different name servers",
        "DEAD_GLUE": "IPv4 glue leads to a server that does not answer",
        "OTHER_GLUE": "IPv4 glue at the parent zone differs from the zone",
        "NO_GLUE": "IPv4 glue at the parent zone is incomplete",
        "NO_ADDRESS": "A name server of the domain has no address",
        "ALIAS": "NS record leads to an alias",
        "NOT_REGISTERED": "Domain is not registered, or its registration has lapsed",
    },
    why="Resolvers follow what the parent says: a server that only the zone itself names relieves nobody, and one that"
    " only the parent names is asked for a zone that it may have lost long ago.",
    fix="Give the zone and the registrar the same list of name servers.",
    references=(
        "RFC 1034 §4.2.2",
        "RFC 2181 §10.3",
        "RFC 9471",
        "RFC 1912 §2.3",
        "Zonemaster DELEGATION03, DELEGATION07",
    ),
    needs=(Delegation, NameLookup, Referral, DnsExchange),
    beside=(EdnsAnswer,),
    kinds=frozenset({Kind.ZONE}),
    transports=frozenset({"udp/53"}),
    clearance=Clearance.PASSIVE,
    excused_by={
        "DIFFERENT": frozenset({"dns", "zone_data"}),
        "DIFFERENT_DEAD": frozenset({"dns", "zone_data"}),
        "OTHER_GLUE": frozenset({"nameserver"}),
        "DEAD_GLUE": frozenset({"nameserver"}),
    },
    messages={
        **not_judged.CHAIN_CODES,
        "SAME": passed("The parent of {zone} and the zone itself name the same servers: {names:list}."),
        "SAME_LARGE": passed(
            "The parent of {zone} and the zone itself name the same servers: {names:list}. The parent's answer takes"
            " {size:n} bytes with all their addresses, more than the 512 that fit without EDNS;"
            " clients without EDNS have to ask again over TCP."
        ),
        "NONE_SHARED": fail(
            "The parent of {zone} names {parent:list}, the zone itself {child:list}: not one server in common."
        ),
        "DIFFERENT": warn(
            "The parent of {zone} names {parent:list}, the zone itself {child:list}; only in one of the two:"
            " {names:list}."
        ),
        "DIFFERENT_DEAD": warn(
            "The parent of {zone} names {parent:list}, the zone itself {child:list}; only in one of the two:"
            " {names:list}. Of these {dead:list} {dead/does/do} not answer for the zone, and resolvers ask there all"
            " the same."
        ),
        "DEAD_GLUE": fail(
            "The parent of {zone} gives {addresses/an IPv4 address/IPv4 addresses} of its name servers that the zone"
            " itself does not name and that {addresses/does/do} not answer for it: {addresses:list}.",
            fix=_HOSTS,
        ),
        "OTHER_GLUE": warn(
            "The parent of {zone} gives {addresses/an IPv4 address/IPv4 addresses} of its name servers that the zone"
            " itself does not name: {addresses:list}.",
            fix=_HOSTS,
        ),
        "GLUE_OPEN": inconclusive(
            "The parent of {zone} gives {addresses/an IPv4 address/IPv4 addresses} of its name servers that the zone"
            " itself does not name: {addresses:list}; whether {addresses/it answers/they answer} was not seen.",
            fix="Let the vantage reach these addresses over IPv4, then check again.",
        ),
        "NO_GLUE": warn(
            "The parent of {zone} does not give all IPv4 addresses of its name servers: {names:list}.", fix=_HOSTS
        ),
        "NO_ADDRESS": warn(
            "{names:list} {names/is/are} named as {names/name server/name servers} of {zone} and {names/has/have} no"
            " address at all.",
            fix="Publish the addresses of this name server, or take it out of the NS records at the zone and the"
            " parent.",
        ),
        "ALIAS": warn(
            "{names:list} {names/is an alias/are aliases} (CNAME), which NS records of {zone} must not name: many"
            " resolvers do not follow {names/it/them}.",
            fix="Give the name servers A and AAAA records of their own instead of a CNAME (RFC 2181 §10.3).",
        ),
        "NOT_REGISTERED": warn(
            "{place}, the zone above, has no delegation of {zone}: the domain is not registered, or no longer. No "
            "name in it can be resolved from outside, and anyone who registers it takes it over.",
            fix="Register the domain again, with its name servers, at the registrar; for use inside alone take a name"
            " below a domain that you own.",
        ),
        "SHARED": not_applicable("The servers of the zone above hold {zone} too: there is no delegation to compare."),
        **not_judged.NOT_DELEGATED,
    },
)
def delegation(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    zone_facts = zone(subject, evidence, ctx)
    shut = not_judged.delegation(zone_facts)
    if shut is not None:
        yield _unregistered(zone_facts, evidence, ctx) or shut
        return
    seen = sides(evidence, ctx, zone_facts)
    wrong = [
        *_names(zone_facts, seen, _dead(zone_facts, seen, evidence, ctx)),
        *_glue(zone_facts, seen, evidence, ctx),
        *_without_address(zone_facts),
    ]
    wrong += _aliases(zone_facts)
    yield from wrong
    if not wrong:
        same: dict[str, Arg] = {"zone": zone_facts.name, "names": tuple(sorted(seen.parent & seen.child))}
        if seen.size > _PLAIN:
            yield Verdict(code="SAME_LARGE", args={**same, "size": seen.size}, evidence=seen.evidence)
        else:
            yield Verdict(code="SAME", args=same, evidence=seen.evidence)


def _unregistered(zone_facts: Zone, evidence: EvidenceSet, ctx: Context) -> Verdict | None:
    """Return the verdict for an independent domain that the public registry above it does not delegate, else None."""
    name = zone_facts.name
    above = (canonical(cut.zone) for _, cut in evidence.of(Delegation) if cut.failure is None)
    holder = next((place for place in above if name.endswith(f".{place}")), None)
    own = registrable(f"below.{name}", ctx) == name
    if zone_facts.delegated is not Delegated.NO or holder is None or not own:
        return None
    return Verdict(code="NOT_REGISTERED", args={"zone": name, "place": holder}, evidence=zone_facts.evidence)


def _dead(zone_facts: Zone, seen: Sides, evidence: EvidenceSet, ctx: Context) -> Mapping[str, list[SoaAnswer]]:
    """Return the servers that only the parent names and that answer at no address, with their answers."""
    dead: dict[str, list[SoaAnswer]] = {}
    for server in zone_facts.servers if seen.child else ():
        addresses: tuple[IPAddress, ...] = (*server.aaaa.v6, *server.a.v4)
        answers = [by_way_of_tcp(evidence, ctx, zone_facts.name, address) for address in addresses]
        if server.name in seen.parent - seen.child and answers and all(one.reply in _DEAD for one in answers):
            dead[server.name] = answers
    return dead


def _names(zone_facts: Zone, seen: Sides, dead: Mapping[str, list[SoaAnswer]]) -> Iterator[Verdict]:
    args: dict[str, Arg] = {"zone": zone_facts.name}
    if seen.shared and not seen.parent:
        yield Verdict(code="SHARED", args=args, evidence=seen.evidence)
        return
    if not seen.parent or not seen.child:
        yield not_judged.dns(zone_facts.as_lookup_of("NS", seen.evidence))
        return
    args |= {"parent": tuple(sorted(seen.parent)), "child": tuple(sorted(seen.child))}
    if not seen.parent & seen.child:
        yield Verdict(code="NONE_SHARED", args=args, detail="ns", evidence=seen.evidence)
    elif seen.parent != seen.child:
        args["names"] = tuple(sorted(seen.parent ^ seen.child))
        ids = (*seen.evidence, *(id_ for answers in dead.values() for answer in answers for id_ in answer.evidence))
        code, named = ("DIFFERENT_DEAD", args | {"dead": tuple(sorted(dead))}) if dead else ("DIFFERENT", args)
        yield Verdict(code=code, args=named, detail="ns", evidence=tuple(dict.fromkeys(ids)))


def _glue(zone_facts: Zone, seen: Sides, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    answers = {address: ask(evidence, ctx, zone_facts.name, address, "udp") for address in seen.other}
    dead = tuple(address for address, answer in answers.items() if answer.reply in _DEAD)
    known = [answer for answer in answers.values() if answer.reply is not SoaReply.UNKNOWN]
    ids = tuple(dict.fromkeys((*seen.evidence, *(id_ for answer in known for id_ in answer.evidence))))
    args: dict[str, Arg] = {"zone": zone_facts.name, "addresses": tuple(map(written, dead or seen.other))}
    blind = any(answer.reason is Reason.V4 for answer in answers.values())
    if dead:
        yield Verdict(code="DEAD_GLUE", args=args, detail="glue", evidence=ids)
    elif blind:
        yield Verdict(code="GLUE_OPEN", args=args, detail="glue", evidence=ids, reason=Reason.V4)
    elif answers:
        yield Verdict(code="OTHER_GLUE", args=args, detail="glue", evidence=ids)
    elif seen.missing:
        yield Verdict(
            code="NO_GLUE", args={"zone": zone_facts.name, "names": seen.missing}, detail="glue", evidence=seen.evidence
        )


def _without_address(zone_facts: Zone) -> Iterator[Verdict]:
    """Yield a verdict about servers without addresses; a name that does not exist is ``dangling``'s finding."""
    bare = [server for server in zone_facts.servers if {server.a.status, server.aaaa.status} == {LookupStatus.NO_DATA}]
    if bare:
        ids = tuple(dict.fromkeys(id_ for server in bare for id_ in (*server.a.evidence, *server.aaaa.evidence)))
        names = tuple(server.name for server in bare)
        yield Verdict(code="NO_ADDRESS", args={"zone": zone_facts.name, "names": names}, detail="address", evidence=ids)


def _aliases(zone_facts: Zone) -> Iterator[Verdict]:
    """Yield a verdict about aliases without IPv6; others are reported by ``ipv6.dns.ns-aaaa``."""
    aliases = [server for server in zone_facts.servers if server.a.chain and server.a.v4 and not server.aaaa.v6]
    if aliases:
        ids = tuple(dict.fromkeys(id_ for server in aliases for id_ in server.a.evidence))
        names = tuple(server.name for server in aliases)
        yield Verdict(code="ALIAS", args={"zone": zone_facts.name, "names": names}, detail="alias", evidence=ids)
