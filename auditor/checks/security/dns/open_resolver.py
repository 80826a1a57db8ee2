"""Check that no address of the inventory resolves other domains' names for unauthenticated clients.

The requested name has addresses that are known beforehand, so that a correct answer is told from a forged one, whether
the server announces recursion (RA) or not; where the answer only sends to TCP, as rate limits do, the answer over TCP
decides. A resolver counts when it was seen to resolve at two moments. RA in a refusal offers nothing: Knot Resolver and
dnsdist set it for whomever they refuse.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import chain

import dns.flags
import dns.rcode
import dns.rdatatype

from auditor.facts import not_judged
from auditor.facts.attribution import BEHIND_NAT, FromOutside, from_outside, unseen
from auditor.facts.dns import every_server
from auditor.facts.dns.error_limits import ASKING, ERRS_AT_TIMES, passing
from auditor.facts.dns.every_server import ServerAddress
from auditor.facts.dns.exchanges import QuestionAttempt, heard, refers_upwards, sends_to_tcp
from auditor.facts.exposure import sweeps
from auditor.facts.targets import for_each
from auditor.framework.check import (
    FamilyClaim,
    Granularity,
    SilenceMeaning,
    check,
    fail,
    inconclusive,
    not_applicable,
    passed,
    warn,
)
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import HOST_KINDS, Clearance, IPAddress, Kind, Network, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NAME_OF_OTHERS, Delegation, DnsExchange, EdnsAnswer, NameLookup
from probes.observations.transport import TcpConnect

_KNOWN = frozenset({"192.0.0.170", "192.0.0.171"})  # RFC 7050 §8.2
_ORDER = (
    *("OPEN", "OFFERED", "REFERS_UPWARDS", "REFUSED", "NOT_OFFERED"),
    *("ANSWERED_ELSEWHERE", "ERRS_AT_TIMES", "NOT_DECIDED", "SILENT"),
)
_ANSWERED = frozenset({"OFFERED", "REFERS_UPWARDS", "REFUSED", "NOT_OFFERED"})
_APART = timedelta(minutes=10)
_BY_DESIGN = "public-resolver"


@check(
    version=12,
    title="No open recursive resolver",
    problem="Resolver answers any client (open resolver)",
    problems={
        "OPEN_ONCE": "Resolver answered an outside client once",
        "OFFERED": "Name server offers recursion to outside clients",
    },
    why="A device that resolves any name for anybody is used to flood others with its answers, and its cache can be"
    " poisoned from outside.",
    fix="Switch recursion off on the public side, or restrict it to the agency's own networks over IPv4 and IPv6.",
    references=("RFC 5358 (BCP 140)", "RFC 7050 §8.2", "Zonemaster NAMESERVER01, NAMESERVER07"),
    needs=(Delegation, NameLookup, DnsExchange),
    beside=(TcpConnect, EdnsAnswer),
    kinds=HOST_KINDS | {Kind.ZONE},
    claims=FamilyClaim.EACH,
    transports=frozenset({"udp/53"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    question=SilenceMeaning.EXPOSURE,
    excused_by={"OPEN": frozenset({"tcp"}), "OFFERED": ASKING},
    messages={
        **every_server.NO_SERVER,
        **BEHIND_NAT,
        "OPEN": fail("{address} resolves names of other domains for outside clients: it found {outside}."),
        "OPEN_ONCE": warn(
            "{address} resolved {outside} for an outside client once, and did not another time.",
            fix="Find out what answers at this address (a server behind it, a device that was replaced), and switch"
            " recursion off there.",
        ),
        "INSIDE": not_applicable(
            "{address} resolves {outside} for the vantage, which is in the same network and so no outside client."
        ),
        "OFFERED": warn(
            "{address} says that it resolves for outside clients (RA is set), but it answered {rcode} for {outside}."
        ),
        "REFUSED": passed(
            "{address} does not resolve for outside clients: it refuses, though with RA set, as some servers do for"
            " everybody."
        ),
        "NOT_OFFERED": passed("{address} does not resolve for outside clients: {rcode}, and RA is not set."),
        "REFERS_UPWARDS": passed(
            "{address} does not resolve for outside clients, but refers them to the servers of {outside}, with an "
            "answer larger than the question, which can be abused to flood others; REFUSED would not amplify."
        ),
        "SILENT": passed("{address} does not answer an outside client's question about a name of another domain."),
        "ANSWERED_ELSEWHERE": inconclusive(
            "{address} was asked for {outside}, and {source} answered in its place. A forwarder that passes "
            "questions on under the client's address looks like that, and can be abused as an open resolver is; so "
            "does a server that answers from another address of its own.",
            fix="Find out what answers at this address. Switch DNS forwarding off on the public side, or let the server"
            " answer from the address that was asked.",
            reason=Reason.AMB,
        ),
        **ERRS_AT_TIMES,
        "BY_DESIGN": not_applicable("{name} is a public resolver by design, says the inventory (tag public-resolver)."),
        "NO_ADDRESS": not_applicable("{name} has no address that can be asked."),
    },
)
def open_resolver(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    if subject.has_tag(_BY_DESIGN):
        yield Verdict(code="BY_DESIGN", args={"name": subject.host or subject.name})
        return
    asked: set[IPAddress] = set()
    judge = partial(_judge, subject, evidence, ctx)
    if Kind.ZONE in subject.kinds:

        def judge_server(server: ServerAddress) -> Verdict:
            asked.add(server.address)
            return judge(server.address)

        yield from for_each(every_server.targets(subject, evidence, ctx), judge_server)
    if subject.kinds & HOST_KINDS or Kind.ZONE not in subject.kinds:
        yield from sweeps.no_addresses(subject, evidence, ctx)
        yield from map(judge, (address for address in sweeps.probed(subject, evidence, ctx) if address not in asked))


def _judge(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress) -> Verdict:
    ways = (heard(evidence, ctx, address, (NAME_OF_OTHERS, "A"), way, rd=True) for way in ("udp", "tcp"))
    tries = tuple(chain.from_iterable(ways))
    if not tries:
        return not_judged.at(address, "udp/53", unseen(ctx, address))
    verdicts = [passing(evidence, reply) or _say(reply) for reply in tries]
    replies = [reply for reply, verdict in zip(tries, verdicts, strict=True) if verdict.code == "OPEN"]
    if not replies:
        return min(verdicts, key=lambda verdict: _ORDER.index(verdict.code))
    whom = _by_whom(subject, evidence, ctx, address)
    if any(verdict.code in _ANSWERED for verdict in verdicts):
        return _open("OPEN_ONCE" if whom == "OPEN" else whom, address, tries)
    seen = [reply.at for reply in replies]
    if ctx.one_round or max(seen) - min(seen) >= _APART:
        return _open(whom, address, replies)
    return not_judged.at(address, "udp/53", Reason.SMPL, tuple(reply.evidence for reply in replies))


def _by_whom(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress) -> str:
    """Return the code of an address that resolved for us."""
    if subject.network is Network.TSLCD and Network.TSLCD in ctx.vantage.networks:
        return "INSIDE"
    outside = from_outside(ctx, evidence, address)
    return {FromOutside.YES: "OPEN", FromOutside.NO: "INSIDE", FromOutside.UNKNOWN: "BEHIND_NAT"}[outside]


def _open(code: str, address: IPAddress, tries: Sequence[QuestionAttempt]) -> Verdict:
    ids = tuple(dict.fromkeys(reply.evidence for reply in tries))
    return Verdict(
        code=code, args={"address": written(address), "outside": NAME_OF_OTHERS}, address=address, evidence=ids
    )


def _say(reply: QuestionAttempt) -> Verdict:
    address, transport = reply.step.server, f"{reply.step.transport}/53"
    args: dict[str, Arg] = {"address": written(address)}
    if reply.message is None and reply.step.answered_from is not None:
        args |= {"outside": NAME_OF_OTHERS, "source": written(reply.step.answered_from)}
        return Verdict(code="ANSWERED_ELSEWHERE", args=args, address=address, evidence=(reply.evidence,))
    if reply.reason is not None:
        return not_judged.at(address, transport, reply.reason, (reply.evidence,))
    if reply.unreadable:
        return not_judged.at(address, transport, Reason.AMB, (reply.evidence,))
    if reply.message is None:
        code = "SILENT"
    elif _resolved(reply):
        code, args["outside"] = "OPEN", NAME_OF_OTHERS
    elif sends_to_tcp(reply.message):
        return not_judged.at(address, transport, Reason.RATE, (reply.evidence,))
    elif not reply.message.flags & dns.flags.RA and refers_upwards(reply.message, NAME_OF_OTHERS):
        code, args["outside"] = "REFERS_UPWARDS", NAME_OF_OTHERS
    elif not reply.message.flags & dns.flags.RA:
        code, args["rcode"] = "NOT_OFFERED", reply.rcode
    elif reply.message.rcode() == dns.rcode.REFUSED:
        code = "REFUSED"
    else:
        code, args["rcode"], args["outside"] = "OFFERED", reply.rcode, NAME_OF_OTHERS
    return Verdict(code=code, args=args, address=address, evidence=(reply.evidence,))


def _resolved(reply: QuestionAttempt) -> bool:
    """True if the answer is the correct one and not this server's own (AA)."""
    message = reply.message
    if message is None or message.flags & dns.flags.AA or message.rcode() != dns.rcode.NOERROR:
        return False
    found = {rdata.to_text() for rrset in message.answer if rrset.rdtype == dns.rdatatype.A for rdata in rrset}
    return bool(found & _KNOWN)
