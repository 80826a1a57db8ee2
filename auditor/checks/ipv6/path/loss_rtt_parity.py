"""``ipv6.path.loss-rtt-parity``: echo over IPv6 is lost no more often, and takes no longer, than over IPv4.

Judged on the samples of the last day, where the store has enough of both families, or else on what this round measured.
The few pairs of a round say much of the delay and little of loss: there only a difference that chance does not explain
is held against IPv6, and a smaller one decides nothing. Filtered echo is no loss (trap P3).
"""

from collections.abc import Iterable, Iterator

from auditor.check import Claim, Place, check, says
from auditor.context import Context
from auditor.facts import undecided
from auditor.facts.life import silent
from auditor.facts.names import own, usable_v6
from auditor.facts.trains import Side, sampled, side
from auditor.findings import Arg, Outcome, Reason, Verdict
from inventory.model import WEB_KINDS, IPAddress, Kind, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.path import EchoTrain
from probes.observations.series import POINT_QUALITY, SeriesWindow
from probes.observations.transport import EchoSeries, TcpConnect

_ID = "ipv6.path.loss-rtt-parity"
_FIGURES = (
    " ({count:n} {count/pair/pairs} within {seconds:n} s; loss: IPv6 {loss6:n} %, IPv4 {loss4:n} %; median: IPv6"
    " {rtt6:n} ms, IPv4 {rtt4:n} ms)."
)


@check(
    version=1,
    title="IPv6 loss and delay comparable with IPv4",
    why="Both families share the same lines. Where IPv6 loses more or takes longer, it goes another way, through a"
    " tunnel or a slower part of the equipment.",
    fix="Lead IPv6 over the same lines and routers as IPv4, and look for a tunnel, a distant peering or forwarding in"
    " software on the way.",
    references=("RFC 7680", "RFC 2681"),
    needs=(NameLookup, TcpConnect, EchoSeries, EchoTrain, SeriesWindow),
    kinds=WEB_KINDS | {Kind.HOST, Kind.CONNECTION_POINT, Kind.DATACENTRE},
    vantage=frozenset({Place.INET, Place.TSL}),
    claims=Claim.BOTH,
    window=POINT_QUALITY,
    transports=frozenset({"icmp"}),
    messages={
        **undecided.DNS_CODES,
        "ALIKE": says(Outcome.PASS, "Loss and delay over IPv6 are those over IPv4" + _FIGURES),
        "SLOWER": says(Outcome.WARN, "Echo over IPv6 takes longer than over IPv4" + _FIGURES),
        "LOSES_MORE": says(Outcome.WARN, "Echo over IPv6 is lost more often than over IPv4" + _FIGURES),
        "FAR_SLOWER": says(Outcome.FAIL, "Echo over IPv6 takes far longer than over IPv4" + _FIGURES),
        "LOSES_FAR_MORE": says(Outcome.FAIL, "Echo over IPv6 is lost far more often than over IPv4" + _FIGURES),
        "TOO_FEW": says(
            Outcome.INCONCLUSIVE,
            "Too few to tell whether IPv6 loses more than IPv4" + _FIGURES,
            reason=Reason.SMPL,
        ),
        "NO_REPLY": says(
            Outcome.INCONCLUSIVE,
            "Over one family {name} answers no echo request at all, so there is nothing to compare.",
            reason=Reason.SMPL,
        ),
        "UNDECIDED": says(
            Outcome.INCONCLUSIVE, "What was measured does not show how echo to {name} fares over each family."
        ),
        "ONE_FAMILY": says(Outcome.NOT_APPLICABLE, "{name} has addresses of one family alone, or of none."),
    },
)
def loss_rtt_parity(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    looks = [own(subject, evidence, ctx, rtype) for rtype in ("AAAA", "A")]
    unknown = next((look for look in looks if not look.known), None)
    if unknown is not None:
        yield undecided.dns(unknown)
        return
    addresses = usable_v6(subject, evidence, ctx) if subject.kinds & WEB_KINDS else looks[0].v6
    name, ids = looks[0].name, tuple(dict.fromkeys((*looks[0].evidence, *looks[1].evidence)))
    if not addresses or not looks[1].v4:
        yield Verdict(code="ONE_FAMILY", args={"name": name}, evidence=ids)
        return
    day = sampled(evidence, ctx.policy.threshold(_ID, "min_pairs"))
    v6, v4 = day or (side(evidence, ctx, addresses), side(evidence, ctx, looks[1].v4))
    dead = [ids for side_ in (addresses, looks[1].v4) if (ids := _dead(evidence, side_))]
    if dead and Reason.CUT in (v6.reason, v4.reason):
        yield Verdict(code="NO_REPLY", args={"name": name}, evidence=dead[0])
    else:
        yield _judge(name, ctx, v6, v4)


def _dead(evidence: EvidenceSet, addresses: Iterable[IPAddress]) -> tuple[EvidenceId, ...]:
    """Evidence that none of the addresses answers anything; empty where one does, or where that was not tried."""
    tried = [silent(evidence, address) for address in addresses]
    return tuple(dict.fromkeys(id_ for ids in tried for id_ in ids)) if all(tried) else ()


def _judge(name: str, ctx: Context, v6: Side, v4: Side) -> Verdict:
    ids = tuple(dict.fromkeys((*v6.evidence, *v4.evidence)))
    reason = v6.reason or v4.reason
    if reason is not None:
        return Verdict(code="UNDECIDED", args={"name": name}, reason=reason, evidence=ids)
    if v6.milliseconds is None or v4.milliseconds is None:
        return Verdict(code="NO_REPLY", args={"name": name}, evidence=ids)
    args: dict[str, Arg] = {
        "count": min(v6.sent, v4.sent),
        "seconds": min(v6.seconds, v4.seconds),
        "loss6": round(v6.loss, 1),
        "loss4": round(v4.loss, 1),
        "rtt6": round(v6.milliseconds, 1),
        "rtt4": round(v4.milliseconds, 1),
    }
    slower = v6.milliseconds - v4.milliseconds
    if v6.fastest is not None and v4.fastest is not None:  # a way that is longer is so for its fastest packet too;
        slower = min(slower, v6.fastest - v4.fastest)  # what else seconds show may be our own machine's haste
    return Verdict(code=_code(ctx, v6, v4, slower), args=args, evidence=ids)


def _code(ctx: Context, v6: Side, v4: Side, slower: float) -> str:
    def threshold(key: str) -> float:
        return ctx.policy.threshold(_ID, key)

    gap, pairs = v6.loss - v4.loss, min(v6.sent, v4.sent)
    chance = pairs < threshold("min_pairs") and v6.lost - v4.lost < threshold("min_lost_more")
    if gap > threshold("warn_points") and not chance:
        return "LOSES_FAR_MORE"
    if slower > threshold("warn_milliseconds"):
        return "FAR_SLOWER"
    if gap > threshold("pass_points"):
        return "TOO_FEW" if chance else "LOSES_MORE"
    if slower > threshold("pass_milliseconds"):
        return "SLOWER"
    return "TOO_FEW" if pairs < threshold("min_pairs_of_a_round") else "ALIKE"
