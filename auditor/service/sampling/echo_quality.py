"""Computes loss, delay and jitter from a hundred echo requests."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from auditor.framework.sample_periods import nearest_rank
from probes.observations.series import JITTER_P95, LOSS, LOSS_SLOW, RTT_MEDIAN, RTT_P95

ENOUGH = 20
"""The replies that a percentile of delays needs."""
DECIMALS = 6
"""Microseconds, and millionths of requests: finer is noise, which no store can make small."""


def quality(slow: Sequence[float | None], close: Sequence[float | None]) -> Mapping[str, float | None]:
    """Return metrics of the requests that left slowly and of those close together.

    Delays are in seconds, None if too few replies came; jitter is between consecutive replies, if both came (RFC 3393).
    """
    rtts = (*slow, *close)
    answered = sorted(rtt for rtt in rtts if rtt is not None)
    pairs = pairwise(close)
    steps = sorted(abs(after - before) for before, after in pairs if before is not None and after is not None)
    told = len(answered) >= ENOUGH
    found = {
        LOSS: 1 - len(answered) / len(rtts) if rtts else None,
        LOSS_SLOW: slow.count(None) / len(slow) if slow else None,
        RTT_MEDIAN: nearest_rank(answered, 0.5) if told else None,
        RTT_P95: nearest_rank(answered, 0.95) if told else None,
        JITTER_P95: nearest_rank(steps, 0.95) if told and steps else None,
    }
    return {metric: None if value is None else round(value, DECIMALS) for metric, value in found.items()}
