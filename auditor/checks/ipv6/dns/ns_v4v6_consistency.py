"""Check that every name server address, of both families, has the same data of the zone.

A serial does not show for how long a server has been behind, unless it is a date or a time; then a server is late when
the newest serial was published longer ago than the refresh interval. A serial that is only a counter leaves that open;
so do two serials of one date: a server that signs or updates by itself continues to count from an old date.

Servers that each name themselves as the primary (AD-integrated DNS, two providers) have no transfer between them, and
addresses that vary (GeoDNS, the apex of a CDN) are no other copy of the zone: neither fails.
"""

from collections.abc import Iterator, Sequence

from auditor.facts import not_judged
from auditor.facts.dns.every_server import every_address
from auditor.facts.dns.nameservers import Zone, zone
from auditor.facts.dns.ns_v4v6_consistency import Agreement
from auditor.facts.dns.soa import ask
from auditor.facts.dns.zone_copies import VARYING, copies
from auditor.framework.check import FamilyClaim, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, IPAddress, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation, DnsExchange, NameLookup
from probes.observations.dnssec import ZoneAnswer

_TAG = "answers-vary"


@check(
    version=7,
    title="Name servers serve the same data over IPv4 and IPv6",
    problem="Name servers give different data for the domain",
    problems={
        "SEVERAL_PRIMARIES": "Domain has several unsynchronised primary servers",
        "SEVERAL_SOA": "Name server gives more than one SOA record",
        "BY_FAMILY": "Name server gives different data over IPv4 and IPv6",
        "BEHIND": "Name server serves older data than the others",
        "LATE": "Name server has been out of date for too long",
    },
    why="When one name server has an old or another copy of the zone, visitors are led to different places depending"
    " on the server and the address family that happened to be asked; changes seem to work and do not.",
    fix="Check the zone transfer to the name servers that lag behind (NOTIFY, allow-transfer, TSIG keys, TCP port 53),"
    " and that every address of a server belongs to the same instance.",
    references=("RFC 10001 §4.1", "RFC 1912 §2.2", "RFC 1982", "Zonemaster CONSISTENCY01–06, ZONE10"),
    needs=(Delegation, NameLookup, DnsExchange, ZoneAnswer),
    kinds=frozenset({Kind.ZONE}),
    claims=FamilyClaim.BOTH,
    transports=frozenset({"udp/53"}),
    clearance=Clearance.PASSIVE,
    excused_by={code: frozenset({"zone_data"}) for code in ("BY_FAMILY", "VARIES", "LATE")},
    messages={
        **not_judged.DNS_CODES,
        "SAME": passed(
            "All {count:n} name server addresses of {zone} that answer have the same data, serial {serial}."
        ),
        "SAME_BUT": passed(
            "All {count:n} name server addresses of {zone} that answer have the same data, serial {serial}, except "
            "{types:list}: there a server differs from itself, as with answers in turn or by place."
        ),
        "SEVERAL_SIGNERS": passed(
            "All {count:n} name server addresses of {zone} that answer have the same data; each signer has keys of its"
            " own, and what one signs validates with what the others give."
        ),
        "SEVERAL_PRIMARIES": warn(
            "The name servers of {zone} have SOA records of their own ({primaries:list}): several primaries, between"
            " which nothing is transferred.",
            fix="Keep the primaries in step by what synchronises them (directory replication, both providers'"
            " interfaces), or make all but one of them secondaries.",
        ),
        "SEVERAL_SOA": warn(
            "{addresses:list} {addresses/gives/give} more than one SOA record of {zone}, where there must be one.",
            fix="Leave one SOA record at the top of the zone, and update what makes two of it.",
        ),
        "VARIES": warn(
            "{addresses:list} {addresses/gives/give} other {types:list} records of {zone} than the other name server"
            " addresses, with the same serial.",
            fix="If answers are meant to vary (GeoDNS, an apex that follows a CDN), declare it by the tag answers-vary;"
            " else bring the servers to one set of data.",
        ),
        "BY_FAMILY": fail(
            "{addresses:list} of {names:list} steadily {addresses/gives/give} other {types:list} records of {zone} than"
            " the same server gives over the other address family.",
            fix="Let every address of the server lead to the same instance, with the same zone loaded.",
        ),
        "NOT_SEEN_TWICE": inconclusive(
            "Some name server addresses give other {types:list} records of {zone}; the server was not seen twice over"
            " both address families, so that the cause is open.",
            fix="See the findings about reaching the name servers of this zone, then check again.",
            reason=Reason.DNS,
        ),
        "KEYS_NOT_COMPARED": inconclusive(
            "The name servers of {zone} give different keys; whether what one signs validates with those of the others"
            " was not seen.",
            fix="See the findings about DNSSEC of this zone, then check again.",
            reason=Reason.DNS,
        ),
        "BEHIND": warn(
            "{addresses:list} {addresses/serves/serve} serial {old} of {zone}, others {serial}; for longer than the"
            " refresh interval of {refresh:n} {refresh/second/seconds} is not shown."
        ),
        "LATE": fail(
            "{addresses:list} {addresses/serves/serve} serial {old} of {zone}; others have had {serial} for longer"
            " than the refresh interval of {refresh:n} {refresh/second/seconds}."
        ),
        "DIFFERENT": fail(
            "{addresses:list} {addresses/serves/serve} other records of {zone} than the other name server addresses:"
            " {types:list}."
        ),
        "TOO_FAR_APART": inconclusive(
            "The name servers of {zone} gave different data, but were not seen within the same minute.",
            reason=Reason.SMPL,
        ),
        "NOT_COMPARED": inconclusive(
            "No usable answer about {zone} over IPv4 or over IPv6, so that the data cannot be compared.",
            fix="See the findings about reaching the name servers of this zone, then check again.",
        ),
        "ONE_FAMILY": not_applicable("The name servers of {zone} have addresses of one family only."),
        **not_judged.NOT_DELEGATED,
    },
)
def ns_v4v6_consistency(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    zone_facts = zone(subject, evidence, ctx)
    shut = not_judged.delegation(zone_facts)
    if shut is not None:
        yield shut
        return
    addresses = every_address(subject, zone_facts, ctx)
    seen = copies(evidence, zone_facts.name, addresses)
    if {copy.address.version for copy in seen} == {4, 6}:
        yield Agreement(zone_facts, seen, VARYING if subject.has_tag(_TAG) else frozenset()).verdict(evidence)
    elif {address.version for address in addresses} == {4, 6}:
        reason = _why(
            evidence,
            ctx,
            zone_facts,
            [address for address in addresses if address not in {copy.address for copy in seen}],
        )
        yield Verdict(code="NOT_COMPARED", args={"zone": zone_facts.name}, evidence=zone_facts.evidence, reason=reason)
    else:
        unknown = [look for server in zone_facts.servers for look in (server.aaaa, server.a) if not look.known]
        yield from (not_judged.dns(look) for look in unknown[:1])
        if not unknown:
            yield Verdict(code="ONE_FAMILY", args={"zone": zone_facts.name}, evidence=zone_facts.evidence)


def _why(evidence: EvidenceSet, ctx: Context, zone_facts: Zone, without: Sequence[IPAddress]) -> Reason:
    answers = [ask(evidence, ctx, zone_facts.name, address, "udp") for address in without]
    reasons = [answer.reason for answer in answers if answer.reason is not None]
    return min(reasons) if len(reasons) == len(answers) else Reason.DNS
