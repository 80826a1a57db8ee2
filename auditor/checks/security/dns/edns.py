"""Check that every name server address treats unknown EDNS as the standard requires.

An address that does not answer plain EDNS is ``ns-reach``'s or ``ns-ipv4``'s finding.
"""

from collections.abc import Iterator

from auditor.facts import not_judged
from auditor.facts.attribution import unseen
from auditor.facts.dns import every_server
from auditor.facts.dns.edns_manners import manners
from auditor.facts.dns.error_limits import ASKING, ERRS_AT_TIMES, errs_at_times
from auditor.facts.dns.every_server import ServerAddress
from auditor.facts.targets import for_each
from auditor.framework.check import FamilyClaim, Granularity, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import Clearance, Kind, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation, DnsExchange, EdnsAnswer, NameLookup

_UPDATE = "Update the name server, or the firewall and load balancer in front of it."


@check(
    version=10,
    title="Name servers handle EDNS as the standard says",
    problem="Queries with unknown EDNS options are dropped",
    problems={
        "OTHERWISE": "Name server handles EDNS in a non-standard way",
        "NO_EDNS": "Name server does not support EDNS",
    },
    why="EDNS is how DNS is extended, by DNSSEC among others: what drops a question because of something new in it"
    " makes resolvers wait, and one day cuts the zone off.",
    fix=_UPDATE,
    references=("RFC 6891 §6.1.1–6.1.4, §7", "RFC 8906 (BCP 231)", "Zonemaster NAMESERVER02, NAMESERVER10–14"),
    needs=(Delegation, NameLookup, EdnsAnswer),
    beside=(DnsExchange,),
    kinds=frozenset({Kind.ZONE}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"udp/53"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    excused_by=dict.fromkeys(("OTHERWISE", "NO_EDNS"), ASKING),
    messages={
        **every_server.NO_SERVER,
        "RIGHT": passed("{address} ignores unknown options and flags of EDNS, and says so of a version."),
        "OTHERWISE": warn(
            "{address} answers, but not as RFC 6891 says, to EDNS with something unknown in it: {trials:list}."
        ),
        "NO_EDNS": warn(
            "{address} knows no EDNS at all: large and signed answers do not fit.",
            fix="Update the name server: EDNS has been the standard since 1999.",
        ),
        "DROPPED": fail(
            "{address} answers plain EDNS, but not with something unknown in it: {trials:list}. Something in front of"
            " the server drops what it does not know.",
            fix="Let the firewall or load balancer pass DNS messages that it does not understand (DNS inspection).",
        ),
        **not_judged.DNS_LIMITED,
        **ERRS_AT_TIMES,
        "NO_BASIS": not_applicable("{address} does not answer plain EDNS either, which other findings are about."),
    },
)
def edns(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    def judge(server: ServerAddress) -> Verdict:
        zone, address = server.zone, server.address
        seen = manners(evidence, ctx, zone.name, address)
        if seen is None:
            return not_judged.at(address, "udp/53", unseen(ctx, address))
        args: dict[str, str | tuple[str, ...]] = {"address": written(address)}
        code = "NO_EDNS" if seen.none else "NO_BASIS" if seen.silent else ""
        if not code and seen.dropped:
            code, args["trials"] = "DROPPED", seen.dropped
        elif not code and seen.limited:
            code = "LIMITED"
        elif not code and seen.passing:
            return errs_at_times(evidence, address, seen.passing, seen.evidence)
        elif not code and seen.reason is not None:
            return not_judged.at(address, "udp/53", seen.reason, seen.evidence)
        elif not code and seen.wrong:
            code, args["trials"] = "OTHERWISE", seen.wrong
        return Verdict(code=code or "RIGHT", args=args, address=address, evidence=seen.evidence)

    yield from for_each(every_server.targets(subject, evidence, ctx), judge)
