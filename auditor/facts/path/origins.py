"""Finds the origin AS of each address of a subject in offline routing tables.

The most specific prefix counts, because packets follow it. A more specific one that less than half of a collector's
peers see is a route leak and not used, as long as another one covers the address.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_network

from auditor.facts import not_judged
from auditor.facts.addresses import flaw
from auditor.facts.dns.names import Lookup, own
from auditor.facts.dns.nameservers import Delegated, is_public, zone
from auditor.facts.targets import JudgedTargets
from auditor.framework.check import Message, inconclusive, not_applicable, standard
from auditor.framework.context import Context
from auditor.framework.findings import Arg, CheckId, Reason, Verdict
from inventory.model import HOST_KINDS, IPAddress, Kind, Network, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.routing import Announcement, Authorisation, RouteOrigin, Table

_MOST_SEE_IT = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Holds the origins of one address.

    ``announcements``: those of its most specific prefix, one for each origin. ``at``: the time of the table lookup.
    """

    step: RouteOrigin
    at: datetime
    evidence: EvidenceId
    announcements: tuple[Announcement, ...]

    @property
    def address(self) -> IPAddress:
        return self.step.address

    @property
    def prefix(self) -> str:
        return self.announcements[0].prefix

    @property
    def seen(self) -> int | None:
        """The percentage of peers that see its prefix with any origin; None if that is not recorded."""
        return _seen_by([route for route in self.step.announcements if route.prefix == self.prefix])

    def covering(self, announcement: Announcement) -> tuple[Authorisation, ...]:
        """Return the authorisations with a prefix that covers the announced one (RFC 6811 §2)."""
        length = _length(announcement.prefix)
        return tuple(vrp for vrp in self.step.authorisations if 0 <= _length(vrp.prefix) <= length)

    def say(self, code: str, **args: Arg) -> Verdict:
        """Return a verdict about this address."""
        return Verdict(
            code=code, args={"address": written(self.address), **args}, address=self.address, evidence=(self.evidence,)
        )


FRAME: Mapping[str, Message] = standard(
    **not_judged.DNS_CODES,
    NO_ADDRESS=not_applicable("{name} has no address that could be announced."),
    NOT_PUBLIC=not_applicable("{address} is not an address of the public Internet."),
    NO_ROUTES=inconclusive(
        "No table of announced prefixes is configured for {addresses:list}, so it is not known who announces them.",
        fix="Name an offline table (pfx2as or RISwhois, at most a day old) under [reference] routes.",
        reason=Reason.REF,
    ),
    OLD_ROUTES=inconclusive(
        "The table of announced prefixes is of {taken:datetime}, too old to judge {addresses:list} by it.",
        fix="Fetch the table of [reference] routes anew, then check again.",
        reason=Reason.REF,
    ),
)
"""Messages of these checks for subjects without an address to judge, or without a table to judge by."""


def label(origin: int | None) -> str:
    return "AS_SET" if origin is None else f"AS{origin}"


def targets(
    subject: Subject,
    evidence: EvidenceSet,
    ctx: Context,
    check: CheckId,
    *,
    families: frozenset[int] = frozenset({4, 6}),
) -> JudgedTargets[Origin]:
    """Return every address for which the tables are reliable; for each other one a verdict of FRAME."""
    unknown = [look for look in _unknown(subject, evidence, ctx) if 6 in families or look.rtype != "AAAA"]
    if families == {6}:
        unknown = [look for look in unknown if look.rtype != "A"]
    origins = [origin for origin in of_addresses(evidence) if origin.address.version in families]
    return JudgedTargets(
        found=[_blank(origin, subject, ctx, check) or origin for origin in origins],
        unknown=[not_judged.dns(look, detail=f"{look.name} {look.rtype}") for look in unknown],
        nothing=Verdict(code="NO_ADDRESS", args={"name": subject.host or subject.name}),
    )


_OF_TABLES = frozenset({"NO_ROUTES", "OLD_ROUTES", "NO_ROAS", "OLD_ROAS"})
"""Codes about our tables: they give one verdict for all addresses that cannot be judged for that reason."""


def together(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """Merge the verdicts of all addresses that state the same about our tables."""
    said = list(verdicts)
    yield from (verdict for verdict in said if verdict.code not in _OF_TABLES)
    for code in sorted(_OF_TABLES & {verdict.code for verdict in said}):
        same = [verdict for verdict in said if verdict.code == code]
        args = {name: value for name, value in same[0].args.items() if name != "address"}
        ids = tuple(dict.fromkeys(id_ for verdict in same for id_ in verdict.evidence))
        addresses = tuple(str(verdict.args["address"]) for verdict in same)
        yield Verdict(code=code, args={**args, "addresses": addresses}, detail=code, evidence=ids)


def old(table: Table, at: datetime, ctx: Context, check: CheckId) -> bool:
    """True if a table was taken too long before or after the lookup."""
    return abs(at - table.taken) > timedelta(hours=ctx.policy.threshold(check, "max_age_hours"))


def small(table: Table, ctx: Context, check: CheckId) -> bool:
    """True if a table is too small to be complete; missing prefixes prove nothing then."""
    return table.rows < ctx.policy.threshold(check, "least_rows")


def moment(when: datetime) -> str:
    return when.isoformat()


def of_addresses(evidence: EvidenceSet) -> list[Origin]:
    """Return one origin for each address, in the order of addresses."""
    held: dict[IPAddress, Origin] = {}
    for envelope, step in evidence.of(RouteOrigin):
        announced = _most_specific(step.announcements)
        origin = Origin(step=step, at=envelope.time_of(step), evidence=envelope.id, announcements=announced)
        known = held.get(step.address)
        if known is None or (envelope.id, repr(step)) < (known.evidence, repr(known.step)):
            held[step.address] = origin
    return [held[address] for address in sorted(held, key=lambda a: (-a.version, int(a)))]


def _most_specific(announced: tuple[Announcement, ...]) -> tuple[Announcement, ...]:
    """Return the routes of the prefix that packets follow.

    Peers take one route of each prefix, so that several origins, as of anycast, share them; a route that few peers see
    besides another is a leak.
    """
    readable = [announcement for announcement in announced if _length(announcement.prefix) > 0]
    by_prefix: dict[str, list[Announcement]] = {}
    for announcement in readable:
        by_prefix.setdefault(announcement.prefix, []).append(announcement)
    usual = [prefix for prefix, routes in by_prefix.items() if _is_usual(_seen_by(routes))] or list(by_prefix)
    longest = max(map(_length, usual), default=0)
    routes = [route for prefix in usual if _length(prefix) == longest for route in by_prefix[prefix]]
    return tuple(sorted(set(_without_leaks(routes)), key=lambda announcement: announcement.origin or 0))


def _without_leaks(routes: list[Announcement]) -> list[Announcement]:
    """Return the routes that most peers see.

    If there is none, return those that at least half as many peers see as the most seen one.
    """
    most = max((route.seen for route in routes if route.seen is not None), default=0)
    least = _MOST_SEE_IT if most >= _MOST_SEE_IT else most / 2
    return [route for route in routes if route.seen is None or route.seen >= least]


def _is_usual(seen: int | None) -> bool:
    return seen is None or seen >= _MOST_SEE_IT


def _seen_by(routes: Iterable[Announcement]) -> int | None:
    """Return the percentage of peers with a route of one prefix, None if unknown; each peer takes one route."""
    shares = [route.seen for route in routes]
    return None if not shares or None in shares else min(100, sum(share or 0 for share in shares))


@lru_cache(maxsize=1_024)  # a table gives the same prefixes for every address in them
def _length(prefix: str) -> int:
    try:
        return ip_network(prefix).prefixlen
    except ValueError:
        return -1


def _unknown(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Lookup]:
    """Yield the lookups of addresses that gave no answer."""
    if subject.kinds & HOST_KINDS:
        yield from (look for rtype in ("AAAA", "A") if not (look := own(subject, evidence, ctx, rtype)).known)
    if Kind.ZONE in subject.kinds:
        zone_facts = zone(subject, evidence, ctx)
        if zone_facts.delegated is Delegated.UNKNOWN:
            yield zone_facts.as_lookup
        for server in zone_facts.servers:
            yield from (look for look in (server.aaaa, server.a) if not look.known)


def _blank(origin: Origin, subject: Subject, ctx: Context, check: CheckId) -> Verdict | None:
    if not _is_public(origin.address, subject, ctx):
        return origin.say("NOT_PUBLIC")
    routes = origin.step.routes
    if routes is None:
        return origin.say("NO_ROUTES")
    return origin.say("OLD_ROUTES", taken=moment(routes.taken)) if old(routes, origin.at, ctx, check) else None


def _is_public(address: IPAddress, subject: Subject, ctx: Context) -> bool:
    """True if the address should be announced on the Internet: neither private nor of TSLCD."""
    inside = ctx.reference.networks.get(Network.TSLCD, ())
    if subject.network is Network.TSLCD or any(address in network for network in inside):
        return False
    match address:
        case IPv6Address():
            return flaw(address, documentation_is_global=ctx.reference.documentation_is_global) is None
        case IPv4Address():
            return is_public(address, ctx)
