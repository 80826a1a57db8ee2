"""``tslcd.path.via-tslcd``: every hop on the way to a site that shows itself is inside TSLCD.

Measured from where we stand, so it is the way there and not the way back.
"""

from collections.abc import Iterator

from auditor.check import Claim, Place, Unit, check, says
from auditor.context import Context
from auditor.facts import points
from auditor.facts.blame import excuse, unseen
from auditor.facts.ranges import PRIVATE
from auditor.findings import Arg, Outcome, Reason, Verdict
from inventory.model import IPAddress, Kind, Network, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.framework.expand import addresses
from probes.observations.path import PathTrace

_HALF = 0.5


@check(
    version=1,
    title="Traffic between agencies stays inside TSLCD",
    why="What agencies say to each other is not to cross the Internet, where anybody on the way can hear or stop it.",
    fix="Correct the routing, and what the DNS says inside, so that the way leads through TSLCD alone.",
    references=("TT 06/2026/TT-BKHCN Đ4", "TT 06/2026/TT-BKHCN Đ6.1"),
    needs=(PathTrace,),
    kinds=frozenset({Kind.CONNECTION_POINT}),
    networks=frozenset({Network.TSLCD}),
    vantage=frozenset({Place.TSL}),
    claims=Claim.EACH,
    unit=Unit.ADDRESS,
    messages={
        **points.NO_ADDRESS,
        "INSIDE": says(Outcome.PASS, "All hops to {address} that show themselves are inside TSLCD ({count:n})."),
        "UNKNOWN_HOP": says(
            Outcome.WARN, "On the way to {address} there are private hops of no declared prefix of TSLCD: {hops:list}."
        ),
        "MOSTLY_SILENT": says(
            Outcome.WARN, "Of the hops on the way to {address} {silent:n} of {count:n} do not show themselves."
        ),
        "OUTSIDE": says(Outcome.FAIL, "The way to {address} leads through the Internet: {hops:list}."),
        "NO_PREFIXES": says(
            Outcome.INCONCLUSIVE,
            "Which prefixes belong to TSLCD is not on record, so the hops to {address} cannot be placed.",
            fix="Write them into networks.tslcd.prefixes.",
            reason=Reason.INV,
        ),
        "NOT_TRACED": says(Outcome.INCONCLUSIVE, "The way to {address} could not be traced from here."),
    },
)
def via_tslcd(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = addresses(subject, evidence)
    if not found:
        yield points.says_of(subject, "NO_ADDRESS", points.row(evidence))
    yield from (_judge(address, evidence, ctx) for address in found)


def _judge(address: IPAddress, evidence: EvidenceSet, ctx: Context) -> Verdict:
    traces = points.traces(evidence, address)
    ids = tuple(dict.fromkeys(one.id for one, _ in traces))
    args: dict[str, Arg] = {"address": written(address)}
    failed = [(one, step.failure) for one, step in traces if step.failure is not None]
    if failed and len(failed) == len(traces):
        reason = excuse(ctx, failed[0][0], failed[0][1], address, "icmp") or Reason.CUT
        return Verdict(code="NOT_TRACED", args=args, address=address, evidence=ids, reason=reason)
    hops = _hops([step for _, step in traces if step.failure is None], address)
    shown = sorted({hop for hop in hops if hop is not None}, key=lambda hop: (hop.version, int(hop)))
    if not any(step.reached for _, step in traces) and not shown:
        reason = Reason.SMPL if traces else unseen(ctx, address)
        return Verdict(code="NOT_TRACED", args=args, address=address, evidence=ids, reason=reason)
    prefixes = ctx.reference.networks.get(Network.TSLCD, ())
    strange = [hop for hop in shown if not any(hop in prefix for prefix in prefixes)]
    outside = [hop for hop in strange if not any(hop in network for network in PRIVATE)]
    if not any(prefix.version == address.version for prefix in prefixes):
        return Verdict(code="NO_PREFIXES", args=args, address=address, evidence=ids)
    if outside:
        return Verdict(code="OUTSIDE", args={**args, "hops": points.texts(outside)}, address=address, evidence=ids)
    if strange:
        return Verdict(code="UNKNOWN_HOP", args={**args, "hops": points.texts(strange)}, address=address, evidence=ids)
    silent = hops.count(None)
    if hops and silent > _HALF * len(hops):
        counts: dict[str, Arg] = {**args, "silent": silent, "count": len(hops)}
        return Verdict(code="MOSTLY_SILENT", args=counts, address=address, evidence=ids)
    return Verdict(code="INSIDE", args={**args, "count": len(shown)}, address=address, evidence=ids)


def _hops(traces: list[PathTrace], address: IPAddress) -> list[IPAddress | None]:
    """Who answered at each hop before the address itself, None where nobody did; the silence behind a hop at which the
    trace ended is none of the way."""
    found: list[IPAddress | None] = []
    for trace in traces:
        at: dict[int, IPAddress | None] = {}
        for one in trace.probes:
            if one.answer != "reached" and one.source != address:
                at[one.hop] = at.get(one.hop) or one.source
        reached = [one.hop for one in trace.probes if one.answer == "reached"]
        last = min(reached) - 1 if reached else max((hop for hop, who in at.items() if who is not None), default=0)
        found += [at.get(hop) for hop in range(1, last + 1)]
    return found
