"""What pairs of connects came to: how long each family takes, and how much more often one of them fails."""

from dataclasses import dataclass
from statistics import median, quantiles

from auditor.facts.attribution import excuse
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.observations.pages import Pair, PairedConnects


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Milliseconds of those that succeeded, and the share of all that did, from 0 to 1."""

    fastest: float
    median: float
    p95: float
    success: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """``count`` are the pairs that both families took part in. ``reason``: not known, and why."""

    count: int = 0
    v4: Family | None = None
    v6: Family | None = None
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()


def compared(evidence: EvidenceSet, ctx: Context, port: int) -> Compared:
    """All rounds together. A failure that proves nothing about the service makes the whole not known."""
    found = [
        (envelope, pair) for envelope, step in evidence.of(PairedConnects) if step.port == port for pair in step.pairs
    ]
    ids = tuple(dict.fromkeys(envelope.id for envelope, _ in found))
    for envelope, pair in found:
        reason = _unproven(ctx, envelope, pair, port)
        if reason is not None:
            return Compared(count=len(found), reason=reason, evidence=ids)
    return Compared(
        count=len(found),
        v4=_family([pair.seconds4 for _, pair in found]),
        v6=_family([pair.seconds6 for _, pair in found]),
        evidence=ids,
    )


def _unproven(ctx: Context, envelope: Evidence, pair: Pair, port: int) -> Reason | None:
    sides: tuple[tuple[IPAddress, FailureKind | None], ...] = (
        (pair.address4, pair.failure4),
        (pair.address6, pair.failure6),
    )
    for address, kind in sides:
        if kind is not None:
            reason = excuse(ctx, envelope, Failure(kind=kind), address, f"tcp/{port}")
            if reason is not None:
                return reason
    return None


def _family(seconds: list[float | None]) -> Family | None:
    """None where nothing ever connected."""
    done = sorted(1000 * one for one in seconds if one is not None)
    if not done:
        return None
    p95 = quantiles(done, n=20, method="inclusive")[18] if len(done) > 1 else done[0]
    return Family(fastest=done[0], median=median(done), p95=p95, success=len(done) / len(seconds))
