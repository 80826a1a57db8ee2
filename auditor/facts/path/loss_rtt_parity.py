"""Summarises loss and delay of echo over IPv4 and IPv6, measured side by side.

A day of samples, if the store has one, is better evidence than the current round.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from auditor.facts.attribution import excuse
from auditor.facts.path import chance
from auditor.facts.path.repeated_connects import requests
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from auditor.framework.sample_periods import nearest_rank
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceId, EvidenceSet, Failure, FailureKind
from probes.observations.path import EchoTrain
from probes.observations.series import CADENCE, LOSS, LOSS_SLOW, POINT_QUALITY, RTT_MEDIAN, SeriesWindow
from probes.observations.transport import EchoSeries, TcpConnect

_SLOW, _ENOUGH = 0.9, 10
"""Seconds between echo requests that no rate limit drops, and the number of such requests that is enough."""
_SILENCE = Failure(kind=FailureKind.TIMEOUT)
OF_A_SAMPLE = 100
"""Number of echo requests in one sample of loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Holds the results of one family.

    ``milliseconds``: the median round trip, None without a reply; ``rtts``: all of a round, sorted; ``seconds``: the
    duration of the measurement. ``reason``: why the result is not known.
    """

    sent: int = 0
    lost: float = 0
    milliseconds: float | None = None
    rtts: tuple[float, ...] = ()
    seconds: int = 0
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def loss(self) -> float:
        """The loss in per cent."""
        return 100 * self.lost / self.sent if self.sent else 0.0


def side(evidence: EvidenceSet, ctx: Context, addresses: Iterable[IPAddress]) -> Side:
    """Return the results over some addresses of one family.

    An address that answers nothing is filtered or down, which is not loss; it is left out if another one answers.
    """
    wanted = set(addresses)
    pairs = [(envelope, step) for envelope, step in evidence.of(EchoTrain) if step.address in wanted]
    for envelope, step in pairs:
        reason = None if step.failure is None else excuse(ctx, envelope, step.failure, step.address, "icmp")
        if step.received < step.sent and excuse(ctx, envelope, _SILENCE, step.address, "icmp") is Reason.RATE:
            reason = Reason.RATE  # it banned us, or let us in again, in the midst of the train
        if reason is not None:
            return Side(reason=reason, evidence=(envelope.id,))
    if not pairs:
        return Side(reason=Reason.CUT)
    answering = {step.address for _, step in pairs if step.received}
    counted = [(envelope, step) for envelope, step in pairs if step.address in answering] or pairs
    rtts = sorted(1000 * rtt for _, step in counted for rtt in step.rtts if rtt is not None)
    return Side(
        sent=sum(step.sent for _, step in counted),
        lost=sum(step.sent - step.received for _, step in counted),
        milliseconds=median(rtts) if rtts else None,
        rtts=tuple(rtts),
        seconds=max((round(step.interval * step.sent) for _, step in counted), default=0),
        evidence=tuple(dict.fromkeys(envelope.id for envelope, _ in counted)),
    )


def longer(v6: Side, v4: Side) -> float:
    """Return the milliseconds by which IPv6 takes longer; both delays must be known.

    On a longer path the fastest packet takes longer too; any other difference may be caused by our own machine.
    """
    medians = (v6.milliseconds or 0.0) - (v4.milliseconds or 0.0)
    if not v6.rtts or not v4.rtts:
        return medians
    return min(medians, v6.rtts[0] - v4.rtts[0])


def surely_longer(v6: Side, v4: Side, by: float) -> bool:
    """True if chance does not explain that IPv6 takes longer by ``by`` milliseconds; samples of a day always count."""
    return not v6.rtts or not v4.rtts or chance.surely_longer(v6.rtts, v4.rtts, by)


def policed(evidence: EvidenceSet, addresses: Iterable[IPAddress]) -> bool:
    """True if every address that loses echo requests answered all slower ones of the same run.

    Then a rate limit on echo, which is in order, drops requests that come close together.
    """
    wanted = set(addresses)
    trains = [step for _, step in evidence.of(EchoTrain) if step.address in wanted]
    losing = {step.address for step in trains if 0 < step.received < step.sent}
    slow = [
        step
        for _, step in evidence.of(EchoSeries)
        if step.address in losing and step.interval >= _SLOW and step.sent >= _ENOUGH and step.failure is None
    ]
    spared = {step.address for step in slow if step.received == step.sent}
    return bool(losing) and losing <= spared


def spares_connects(evidence: EvidenceSet, addresses: Iterable[IPAddress]) -> bool:
    """True if every address that loses echo requests loses far fewer requests to connect than chance allows.

    Then echo alone is dropped, by a tight limit, and the path loses nothing like as much.
    """
    wanted = set(addresses)
    trains = [step for _, step in evidence.of(EchoTrain) if step.address in wanted and 0 < step.received < step.sent]
    timed = {step.address for _, step in evidence.of(TcpConnect) if step.rtt is not None}  # a repeated one has no time
    return bool(trains) and all(
        step.address in timed and _loses_more(step, *requests(evidence, step.address)) for step in trains
    )


def _loses_more(train: EchoTrain, sent: int, lost: int) -> bool:
    return not chance.explains(train.sent - train.received, train.sent, lost, sent)


def sampled(evidence: EvidenceSet, least: float) -> tuple[Side, Side] | None:
    """Return IPv6 and IPv4 of the last day, from slots with samples of both; None for fewer than ``least`` requests."""
    points = [_points(evidence, metric, family) for family in (6, 4) for metric in (LOSS, RTT_MEDIAN)]
    ids = [id_ for id_, _ in points if id_ is not None]
    slots = [row for row in zip(*(values for _, values in points), strict=False) if None not in row]
    if len(ids) < len(points) or not slots or len(slots) * OF_A_SAMPLE < least:
        return None
    loss6, rtt6, loss4, rtt4 = zip(*slots, strict=True)
    return _sampled(loss6, rtt6, ids[:2]), _sampled(loss4, rtt4, ids[2:])


def slow_loss_of_day(evidence: EvidenceSet) -> float | None:
    """Return the loss in per cent of a day's slow requests over IPv6; None if there were none, as with STAMP."""
    _, points = _points(evidence, LOSS_SLOW, 6)
    known = [value for value in points if value is not None]
    return 100 * math.fsum(known) / len(known) if known else None


def _points(evidence: EvidenceSet, metric: str, family: int) -> tuple[EvidenceId | None, tuple[float | None, ...]]:
    triples = [
        (envelope.started, envelope.id, step.points)
        for envelope, step in evidence.of(SeriesWindow)
        if (step.window, step.metric, step.family, step.interface) == (POINT_QUALITY, metric, family, "")
    ]
    latest = max(triples, key=lambda triple: triple[:2], default=None)
    return (None, ()) if latest is None else latest[1:]


def _sampled(loss: Sequence[float | None], rtts: Sequence[float | None], ids: Sequence[EvidenceId]) -> Side:
    delays = sorted(1000 * rtt for rtt in rtts if rtt is not None)
    return Side(
        sent=OF_A_SAMPLE * len(loss),
        lost=OF_A_SAMPLE * math.fsum(value for value in loss if value is not None),
        milliseconds=nearest_rank(delays, 0.5),
        seconds=CADENCE * len(loss),
        evidence=tuple(dict.fromkeys(ids)),
    )
