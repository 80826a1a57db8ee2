"""Check that no address of a name server sends the whole zone to an unauthenticated client.

The question is sent once and the connection closed after the first message. A refusal is a response code: NOERROR with
the zone's SOA first has begun the transfer, in a message of its own (as PowerDNS sends it) or not.
"""

from collections.abc import Iterator
from dataclasses import replace

import dns.name
import dns.rcode
import dns.rdatatype

from auditor.facts import not_judged
from auditor.facts.attribution import BEHIND_NAT, FromOutside, from_outside, unseen
from auditor.facts.dns import every_server
from auditor.facts.dns.error_limits import ERRS_AT_TIMES, passing
from auditor.facts.dns.every_server import ServerAddress
from auditor.facts.dns.exchanges import QuestionAttempt, heard
from auditor.facts.dns.nameservers import Zone
from auditor.facts.targets import for_each
from auditor.framework.check import FamilyClaim, Granularity, SilenceMeaning, check, fail, inconclusive, passed
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet, FailureKind
from probes.observations.dns import Delegation, DnsExchange, EdnsAnswer, NameLookup

_HANDED = frozenset({"TRANSFERRED", "BEGUN"})
_ORDER = ("TRANSFERRED", "BEGUN", "REFUSED", "ERRS_AT_TIMES", "NOT_DECIDED", "CLOSED", "SILENT")


@check(
    version=5,
    title="Zone transfer is refused to strangers",
    problem="Zone transfer (AXFR) is open to strangers",
    why="A zone transfer lists every name of an agency, its test and management hosts among them: the map that an"
    " attacker would otherwise have to draw.",
    fix="Allow zone transfers only to the secondary name servers, by address and TSIG key (allow-transfer in BIND).",
    references=("RFC 5936 §2.2.1, §5", "Zonemaster NAMESERVER03"),
    needs=(Delegation, NameLookup, DnsExchange),
    beside=(EdnsAnswer,),
    kinds=frozenset({Kind.ZONE}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"udp/53", "tcp/53"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.NORMAL,
    question=SilenceMeaning.EXPOSURE,
    messages={
        **every_server.NO_SERVER,
        **BEHIND_NAT,
        **ERRS_AT_TIMES,
        "TRANSFERRED": fail(
            "{address} hands {zone} to strangers: its first message held {count:n} {count/record/records} of the zone."
        ),
        "BEGUN": fail(
            "{address} hands {zone} to strangers: it begins the transfer with the SOA record in a message of its own."
        ),
        "REFUSED": passed("{address} does not transfer {zone} to strangers: it answers {rcode}."),
        "CLOSED": passed("{address} does not transfer {zone} to strangers: it ends the connection."),
        "INSIDE": inconclusive(
            "{address} hands {zone} to the vantage, which stands in the same network: that is not a stranger.",
            fix="Check again from a vantage outside, or allow zone transfers only to the secondary name servers.",
            reason=Reason.VP,
        ),
        "SILENT": passed("{address} does not transfer {zone} to strangers: it does not answer over TCP."),
    },
)
def axfr(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    def judge(server: ServerAddress) -> Verdict:
        zone, address = server.zone, server.address
        tries = heard(evidence, ctx, address, (zone.name, "AXFR"), "tcp")
        if not tries:
            return not_judged.at(address, "tcp/53", unseen(ctx, address))
        verdict = min(
            (passing(evidence, reply) or _say(zone, reply) for reply in tries),
            key=lambda verdict: _ORDER.index(verdict.code),
        )
        outside = from_outside(ctx, evidence, address)
        if verdict.code not in _HANDED or outside is FromOutside.YES:
            return verdict
        args: dict[str, Arg] = {"address": str(address), "zone": zone.name}
        return replace(verdict, code="INSIDE" if outside is FromOutside.NO else "BEHIND_NAT", args=args)

    yield from for_each(every_server.targets(subject, evidence, ctx), judge)


def _say(zone: Zone, reply: QuestionAttempt) -> Verdict:
    address = reply.step.server
    args: dict[str, Arg] = {"address": str(address), "zone": zone.name}
    if reply.reason is not None:
        return not_judged.at(address, "tcp/53", reply.reason, (reply.evidence,))
    if reply.unreadable:
        return not_judged.at(address, "tcp/53", Reason.AMB, (reply.evidence,))
    if reply.message is None:
        silent = reply.step.failure is not None and reply.step.failure.kind is FailureKind.TIMEOUT
        code = "SILENT" if silent else "CLOSED"
    else:
        records = _records(zone.name, reply)
        code = "REFUSED" if not records else "BEGUN" if records == 1 else "TRANSFERRED"
        args |= {"rcode": reply.rcode} if code == "REFUSED" else {}
        args |= {"count": records} if code == "TRANSFERRED" else {}
    return Verdict(code=code, args=args, address=address, evidence=(reply.evidence,))


def _records(zone: str, reply: QuestionAttempt) -> int:
    """Return the number of records if they begin with the zone's SOA as a transfer does (RFC 5936 §2.2), else 0."""
    message = reply.message
    if message is None or message.rcode() != dns.rcode.NOERROR or not message.answer:
        return 0
    first = message.answer[0]
    begins = first.rdtype == dns.rdatatype.SOA and first.name == dns.name.from_text(zone)
    return sum(len(rrset) for rrset in message.answer) if begins else 0
