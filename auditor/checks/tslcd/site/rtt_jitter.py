"""Measure delay and jitter to each address of a connection point.

Where samples of the day are stored, they decide; without them the round of this run does, and the finding states so. Of
its second or two, only the delay of the fastest packet counts against the path: the rest may be a busy moment of a
line. The delay from a vantage inside TSLCD to its nearest control is its own path's, and is subtracted first (CHECKS
G5).
"""

from collections.abc import Iterator
from dataclasses import replace

from auditor.facts.tslcd import points
from auditor.facts.tslcd.delays import MeasuredPath, way
from auditor.framework.check import (
    FamilyClaim,
    Granularity,
    VantageKind,
    check,
    fail,
    inconclusive,
    not_applicable,
    passed,
    warn,
)
from auditor.framework.context import Context
from auditor.framework.findings import ROUNDS, Arg, Reason, Verdict
from inventory.model import IPAddress, Kind, Network, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.framework.expand import addresses
from probes.observations.series import JITTER_P95, POINT_QUALITY, RTT_MEDIAN, SeriesWindow
from probes.observations.transport import EchoSeries, StampSeries

_ID = "tslcd.site.rtt-jitter"
_MILLI = 1000
_OF_DAY = (
    "{address}: delay {delay:n} ms (median of the day), jitter {jitter:n} ms (median over the day of the p95 of each"
    " five minutes)."
)


@check(
    version=6,
    title="Delay and jitter",
    problem="Delay or jitter is too high",
    problems={"LONG": "Delay or jitter is elevated", "LONG_DAY": "Delay or jitter is elevated"},
    why="Video conferencing is a service of TSLCD; with long or uneven delay people talk over each other.",
    fix="Put video into its own class of service, and have a roundabout path corrected.",
    references=("RFC 2681", "RFC 3393", "khoản 2 Điều 6 Thông tư số 06/2026/TT-BKHCN"),
    needs=(EchoSeries, StampSeries, SeriesWindow),
    kinds=frozenset({Kind.CONNECTION_POINT}),
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({VantageKind.TSL}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"icmp"}),
    unit=Granularity.ADDRESS,
    window=POINT_QUALITY,
    excused_by={"LONG": frozenset({"site_stamp"}), "TOO_LONG": frozenset({"site_stamp"})},
    messages={
        **points.NO_ADDRESS,
        "SHORT": passed("{address}: delay {delay:n} ms (median), jitter {jitter:n} ms (p95)."),
        "LONG": warn("{address}: delay {delay:n} ms (median), jitter {jitter:n} ms (p95)."),
        "TOO_LONG": fail("{address}: delay {delay:n} ms (median), jitter {jitter:n} ms (p95)."),
        "UNEVEN": inconclusive(
            "{address}: delay {delay:n} ms (median), jitter {jitter:n} ms (p95), although the fastest packet took only"
            " {fastest:n} ms. Whether the line is always so busy, a second or two do not tell.",
            fix="Let the sampling run for a day (auditor serve, or auditor sample every five minutes).",
            reason=Reason.SMPL,
        ),
        "SHORT_DAY": passed(_OF_DAY),
        "LONG_DAY": warn(_OF_DAY),
        "TOO_LONG_DAY": fail(_OF_DAY),
        "NEAR_US": inconclusive(
            "{address}: delay {delay:n} ms (median), jitter {jitter:n} ms (p95). From this vantage to the nearest of"
            " its own controls it is {own:n} ms already, so that nothing tells how slow the way to the site is.",
            fix="Name a control close to the vantage under [vantage] control, look at the vantage's own line, and"
            " measure again.",
        ),
        "NEAR_US_UNEVEN": inconclusive(
            "{address}: delay {delay:n} ms (median), jitter {jitter:n} ms (p95). From this vantage to its own controls"
            " jitter is {own:n} ms already, so that nothing tells how uneven the way to the site is.",
            fix="Look at the vantage's own line, and measure again.",
        ),
        "SATELLITE": not_applicable("{name} is declared to be connected by satellite."),
        "NOT_MEASURED": inconclusive("{address}: too few echo replies came back to tell the delay."),
    },
)
def rtt_jitter(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = addresses(subject, evidence)
    if subject.has_tag("satellite"):
        yield points.says_of(subject, "SATELLITE")
        return
    if not found:
        yield points.says_of(subject, "NO_ADDRESS", points.row(evidence))
    sampled = {family: day for family in (4, 6) if (day := _of_day(evidence, ctx, family)) is not None}
    for address in found:
        first = next(other_address for other_address in found if other_address.version == address.version)
        if address.version not in sampled:
            yield _of_round(address, way(evidence, ctx, address), ctx)
        elif address == first:  # samples are of a family, not of an address
            median, jitter, id_ = sampled[address.version]
            code = _code(median, jitter, ctx)
            uneven = _own_uneven(ctx, address)
            theirs = _code(_theirs(median, ctx, address), max(0.0, jitter - uneven), ctx)
            if theirs == "SHORT" != _code(_theirs(median, ctx, address), jitter, ctx):
                own: dict[str, Arg] = {"own": round(uneven * _MILLI, 2)}
                yield _ours(_said(address, "NEAR_US_UNEVEN", median, jitter, (id_,), own), address)
            elif theirs == "SHORT" != code:
                yield _near_us(address, median, jitter, ctx, (id_,))
            else:
                yield _said(address, f"{theirs}_DAY", median, jitter, (id_,), {})


def _of_day(evidence: EvidenceSet, ctx: Context, family: int) -> tuple[float, float, EvidenceId] | None:
    found: dict[str, tuple[float, EvidenceId]] = {}
    least = ctx.policy.threshold(_ID, "min_samples")
    for envelope, step in evidence.of(SeriesWindow):
        mine = step.window == POINT_QUALITY and step.family == family and step.metric in (RTT_MEDIAN, JITTER_P95)
        value = step.whole.median  # steps of these slots are not kept: a percentile of percentiles is no percentile
        if mine and value is not None and step.whole.counted >= least:
            found[step.metric] = (value, envelope.id)
    if len(found) < 2:
        return None
    return found[RTT_MEDIAN][0], found[JITTER_P95][0], found[RTT_MEDIAN][1]


def _of_round(address: IPAddress, seen: MeasuredPath | Reason, ctx: Context) -> Verdict:
    args: dict[str, Arg] = {"address": written(address)}
    if isinstance(seen, Reason):
        return Verdict(code="NOT_MEASURED", args=args, address=address, reason=seen)
    if seen.median is None or seen.fastest is None or seen.jitter is None:
        return Verdict(code="NOT_MEASURED", args=args, address=address, evidence=seen.evidence, reason=Reason.SMPL)
    code, usual = _code(_theirs(seen.fastest, ctx, address), 0.0, ctx), _code(seen.median, seen.jitter, ctx)
    if code == "SHORT" != _code(seen.fastest, 0.0, ctx):
        return _near_us(address, seen.median, seen.jitter, ctx, seen.evidence)
    if code == "SHORT" and usual != "SHORT":
        fastest: dict[str, Arg] = {"fastest": round(seen.fastest * _MILLI, 2)}
        return _said(address, "UNEVEN", seen.median, seen.jitter, seen.evidence, fastest)
    return _said(address, code, seen.median, seen.jitter, seen.evidence, {ROUNDS: 1})


def _code(delay: float, jitter: float, ctx: Context) -> str:
    def within(which: str) -> bool:
        most = [ctx.policy.threshold(_ID, f"{which}_{what}_ms") for what in ("delay", "jitter")]
        return delay * _MILLI <= most[0] and jitter * _MILLI <= most[1]

    return "SHORT" if within("pass") else "LONG" if within("warn") else "TOO_LONG"


def _own(ctx: Context, address: IPAddress) -> float:
    """Return the seconds of delay on the vantage's own path; 0 if it is on the Internet too.
    Controls may then be far away."""
    own = ctx.vantage.own.get(address.version)
    if own is None or own.nearest is None or Network.INTERNET in ctx.vantage.networks:
        return 0.0
    return own.nearest / _MILLI


def _own_uneven(ctx: Context, address: IPAddress) -> float:
    """Return the seconds of jitter on the vantage's own path; 0 on the Internet too, where controls may vary."""
    own = ctx.vantage.own.get(address.version)
    if own is None or own.uneven is None or Network.INTERNET in ctx.vantage.networks:
        return 0.0
    return own.uneven / _MILLI


def _theirs(delay: float, ctx: Context, address: IPAddress) -> float:
    return max(0.0, delay - _own(ctx, address))


def _near_us(
    address: IPAddress, median: float, jitter: float, ctx: Context, evidence: tuple[EvidenceId, ...]
) -> Verdict:
    own: dict[str, Arg] = {"own": round(_own(ctx, address) * _MILLI, 2)}
    return _ours(_said(address, "NEAR_US", median, jitter, evidence, own), address)


def _ours(verdict: Verdict, address: IPAddress) -> Verdict:
    return replace(verdict, reason=Reason.V6 if address.version == 6 else Reason.V4)


def _said(
    address: IPAddress, code: str, median: float, jitter: float, evidence: tuple[EvidenceId, ...], more: dict[str, Arg]
) -> Verdict:
    args: dict[str, Arg] = {
        "address": written(address),
        "delay": round(median * _MILLI, 2),
        "jitter": round(jitter * _MILLI, 2),
        **more,
    }
    return Verdict(code=code, args=args, address=address, evidence=evidence)
