"""Check that echo over IPv6 is lost no more often, and takes no longer, than over IPv4.

Judged on the samples of the last day, if enough of both families are stored, else on this round's measurements. The few
pairs of a round show little about loss, and about a varying delay: there only a difference that chance does not explain
is a defect of IPv6, and a smaller one decides nothing. Filtered echo is no loss (trap P3), nor are echoes that a rate
limit drops (trap P4). Extra delay and loss of IPv6 from here to all hosts are left out.
"""

from collections.abc import Iterator

from auditor.facts import not_judged
from auditor.facts.dns.names import own
from auditor.facts.life import all_silent
from auditor.facts.path import chance
from auditor.facts.path.loss_rtt_parity import (
    Side,
    longer,
    policed,
    sampled,
    side,
    slow_loss_of_day,
    spares_connects,
    surely_longer,
)
from auditor.facts.path.vantage_path import Detour, detour
from auditor.facts.v6_targets import judged_v6
from auditor.framework.check import FamilyClaim, VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.path import EchoTrain
from probes.observations.series import POINT_QUALITY, SeriesWindow
from probes.observations.transport import EchoSeries, TcpConnect

_ID = "ipv6.path.loss-rtt-parity"
_OF_LOSS = frozenset({"LOSES_MORE", "LOSES_FAR_MORE"})
_ACCUSING = _OF_LOSS | {"SLOWER", "FAR_SLOWER"}
_FIGURES = (
    " ({count:n} {count/pair/pairs} within {seconds:n} s; loss: IPv6 {loss6:n} %, IPv4 {loss4:n} %; median: IPv6"
    " {rtt6:n} ms, IPv4 {rtt4:n} ms)."
)


@check(
    version=7,
    title="IPv6 loss and delay comparable with IPv4",
    problem="IPv6 path is worse than the IPv4 path",
    problems={
        "SLOWER": "IPv6 path has a higher delay than IPv4",
        "LOSES_MORE": "IPv6 path loses more packets than IPv4",
        "FAR_SLOWER": "IPv6 path has a far higher delay than IPv4",
        "LOSES_FAR_MORE": "IPv6 path loses far more packets than IPv4",
    },
    why="IPv4 and IPv6 share the same lines. Where IPv6 loses more or takes longer, it goes another way, through a"
    " tunnel or a slower part of the equipment.",
    fix="Lead IPv6 over the same lines and routers as IPv4, and look for a tunnel, a distant peering or forwarding in"
    " software on the way.",
    references=("RFC 7680", "RFC 2681"),
    needs=(NameLookup, TcpConnect, EchoSeries, EchoTrain, SeriesWindow),
    kinds=WEB_KINDS | {Kind.HOST, Kind.CONNECTION_POINT, Kind.DATACENTRE},
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.BOTH,
    window=POINT_QUALITY,
    transports=frozenset({"icmp"}),
    excused_by={"LOSES_MORE": frozenset({"icmp6", "tcp"}), "LOSES_FAR_MORE": frozenset({"icmp6", "tcp"})},
    messages={
        **not_judged.DNS_CODES,
        "ALIKE": passed("Loss and delay over IPv6 are those over IPv4" + _FIGURES),
        "SLOWER": warn("Echo over IPv6 takes longer than over IPv4" + _FIGURES),
        "LOSES_MORE": warn("Echo over IPv6 is lost more often than over IPv4" + _FIGURES),
        "FAR_SLOWER": fail("Echo over IPv6 takes far longer than over IPv4" + _FIGURES),
        "LOSES_FAR_MORE": fail("Echo over IPv6 is lost far more often than over IPv4" + _FIGURES),
        "TOO_FEW": inconclusive("Too few to tell whether IPv6 loses more than IPv4" + _FIGURES, reason=Reason.SMPL),
        "UNSTEADY": inconclusive(
            "How long echo takes varies so much that chance explains why it took longer over IPv6" + _FIGURES,
            reason=Reason.SMPL,
        ),
        "LIMITED": inconclusive(
            "{name} limits echo: requests close together are lost over IPv6, slower ones are not, so that loss is not"
            " known" + _FIGURES,
            reason=Reason.RATE,
        ),
        "OWN_WAY": inconclusive(
            "Echo over IPv6 fares worse than over IPv4; whether that is the vantage's own way over IPv6 is not"
            " known" + _FIGURES,
            fix="Name controls with IPv4 and IPv6 addresses under [vantage] control, and see what the run says about "
            "the vantage itself; then measure again.",
            reason=Reason.V6,
        ),
        "NO_REPLY": inconclusive(
            "Over one family {name} answers no echo request at all, so there is nothing to compare.", reason=Reason.SMPL
        ),
        "UNDECIDED": inconclusive("What was measured does not show how echo to {name} fares over each family."),
        "ONE_FAMILY": not_applicable("{name} has addresses of only one of IPv4 and IPv6, or of neither."),
    },
)
def loss_rtt_parity(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    looks = [own(subject, evidence, ctx, rtype) for rtype in ("AAAA", "A")]
    unknown = next((look for look in looks if not look.known), None)
    if unknown is not None:
        yield not_judged.dns(unknown)
        return
    addresses = judged_v6(subject, evidence, ctx)
    name, ids = looks[0].name, tuple(dict.fromkeys((*looks[0].evidence, *looks[1].evidence)))
    if not addresses or not looks[1].v4:
        yield Verdict(code="ONE_FAMILY", args={"name": name}, evidence=ids)
        return
    day = sampled(evidence, ctx.policy.threshold(_ID, "min_pairs"))
    v6, v4 = day or (side(evidence, ctx, addresses), side(evidence, ctx, looks[1].v4))
    dead = [ids for side_ in (addresses, looks[1].v4) if (ids := all_silent(evidence, side_))]
    if dead and Reason.CUT in (v6.reason, v4.reason):
        yield Verdict(code="NO_REPLY", args={"name": name}, evidence=dead[0])
    else:
        limited = _spares_slow(evidence, ctx, v4) if day is not None else policed(evidence, addresses)
        limited = limited and v6.loss > v4.loss
        verdict = _judge(name, ctx, v6, v4, limited=limited)
        if verdict.code in _OF_LOSS and day is None and spares_connects(evidence, addresses):
            verdict = Verdict(code="UNDECIDED", args={"name": name}, reason=Reason.RATE, evidence=verdict.evidence)
        yield verdict


def _spares_slow(evidence: EvidenceSet, ctx: Context, v4: Side) -> bool:
    """True if over the day the loss of slowly sent packets over IPv6 hardly exceeds the loss over IPv4."""
    slow = slow_loss_of_day(evidence)
    return slow is not None and slow - v4.loss <= ctx.policy.threshold(_ID, "pass_points")


def _judge(name: str, ctx: Context, v6: Side, v4: Side, *, limited: bool) -> Verdict:
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
    code = _code(ctx, v6, v4, Detour())
    if code in _OF_LOSS and limited:
        return Verdict(code="LIMITED", args={**args, "name": name}, evidence=ids)
    if code in _ACCUSING:
        known = detour(ctx, _ID)
        code = "OWN_WAY" if known is None else _code(ctx, v6, v4, known)
    return Verdict(code=code, args=args, evidence=ids)


def _code(ctx: Context, v6: Side, v4: Side, own_detour: Detour) -> str:
    def threshold(key: str) -> float:
        return ctx.policy.threshold(_ID, key)

    gap, pairs = v6.loss - v4.loss - own_detour.points, min(v6.sent, v4.sent)
    slower = longer(v6, v4) - own_detour.milliseconds

    def surely(key: str) -> bool:
        return surely_longer(v6, v4, threshold(key) + own_detour.milliseconds)

    few = pairs < threshold("min_pairs")
    unlikely = chance.SELDOM / 10 if v4.lost else chance.SELDOM  # a lossy line gives all its subjects the chance
    by_chance = few and (
        v6.lost - v4.lost < threshold("min_lost_more")
        or chance.explains(round(v6.lost), v6.sent, round(v4.lost), v4.sent, unlikely=unlikely)
    )
    if gap > threshold("warn_points") and not by_chance:
        return "LOSES_FAR_MORE"
    if slower > threshold("warn_milliseconds") and surely("warn_milliseconds"):
        return "FAR_SLOWER"
    if gap > threshold("pass_points"):
        return "TOO_FEW" if by_chance else "LOSES_MORE"
    if slower > threshold("pass_milliseconds"):
        return "SLOWER" if surely("pass_milliseconds") else "UNSTEADY"
    return "TOO_FEW" if pairs < threshold("min_pairs_of_a_round") else "ALIKE"
