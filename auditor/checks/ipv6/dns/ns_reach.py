"""Check that every IPv6 address of a name server answers for the zone over UDP.

Only the addresses that exist are judged; that there is only one is ``ns-aaaa``'s finding, that one cannot be routed is
``ns-addr-sane``'s. A server that truncates every answer over UDP, and answers over TCP, works: resolvers retry over
TCP.
"""

from collections.abc import Iterator, Mapping
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.dns import server_defects
from auditor.facts.dns.dead_zone import with_dead_glue
from auditor.facts.dns.delegation import left_over
from auditor.facts.dns.error_limits import ERRS_AT_TIMES, errs_at_times
from auditor.facts.dns.names import rejection
from auditor.facts.dns.nameservers import Zone, zone
from auditor.facts.dns.soa import SoaAnswer, SoaReply, by_way_of_tcp
from auditor.framework.check import FamilyClaim, Granularity, check, passed
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation, DnsExchange, EdnsAnswer, NameLookup
from probes.observations.dnspath import Referral

_NEEDED = 2
_DEFECTS = server_defects.over_udp("IPv6")
_ALL = "{address} of {names:list} %s, and fewer than two name servers of {zone} answer over IPv6."
_SOME = "{address} of {names:list} %s; other name servers of {zone} answer over IPv6 or are undecided."


@check(
    version=7,
    title="Name servers answer correctly over IPv6/UDP",
    problem="Too few name servers answer over IPv6",
    problems={
        "SOME_SILENT": "One name server address does not answer over IPv6",
        "SOME_REJECTED": "One name server address does not answer over IPv6",
        "SOME_EDNS_DROPPED": "One name server address drops EDNS queries over IPv6",
        "SOME_BAD_RCODE": "One name server address returns errors over IPv6",
        "SOME_NOT_AUTHORITATIVE": "One name server address is not authoritative over IPv6",
        "SOME_WRONG_ANSWER": "One name server address answers wrongly over IPv6",
        "SOME_WRONG_SOURCE": "One name server replies from another IPv6 address",
    },
    why="A name server with an IPv6 address that does not answer there makes every visitor with IPv6 wait, and "
    "visitors with only IPv6 find none of the agency's services.",
    fix="Open UDP port 53 on the IPv6 side of the firewall and let the name server listen on its IPv6 addresses.",
    references=("RFC 10001 §4.1", "RFC 9715", "RFC 5452 §4", "Internet.nl ns_reach"),
    needs=(Delegation, NameLookup, DnsExchange, Referral),
    beside=(EdnsAnswer,),
    kinds=frozenset({Kind.ZONE}),
    claims=FamilyClaim.V6,
    transports=frozenset({"udp/53"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "ANSWERS": passed("{address} of {names:list} answers for {zone} with authority over IPv6."),
        "FORCES_TCP": passed(
            "{address} of {names:list} answers for {zone} with authority over IPv6, over TCP: it asks every resolver to"
            " come back there."
        ),
        **server_defects.messages(_DEFECTS.values(), _ALL, _SOME),
        **not_judged.DNS_TRUNCATED,
        **not_judged.DNS_DROPS_SOME,
        **ERRS_AT_TIMES,
        **not_judged.PARENT_ALONE,
        **not_judged.NO_SERVER_AAAA,
        **not_judged.NOT_DELEGATED,
    },
)
def ns_reach(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    zone_facts = zone(subject, evidence, ctx)
    shut = not_judged.delegation(zone_facts)
    if shut is not None:
        yield shut
        return
    zone_facts = with_dead_glue(zone_facts, evidence, ctx)
    usable = [address for address in zone_facts.names_of if rejection(subject, address, ctx) is None]
    answers = {address: by_way_of_tcp(evidence, ctx, zone_facts.name, address) for address in usable}
    enough = _may_be_good(zone_facts, answers) >= _NEEDED
    left = left_over(evidence, ctx, zone_facts)
    for address, answer in answers.items():
        if answer.reply is SoaReply.ERRS_AT_TIMES:
            yield errs_at_times(evidence, address, answer.rcode, answer.evidence)
        else:
            yield _say(zone_facts, address, answer, left, enough=enough)
    yield from (not_judged.dns(server.aaaa, detail=server.name) for server in zone_facts.unknown)
    if not usable and not zone_facts.unknown:
        yield Verdict(code="NO_AAAA", args={"zone": zone_facts.name}, evidence=zone_facts.evidence)


def _may_be_good(zone_facts: Zone, answers: Mapping[IPv6Address, SoaAnswer]) -> int:
    """Return the number of name servers that answer over IPv6, undecided ones included."""
    bad = {address for address, answer in answers.items() if answer.reply in _DEFECTS}
    names = {name for address in answers for name in zone_facts.names_of[address] if address not in bad}
    return len(names | {server.name for server in zone_facts.unknown})


def _say(zone_facts: Zone, address: IPv6Address, answer: SoaAnswer, left: frozenset[str], *, enough: bool) -> Verdict:
    args: dict[str, Arg] = {"address": str(address), "names": zone_facts.names_of[address]}
    if answer.reply is SoaReply.UNKNOWN:
        return not_judged.at(address, "udp/53", answer.reason, answer.evidence)
    if answer.reply is SoaReply.LIMITED:
        return Verdict(code="LIMITED", args=args, address=address, evidence=answer.evidence)
    args["zone"] = zone_facts.name
    if answer.reply is SoaReply.DROPS_SOME:
        return Verdict(code="DROPS_SOME", args=args, address=address, evidence=answer.evidence)
    if answer.reply is SoaReply.AUTHORITATIVE:
        code = "FORCES_TCP" if answer.over_tcp else "ANSWERS"
        return Verdict(code=code, args=args, address=address, evidence=answer.evidence)
    if enough and left.issuperset(zone_facts.names_of[address]):
        return Verdict(code="PARENT_ALONE", args=args, address=address, evidence=answer.evidence)
    code = ("SOME_" if enough else "") + _DEFECTS[answer.reply].code
    args |= server_defects.values(answer)
    return Verdict(code=code, args=args, address=address, evidence=answer.evidence)
