"""Check that the subject's IPv6 addresses answer ICMPv6 echo.

A filtered echo is no IPv6 failure (trap P3): where anything else shows that the address is alive it is a warning.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.attribution import excuse
from auditor.facts.dns.names import own
from auditor.facts.life import sign_of_life
from auditor.facts.path.packets import ECHOES, is_small
from auditor.facts.path.repeated_connects import connects_were_lost_too
from auditor.facts.path.vantage_path import may_be_ours
from auditor.facts.v6_targets import judged_v6
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Kind, Subject
from probes.framework.evidence import Evidence, EvidenceSet, Failure, FailureKind
from probes.observations.dns import NameLookup
from probes.observations.path import EchoTrain
from probes.observations.transport import EchoSeries, TcpConnect

_LOST_BY_CHANCE, _SHARE = 1, 0.05
"""The replies that may be lost, of 20 as of 5: any packet may be lost. Of more than 20, one in twenty."""
_SILENCE = Failure(kind=FailureKind.TIMEOUT)


@check(
    version=9,
    title="Host answers ICMPv6 echo",
    problem="Host does not answer over IPv6",
    problems={
        "LOSSY": "Host answers only part of the IPv6 pings",
        "FILTERED": "ICMPv6 echo is blocked",
        "UNREACHABLE": "The network reports the IPv6 address as unreachable",
    },
    why="Echo is how operators tell a dead host from a broken path; dropping it takes away the first tool of every"
    " repair.",
    fix="Permit ICMPv6 types 128 and 129 with a rate limit, on the host and on the firewalls before it.",
    references=("RFC 4890 §4.3.1", "RFC 4890 §4.4.1", "RFC 4443 §4"),
    needs=(NameLookup, EchoSeries, TcpConnect),
    beside=(EchoTrain,),
    kinds=frozenset(Kind) - {Kind.MAIL, Kind.ZONE, Kind.UNIT},
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.V6,
    transports=frozenset({"icmp"}),
    unit=Granularity.ADDRESS,
    excused_by=dict.fromkeys(("SILENT", "FILTERED"), frozenset({"tcp"})),
    excused_if_late=dict.fromkeys(("SILENT", "UNREACHABLE", "FILTERED"), ECHOES),
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "ANSWERS": passed("{address} answers {received:n} of {sent:n} ICMPv6 echo {sent/request/requests}."),
        "LOSSY": warn(
            "{address} answers only {received:n} of {sent:n} ICMPv6 echo {sent/request/requests}.",
            fix="Look for loss on the path and for a rate limit on echo that is too tight.",
        ),
        "FILTERED": warn("{address} answers no ICMPv6 echo, although a service on it answers."),
        "SILENT": fail("{address} answers no ICMPv6 echo and gave no other sign of life in this round."),
        "UNREACHABLE": fail(
            "{address} is reported as unreachable by ICMPv6 and gave no other sign of life in this round.",
            fix="Repair the route to the address, or the filter that rejects the packets.",
        ),
        "NO_ECHO": not_applicable("The owner declared that {name} does not answer echo on purpose."),
        **not_judged.NO_IPV6_ADDRESS,
    },
)
def echo(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = subject.host or subject.name
    look = own(subject, evidence, ctx, "AAAA")
    addresses = judged_v6(subject, evidence, ctx)
    if subject.has_tag("no-echo"):
        yield Verdict(code="NO_ECHO", args={"name": name})
    elif addresses:
        yield from (_judge(evidence, ctx, address) for address in addresses)
    elif not look.known:
        yield not_judged.dns(look)
    else:
        yield Verdict(code="NO_ADDRESS", args={"name": name}, evidence=look.evidence)


def _judge(evidence: EvidenceSet, ctx: Context, address: IPv6Address) -> Verdict:
    every = [(envelope, step) for envelope, step in evidence.of(EchoSeries) if step.address == address]
    series = [(envelope, step) for envelope, step in every if is_small(step)]
    best = _best(series) or _best([*every, *_trains(evidence, address)])  # a filter lets none of them pass
    if best is not None:
        envelope, step = best
        lost = step.sent - step.received
        code = "ANSWERS" if lost <= max(_LOST_BY_CHANCE, _SHARE * step.sent) else "LOSSY"
        if code == "LOSSY" and may_be_ours(ctx, address, lost, step.sent):
            return not_judged.at(address, "icmp", Reason.V6, (envelope.id,))
        shut = excuse(ctx, envelope, _SILENCE, address, "icmp") if code == "LOSSY" else None
        if shut is Reason.RATE:  # it banned us, or let us in again, in the midst of the series
            return not_judged.at(address, "icmp", shut, (envelope.id,))
        args: dict[str, Arg] = {"address": str(address), "received": step.received, "sent": step.sent}
        return Verdict(code=code, args=args, address=address, evidence=(envelope.id,))
    failures = [(_why(ctx, envelope, step), envelope, step) for envelope, step in series]
    proven = [(envelope, step) for reason, envelope, step in failures if reason is None]
    if not proven:
        reason = next((reason for reason, _, _ in failures), Reason.CUT)
        return not_judged.at(address, "icmp", reason, tuple(envelope.id for _, envelope, _ in failures))
    step, ids = proven[0][1], tuple(envelope.id for envelope, _ in proven)
    alive = sign_of_life(evidence, address)
    args = {"address": str(address)}
    if alive is not None and connects_were_lost_too(evidence, address, sum(each.sent for _, each in proven)):
        return not_judged.at(address, "icmp", Reason.SMPL, ids)
    if alive is not None:
        return Verdict(code="FILTERED", args=args, address=address, evidence=(*ids, alive))
    silent = step.failure is None or step.failure.kind is FailureKind.TIMEOUT
    return Verdict(code="SILENT" if silent else "UNREACHABLE", args=args, address=address, evidence=ids)


_Series = tuple[Evidence, EchoSeries | EchoTrain]


def _best(series: Iterable[_Series]) -> _Series | None:
    """Return the series with the largest share of replies, None if there was no reply."""
    answered = (pair for pair in series if pair[1].received)
    return max(answered, key=lambda pair: (pair[1].received / pair[1].sent, pair[1].sent), default=None)


def _trains(evidence: EvidenceSet, address: IPv6Address) -> Iterator[_Series]:
    yield from ((envelope, step) for envelope, step in evidence.of(EchoTrain) if step.address == address)


def _why(ctx: Context, envelope: Evidence, step: EchoSeries) -> Reason | None:
    if not step.sent and step.failure is None:
        return Reason.CUT
    return excuse(ctx, envelope, step.failure or _SILENCE, step.address, "icmp")
