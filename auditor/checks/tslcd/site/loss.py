"""Measure the packet loss to each address of a connection point.

Where samples of the day are stored, they decide; without them the round of this run does, and the finding states so.
Loss between the vantage and its own controls is subtracted first (CHECKS G5).
"""

from collections.abc import Iterator
from dataclasses import replace

from auditor.facts.path.vantage_path import may_be_ours
from auditor.facts.tslcd import points
from auditor.facts.tslcd.delays import MeasuredPath, way
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import ROUNDS, Arg, Reason, Verdict
from inventory.model import IPAddress, Kind, Network, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.framework.expand import addresses
from probes.observations.series import LOSS, LOSS_SLOW, POINT_QUALITY, SeriesWindow
from probes.observations.transport import EchoSeries, StampSeries

_ID = "tslcd.site.loss"


@check(
    version=4,
    title="Packet loss",
    problem="Connection loses many packets",
    problems={"SOME": "Connection loses packets", "SOME_DAY": "Connection loses packets"},
    why="From one packet in fifty lost on, speech breaks up and transfers crawl.",
    fix="Check the line for errors and the channel for overload, then open a fault ticket with the provider.",
    references=("RFC 7680", "RFC 8762"),
    needs=(EchoSeries, StampSeries, SeriesWindow),
    kinds=frozenset({Kind.CONNECTION_POINT}),
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.TSL}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"icmp"}),
    unit=Granularity.ADDRESS,
    window=POINT_QUALITY,
    messages={
        **points.NO_ADDRESS,
        "LOW": passed("{address}: {lost:percent} lost of {count:n} {count/packet/packets}."),
        "SOME": warn("{address}: {lost:percent} lost of {count:n} {count/packet/packets}."),
        "HIGH": fail("{address}: {lost:percent} lost of {count:n} {count/packet/packets}."),
        "LOW_DAY": passed("IPv{family} to {name}: {lost:percent} lost in the last day, {peak:percent} at p95."),
        "SOME_DAY": warn("IPv{family} to {name}: {lost:percent} lost in the last day, {peak:percent} at p95."),
        "HIGH_DAY": fail("IPv{family} to {name}: {lost:percent} lost in the last day, {peak:percent} at p95."),
        "FEW_LOST": inconclusive(
            "{address}: {lost:n} of {count:n} {count/packet/packets} lost. That is too few to tell a share from;"
            " {needed:n} are needed.",
            fix="Let the sampling run for a day (auditor serve, or auditor sample every five minutes).",
            reason=Reason.SMPL,
        ),
        "POLICED": inconclusive(
            "{address} answers every echo request that comes slowly and not all that come close together: a limit on"
            " echo, which says nothing of loss.",
            fix="Run a STAMP responder at the site (auditor respond), or exempt this vantage from the limit.",
            reason=Reason.RATE,
        ),
        "NEAR_US": inconclusive(
            "{address}: {lost:percent} lost. Between this vantage and its own controls {own:percent} are lost, so that"
            " nothing tells how much the site loses.",
            fix="Look for the loss on the vantage's own line, then measure again.",
        ),
        "NOT_MEASURED": inconclusive("{address}: no echo came back, so loss cannot be told."),
    },
)
def loss(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = addresses(subject, evidence)
    if not found:
        yield points.says_of(subject, "NO_ADDRESS", points.row(evidence))
    for address in found:
        first = next(other_address for other_address in found if other_address.version == address.version)
        sampled = _of_day(subject, evidence, ctx, first)
        if sampled is None:
            yield _of_round(address, way(evidence, ctx, address), ctx)
        elif address == first:  # samples are of a family, not of an address
            yield replace(sampled, address=address)


def _of_day(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress) -> Verdict | None:
    least, family = ctx.policy.threshold(_ID, "min_samples"), address.version
    for envelope, step in evidence.of(SeriesWindow):
        whole = step.whole
        mine = (step.window, step.metric, step.family) == (POINT_QUALITY, LOSS, family)
        if mine and whole.mean is not None and whole.p95 is not None and whole.counted >= least:
            if _grade(whole.mean, ctx) != "LOW" and _spares_slow(evidence, ctx, family):
                return Verdict(code="POLICED", args={"address": written(address)}, evidence=(envelope.id,))
            code = _grade_of_day(_theirs(whole.mean, ctx, family), _theirs(whole.p95, ctx, family), ctx)
            if code == "LOW" != _grade_of_day(whole.mean, whole.p95, ctx):
                return _near_us(address, whole.mean, ctx, (envelope.id,))
            args: dict[str, Arg] = {
                "name": points.name_of(subject),
                "family": family,
                "lost": round(whole.mean, 5),
                "peak": round(whole.p95, 5),
            }
            return Verdict(code=f"{code}_DAY", args=args, evidence=(envelope.id,))
    return None


def _theirs(share: float, ctx: Context, family: int) -> float:
    """Return the share of loss that does not occur near the vantage."""
    own = ctx.vantage.own.get(family)
    return share if own is None or not own.is_lossy else max(0.0, share - own.loss / 100)


def _grade_of_day(mean: float, peak: float, ctx: Context) -> str:
    if _grade(mean, ctx) == "HIGH":
        return "HIGH"
    return "LOW" if _grade(mean, ctx) == "LOW" and peak <= ctx.policy.threshold(_ID, "max_p95") else "SOME"


def _near_us(address: IPAddress, share: float, ctx: Context, evidence: tuple[EvidenceId, ...]) -> Verdict:
    args: dict[str, Arg] = {
        "address": written(address),
        "lost": round(share, 4),
        "own": round(ctx.vantage.own[address.version].loss / 100, 4),
    }
    reason = Reason.V6 if address.version == 6 else Reason.V4
    return Verdict(code="NEAR_US", args=args, address=address, evidence=evidence, reason=reason)


def _spares_slow(evidence: EvidenceSet, ctx: Context, family: int) -> bool:
    """True if hardly any of the slowly sent requests was lost over the day."""
    least = ctx.policy.threshold(_ID, "min_samples")
    return any(
        step.whole.mean is not None and step.whole.counted >= least and _grade(step.whole.mean, ctx) == "LOW"
        for _, step in evidence.of(SeriesWindow)
        if (step.window, step.metric, step.family) == (POINT_QUALITY, LOSS_SLOW, family)
    )


def _grade(share: float, ctx: Context) -> str:
    if share <= ctx.policy.threshold(_ID, "pass_share"):
        return "LOW"
    return "SOME" if share <= ctx.policy.threshold(_ID, "fail_share") else "HIGH"


def _of_round(address: IPAddress, seen: MeasuredPath | Reason, ctx: Context) -> Verdict:
    args: dict[str, Arg] = {"address": written(address)}
    if isinstance(seen, Reason):
        return Verdict(code="NOT_MEASURED", args=args, address=address, reason=seen)
    if seen.policed and _grade(seen.share, ctx) != "LOW":
        return Verdict(code="POLICED", args=args, address=address, evidence=seen.evidence)
    code = _grade(_theirs(seen.share, ctx, address.version), ctx)
    if _grade(seen.share, ctx) != "LOW" and (code == "LOW" or may_be_ours(ctx, address, seen.lost, seen.sent)):
        return _near_us(address, seen.share, ctx, seen.evidence)
    needed = int(ctx.policy.threshold(_ID, "min_packets"))
    if seen.lost and seen.sent < needed:
        args |= {"lost": seen.lost, "count": seen.sent, "needed": needed}
        return Verdict(code="FEW_LOST", args=args, address=address, evidence=seen.evidence)
    args |= {"lost": round(seen.share, 4), "count": seen.sent, ROUNDS: 1}
    return Verdict(code=code, args=args, address=address, evidence=seen.evidence)
