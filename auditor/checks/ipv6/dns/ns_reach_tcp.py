"""Check that every IPv6 address of a name server answers for the zone over TCP.

As ``ns-reach``, it judges the addresses that exist; there being too few of them is ``ns-aaaa``'s finding.
"""

from collections.abc import Iterator, Mapping
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.dns.delegation import left_over
from auditor.facts.dns.error_limits import ERRS_AT_TIMES, errs_at_times
from auditor.facts.dns.names import rejection
from auditor.facts.dns.nameservers import Zone, zone
from auditor.facts.dns.soa import SoaAnswer, SoaReply, ask
from auditor.framework.check import FamilyClaim, Granularity, check, fail, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation, DnsExchange, EdnsAnswer, NameLookup

_OPEN_PORT = "Open TCP port 53 for IPv6 in the firewall, not only UDP, and let the name server listen on TCP."
_LOAD_ZONE = "Load the zone on this server (check the zone transfer), or take it out of the NS records."
_CONNECTIONS = (
    "Look at what the name server, or a device in front of it, allows of TCP connections: how many at once, from one"
    " client too, and for how long."
)
_DEFECTS = {
    SoaReply.SILENT: ("SILENT", "does not answer over TCP", _OPEN_PORT),
    SoaReply.REJECTED: ("REJECTED", "rejects the TCP connection (port closed or an ICMPv6 error)", _OPEN_PORT),
    SoaReply.HUNG_UP: ("HUNG_UP", "takes the TCP connection and ends it without an answer", _CONNECTIONS),
    SoaReply.BAD_RCODE: ("BAD_RCODE", "answers {rcode} over TCP", _LOAD_ZONE),
    SoaReply.NOT_AUTHORITATIVE: ("NOT_AUTHORITATIVE", "answers over TCP without authority (AA is not set)", _LOAD_ZONE),
    SoaReply.WRONG: ("WRONG_ANSWER", "answers over TCP with something else than was asked", _LOAD_ZONE),
}
_UNDECIDED = frozenset({SoaReply.UNKNOWN, SoaReply.DROPS_SOME, SoaReply.ERRS_AT_TIMES})
_ALL = "{address} of {names:list} %s; no other name server address of {zone} makes up for it."
_ONE = "{address} of {names:list} %s; it is the only such address of {zone}."


@check(
    version=6,
    title="Name servers answer over IPv6/TCP",
    problem="Name servers do not answer over IPv6 and TCP",
    problems={
        "BAD_RCODE": "Name server returns errors over IPv6 and TCP",
        "ONLY_BAD_RCODE": "Name server returns errors over IPv6 and TCP",
        "NOT_AUTHORITATIVE": "Name server is not authoritative over IPv6 and TCP",
        "ONLY_NOT_AUTHORITATIVE": "Name server is not authoritative over IPv6 and TCP",
        "WRONG_ANSWER": "Name server answers wrongly over IPv6 and TCP",
        "ONLY_WRONG_ANSWER": "Name server answers wrongly over IPv6 and TCP",
    },
    why="An answer that is too large for UDP, such as most signed ones, comes only over TCP; where TCP over IPv6 is "
    "shut, such names do not resolve for visitors with only IPv6.",
    fix="Open TCP port 53 on the IPv6 side of the firewall.",
    references=("RFC 7766 §5", "RFC 9210", "RFC 10001 §4.1"),
    needs=(Delegation, NameLookup, DnsExchange),
    beside=(EdnsAnswer,),
    kinds=frozenset({Kind.ZONE}),
    claims=FamilyClaim.V6,
    transports=frozenset({"udp/53", "tcp/53"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "ANSWERS": passed("{address} of {names:list} answers for {zone} with authority over IPv6 and TCP."),
        **{code: fail(_ALL % text, fix=fix) for code, text, fix in _DEFECTS.values()},
        **{f"ONLY_{code}": warn(_ONE % text, fix=fix) for code, text, fix in _DEFECTS.values()},
        **not_judged.DNS_DROPS_SOME,
        **ERRS_AT_TIMES,
        **not_judged.PARENT_ALONE,
        **not_judged.NO_SERVER_AAAA,
        **not_judged.NOT_DELEGATED,
    },
)
def ns_reach_tcp(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    zone_facts = zone(subject, evidence, ctx)
    shut = not_judged.delegation(zone_facts)
    if shut is not None:
        yield shut
        return
    usable = [address for address in zone_facts.names_of if rejection(subject, address, ctx) is None]
    answers = {address: ask(evidence, ctx, zone_facts.name, address, "tcp") for address in usable}
    left = left_over(evidence, ctx, zone_facts)
    stale = {a for a, answer in answers.items() if _defect(answer) and left.issuperset(zone_facts.names_of[a])}
    stale = stale if stale < answers.keys() else set()
    judged = {address: answer for address, answer in answers.items() if address not in stale}
    for address, answer in judged.items():
        if answer.reply is SoaReply.ERRS_AT_TIMES:
            yield errs_at_times(evidence, address, answer.rcode, answer.evidence)
        else:
            yield _say(zone_facts, address, answer, judged)
    yield from (_left_over(zone_facts, address, answers[address]) for address in answers if address in stale)
    yield from (not_judged.dns(server.aaaa, detail=server.name) for server in zone_facts.unknown)
    if not usable and not zone_facts.unknown:
        yield Verdict(code="NO_AAAA", args={"zone": zone_facts.name}, evidence=zone_facts.evidence)


def _left_over(zone_facts: Zone, address: IPv6Address, answer: SoaAnswer) -> Verdict:
    args: dict[str, Arg] = {"address": str(address), "names": zone_facts.names_of[address], "zone": zone_facts.name}
    return Verdict(code="PARENT_ALONE", args=args, address=address, evidence=answer.evidence)


def _defect(answer: SoaAnswer) -> SoaReply | None:
    """Return the defect, or None. Over TCP, neither TC nor another source is possible: such an answer is wrong."""
    reply = SoaReply.WRONG if answer.reply in (SoaReply.LIMITED, SoaReply.ELSEWHERE) else answer.reply
    return reply if reply in _DEFECTS else None


def _say(
    zone_facts: Zone, address: IPv6Address, answer: SoaAnswer, answers: Mapping[IPv6Address, SoaAnswer]
) -> Verdict:
    """Return the verdict: one failing address of several is a warning, two are a failure; so is a single address."""
    if answer.reply is SoaReply.UNKNOWN:
        return not_judged.at(address, "tcp/53", answer.reason or Reason.CUT, answer.evidence)
    args: dict[str, Arg] = {"address": str(address), "names": zone_facts.names_of[address], "zone": zone_facts.name}
    if answer.reply is SoaReply.DROPS_SOME:
        return Verdict(code="DROPS_SOME", args=args, address=address, evidence=answer.evidence)
    defect = _defect(answer)
    if defect is None:
        return Verdict(code="ANSWERS", args=args, address=address, evidence=answer.evidence)
    alone = sum(_defect(other) is not None for other in answers.values()) == 1
    open_ = next((other for other in answers.values() if other.reply in _UNDECIDED), None)
    if alone and open_ is not None:  # warning or failure: the other address decides
        reason = open_.reason or Reason.RATE
        return not_judged.at(address, "tcp/53", reason, (*answer.evidence, *open_.evidence))
    if defect is SoaReply.BAD_RCODE:
        args["rcode"] = answer.rcode
    one_of_many = alone and len(answers) + len(zone_facts.unknown) > 1
    code = ("ONLY_" if one_of_many else "") + _DEFECTS[defect][0]
    return Verdict(code=code, args=args, address=address, evidence=answer.evidence)
