"""Computes loss and delay to one address of a site from the series of one round: STAMP if answered, else echo."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from auditor.facts.attribution import excuse
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from auditor.framework.sample_periods import nearest_rank
from inventory.model import IPAddress
from probes.framework.evidence import Attribution, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.observations.transport import EchoSeries, StampSeries

_CLOSE, _SLOW = 0.05, 0.15
"""Largest interval in seconds of the close series, and smallest of the slow one."""
ENOUGH = 50
"""Smallest number of requests in a series from which loss is computed."""
_SILENCE = Failure(kind=FailureKind.TIMEOUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPath:
    """Holds the loss and delay of one round.

    ``sent`` and ``lost`` are sums of both series, ``close`` and ``slow`` their shares of loss. Delays are in seconds.
    """

    sent: int
    lost: int
    close: float
    slow: float | None
    median: float | None
    fastest: float | None
    jitter: float | None
    evidence: tuple[EvidenceId, ...]

    @property
    def share(self) -> float:
        return self.lost / self.sent

    @property
    def policed(self) -> bool:
        """True if a rate limit drops echo: requests close together are lost, but none of the slow ones."""
        return self.close > 0 and self.slow == 0


def way(evidence: EvidenceSet, ctx: Context, address: IPAddress) -> MeasuredPath | Reason:
    """Return the results of one round, or why there are none; if a STAMP responder is silent, echo is used."""
    for envelope, stamped in evidence.of(StampSeries):
        if stamped.address == address and stamped.sent >= ENOUGH and stamped.received and stamped.failure is None:
            return _told((stamped,), (envelope.id,))
    pairs = [(envelope, step) for envelope, step in evidence.of(EchoSeries) if step.address == address]
    whole = [pair for pair in pairs if not _is_cut(pair[1])]
    close = [pair for pair in whole if pair[1].interval <= _CLOSE and pair[1].sent >= ENOUGH]
    if not close:
        failed = ((envelope, step.failure) for envelope, step in pairs if step.failure is not None)
        reasons = (excuse(ctx, envelope, failure, address, "icmp") for envelope, failure in failed)
        return next((reason for reason in reasons if reason is not None), Reason.CUT)
    envelope, step = close[0]
    if not step.received:
        return excuse(ctx, envelope, step.failure or _SILENCE, address, "icmp") or Reason.SMPL
    slow = next((other for same, other in whole if same.id == envelope.id and other.interval >= _SLOW), None)
    return _told((step,) if slow is None else (step, slow), (envelope.id,))


def _is_cut(step: EchoSeries) -> bool:
    """True if we ended the series or this machine missed replies: those are not lost on the path."""
    return step.failure is not None and step.failure.kind.attribution is Attribution.OURS


def _told(series: Sequence[EchoSeries | StampSeries], evidence: tuple[EvidenceId, ...]) -> MeasuredPath:
    """Return the results of a close series, and of a slow one if there is one."""
    close, slow = series[0], series[1] if len(series) > 1 and series[1].sent else None
    rtts = [rtt for rtt in close.rtts if rtt is not None]
    pairs = pairwise(close.rtts)
    changes = [abs(after - before) for before, after in pairs if before is not None and after is not None]
    return MeasuredPath(
        sent=sum(sery.sent for sery in series),
        lost=sum(sery.sent - sery.received for sery in series),
        close=1 - close.received / close.sent,
        slow=None if slow is None else 1 - slow.received / slow.sent,
        median=nearest_rank(sorted(rtts), 0.5) if rtts else None,
        fastest=min(rtts, default=None),
        jitter=nearest_rank(sorted(changes), 0.95) if changes else None,
        evidence=evidence,
    )
