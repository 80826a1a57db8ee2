"""Check that every IPv4 address of a name server is public and answers for the zone over UDP and TCP.

The twin of ``ipv6.dns.ns-reach`` and ``ns-reach-tcp``. That only one name server has IPv4 is ``ns-all-dual``'s finding.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from ipaddress import IPv4Address

from auditor.facts import not_judged
from auditor.facts.dns import server_defects
from auditor.facts.dns.dead_zone import with_dead_glue
from auditor.facts.dns.delegation import left_over
from auditor.facts.dns.error_limits import ERRS_AT_TIMES, errs_at_times
from auditor.facts.dns.nameservers import Zone, is_public, v4_names, zone
from auditor.facts.dns.server_defects import Defect
from auditor.facts.dns.soa import SoaAnswer, SoaReply, ask, by_way_of_tcp
from auditor.framework.check import FamilyClaim, Granularity, check, not_applicable, passed
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation, DnsExchange, EdnsAnswer, NameLookup
from probes.observations.dnspath import Referral

_NEEDED = 2
_DEFECTS = server_defects.over_udp("IPv4")
_NO_TCP = Defect(
    "NO_TCP",
    "answers over UDP, but not over TCP",
    "Open TCP port 53 for IPv4 in the firewall, not only UDP, and let the name server listen on TCP.",
)
_PRIVATE = Defect(
    "NOT_PUBLIC",
    "is not an address of the public Internet",
    "Publish the public address of this name server; keep the inner one only in the inner view of the zone.",
)
_ALL = "{address} of {names:list} %s, and fewer than two name servers of {zone} work over IPv4."
_SOME = "{address} of {names:list} %s; other name servers of {zone} work over IPv4 or are undecided."


@check(
    version=8,
    title="Name servers answer correctly over IPv4 (UDP and TCP)",
    problem="Too few name servers work over IPv4",
    problems={
        "SOME_SILENT": "One name server address does not answer over IPv4",
        "SOME_REJECTED": "One name server address does not answer over IPv4",
        "SOME_EDNS_DROPPED": "One name server address drops EDNS queries over IPv4",
        "SOME_BAD_RCODE": "One name server address returns errors over IPv4",
        "SOME_NOT_AUTHORITATIVE": "One name server address is not authoritative over IPv4",
        "SOME_WRONG_ANSWER": "One name server address answers wrongly over IPv4",
        "SOME_WRONG_SOURCE": "One name server replies from another IPv4 address",
        "SOME_NO_TCP": "One name server address does not answer over IPv4 and TCP",
        "SOME_NOT_PUBLIC": "One name server publishes a non-public IPv4 address",
    },
    why="Most resolvers still ask over IPv4: a name server that is dead, lame or private there makes them wait, and"
    " when the others fail takes the whole zone away.",
    fix="Open UDP and TCP port 53 on the IPv4 side, and load the zone on every name server that is listed.",
    references=(
        "RFC 1034 §4.1",
        "RFC 2182",
        "RFC 7766 §5",
        "RFC 6890",
        "RFC 1912 §2.8",
        "Zonemaster CONNECTIVITY01–02",
    ),
    needs=(Delegation, NameLookup, DnsExchange, Referral),
    beside=(EdnsAnswer,),
    kinds=frozenset({Kind.ZONE}),
    claims=FamilyClaim.V4,
    transports=frozenset({"udp/53", "tcp/53"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "ANSWERS": passed(
            "{address} of {names:list} is public and answers for {zone} with authority over UDP and TCP."
        ),
        **server_defects.messages((*_DEFECTS.values(), _NO_TCP, _PRIVATE), _ALL, _SOME),
        **not_judged.DNS_TRUNCATED,
        **not_judged.DNS_DROPS_SOME,
        **ERRS_AT_TIMES,
        **not_judged.PARENT_ALONE,
        "NO_A": not_applicable("No name server of {zone} has an IPv4 address."),
        **not_judged.NOT_DELEGATED,
    },
)
def ns_ipv4(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    zone_facts = zone(subject, evidence, ctx)
    shut = not_judged.delegation(zone_facts)
    if shut is not None:
        yield shut
        return
    zone_facts = with_dead_glue(zone_facts, evidence, ctx)
    names = v4_names(zone_facts)
    said = {address: _said(zone_facts, evidence, ctx, address) for address in names}
    unknown = [server for server in zone_facts.servers if not server.a.known]
    good = {name for address, (code, _) in said.items() if code in _MAY_BE_GOOD for name in names[address]}
    enough = len(good | {server.name for server in unknown}) >= _NEEDED
    left = left_over(evidence, ctx, zone_facts) if enough else frozenset[str]()
    for address, (code, answer) in said.items():
        if code not in _MAY_BE_GOOD and left.issuperset(names[address]):
            said[address] = "PARENT_ALONE", answer
    for address, (code, answer) in said.items():
        if code == "ERRS_AT_TIMES":
            yield errs_at_times(evidence, address, answer.rcode, answer.evidence)
        else:
            yield _say(zone_facts, names, address, code, answer, enough=enough)
    yield from (not_judged.dns(server.a, detail=server.name) for server in unknown)
    if not names and not unknown:
        yield Verdict(code="NO_A", args={"zone": zone_facts.name}, evidence=zone_facts.evidence)


_OPEN = {SoaReply.DROPS_SOME: "DROPS_SOME", SoaReply.ERRS_AT_TIMES: "ERRS_AT_TIMES"}
_MAY_BE_GOOD = frozenset({"ANSWERS", "LIMITED", "NOT_DECIDED", *_OPEN.values()})


def _said(zone_facts: Zone, evidence: EvidenceSet, ctx: Context, address: IPv4Address) -> tuple[str, SoaAnswer]:
    udp = by_way_of_tcp(evidence, ctx, zone_facts.name, address)
    if not is_public(address, ctx):
        return "NOT_PUBLIC", udp
    if udp.reply in _DEFECTS:
        return _DEFECTS[udp.reply].code, udp
    tcp = ask(evidence, ctx, zone_facts.name, address, "tcp")
    both = replace(tcp, evidence=tuple(dict.fromkeys((*udp.evidence, *tcp.evidence))))
    if udp.reply is SoaReply.LIMITED:  # it makes all clients use TCP
        return ("NO_TCP", both) if tcp.reply in (*_DEFECTS, SoaReply.HUNG_UP) else ("LIMITED", udp)
    if udp.reply in _OPEN:
        return _OPEN[udp.reply], udp
    if SoaReply.UNKNOWN in (udp.reply, tcp.reply):
        return "NOT_DECIDED", udp if udp.reply is SoaReply.UNKNOWN else both
    if tcp.reply in _OPEN:
        return _OPEN[tcp.reply], both
    return "ANSWERS" if tcp.reply is SoaReply.AUTHORITATIVE else "NO_TCP", both


def _say(
    zone_facts: Zone,
    names: Mapping[IPv4Address, tuple[str, ...]],
    address: IPv4Address,
    code: str,
    answer: SoaAnswer,
    *,
    enough: bool,
) -> Verdict:
    if code == "NOT_DECIDED":
        return not_judged.at(address, "udp/53", answer.reason or Reason.CUT, answer.evidence)
    args: dict[str, Arg] = {"address": str(address), "names": names[address]}
    if code != "LIMITED":
        args["zone"] = zone_facts.name
    args |= server_defects.values(answer) if code != "PARENT_ALONE" else {}
    worst = code if code in (*_MAY_BE_GOOD, "PARENT_ALONE") or not enough else f"SOME_{code}"
    return Verdict(code=worst, args=args, address=address, evidence=answer.evidence or zone_facts.evidence)
