"""``security.dns.open-resolver``: no address of a name server resolves the names of others for strangers.

The name asked for has addresses that are known beforehand, so that a correct answer is told from a forged one.
"""

from collections.abc import Iterator

import dns.flags
import dns.rcode
import dns.rdatatype

from auditor.check import Claim, Question, Unit, check, says
from auditor.context import Context
from auditor.facts import every_server, undecided
from auditor.facts.blame import unseen
from auditor.facts.exchanges import Heard, heard
from auditor.facts.nameservers import Zone
from auditor.findings import Arg, Outcome, Reason, Verdict
from inventory.model import Clearance, IPAddress, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation, DnsExchange, NameLookup

_OUTSIDE = "ipv4only.arpa"
_KNOWN = frozenset({"192.0.0.170", "192.0.0.171"})  # RFC 7050 §8.2
_ORDER = ("OPEN", "OFFERED", "NOT_OFFERED", "NOT_DECIDED", "SILENT")


@check(
    version=1,
    title="No open recursive resolver",
    why="A name server that resolves any name for anybody is used to flood others with its answers, and its cache can"
    " be poisoned from outside.",
    fix="Switch recursion off on the public name server, or restrict it to the agency's own networks on both families.",
    references=("RFC 5358 (BCP 140)", "RFC 7050 §8.2", "Zonemaster NAMESERVER01"),
    needs=(Delegation, NameLookup, DnsExchange),
    kinds=frozenset({Kind.ZONE}),
    claims=Claim.EACH,
    transports=frozenset({"udp/53"}),
    unit=Unit.ADDRESS,
    clearance=Clearance.PASSIVE,
    question=Question.EXPOSURE,
    messages={
        **every_server.NO_SERVER,
        "OPEN": says(Outcome.FAIL, "{address} resolves names of others for strangers: it found {outside}."),
        "OFFERED": says(
            Outcome.WARN,
            "{address} says that it resolves for strangers (RA is set), but it answered {rcode} for {outside}.",
        ),
        "NOT_OFFERED": says(Outcome.PASS, "{address} does not resolve for strangers: {rcode}, and RA is not set."),
        "SILENT": says(Outcome.PASS, "{address} does not answer a stranger's question about a name of others."),
    },
)
def open_resolver(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    def judge(_: Zone, address: IPAddress) -> Verdict:
        tries = heard(evidence, ctx, address, (_OUTSIDE, "A"), "udp", rd=True)
        if not tries:
            return undecided.at(address, "udp/53", unseen(ctx, address))
        return min((_say(one) for one in tries), key=lambda verdict: _ORDER.index(verdict.code))

    yield from every_server.judge_each(subject, evidence, ctx, judge)


def _say(one: Heard) -> Verdict:
    address = one.step.server
    args: dict[str, Arg] = {"address": str(address)}
    if one.reason is not None:
        return undecided.at(address, "udp/53", one.reason, (one.evidence,))
    if one.unreadable:
        return undecided.at(address, "udp/53", Reason.AMB, (one.evidence,))
    if one.message is None:
        code = "SILENT"
    elif not one.message.flags & dns.flags.RA:
        code, args["rcode"] = "NOT_OFFERED", one.rcode
    elif _resolved(one):
        code, args["outside"] = "OPEN", _OUTSIDE
    else:
        code, args["rcode"], args["outside"] = "OFFERED", one.rcode, _OUTSIDE
    return Verdict(code=code, args=args, address=address, evidence=(one.evidence,))


def _resolved(one: Heard) -> bool:
    """Whether the answer is the correct one and not this server's own (AA)."""
    message = one.message
    if message is None or message.flags & dns.flags.AA or message.rcode() != dns.rcode.NOERROR:
        return False
    found = {rdata.to_text() for rrset in message.answer if rrset.rdtype == dns.rdatatype.A for rdata in rrset}
    return bool(found & _KNOWN)
