"""Computes percentiles by nearest rank, and summarises a period of samples."""

import math
from collections.abc import Sequence
from datetime import datetime

from probes.observations.series import SampleSummary


def nearest_rank(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` (0 to 1) of the values do not exceed.

    ``ordered`` is sorted and not empty. Of 288 values the 95th percentile is the 274th.
    """
    # Round before rounding up: 0.95 x 100 may be 95.00000000000001 or 94.99999999999999 in floating point.
    return ordered[max(0, math.ceil(round(share * len(ordered), 9)) - 1)]


def period(
    start: datetime, values: Sequence[float], *, gaps: int = 0, vantage: int = 0, maintenance: int = 0
) -> SampleSummary:
    """Return the summary of a period; ``values`` are the samples that count, the numbers count those that do not."""
    ordered = sorted(values)
    some = bool(ordered)
    return SampleSummary(
        start=start,
        counted=len(ordered),
        gaps=gaps,
        vantage=vantage,
        maintenance=maintenance,
        total=math.fsum(ordered) if some else None,
        minimum=ordered[0] if some else None,
        maximum=ordered[-1] if some else None,
        median=nearest_rank(ordered, 0.5) if some else None,
        p95=nearest_rank(ordered, 0.95) if some else None,
    )


def together(parts: Sequence[SampleSummary], *, gaps: int = 0, exact: bool = False) -> SampleSummary:
    """Return some periods as one that starts with the first. Without ``exact``, median and 95th percentile are None."""
    counted = [part for part in parts if part.counted]
    return SampleSummary(
        start=parts[0].start,
        counted=sum(part.counted for part in parts),
        gaps=gaps + sum(part.gaps for part in parts),
        vantage=sum(part.vantage for part in parts),
        maintenance=sum(part.maintenance for part in parts),
        total=math.fsum(period.total or 0.0 for period in counted) if counted else None,
        minimum=min((period.minimum for period in counted if period.minimum is not None), default=None),
        maximum=max((period.maximum for period in counted if period.maximum is not None), default=None),
        median=parts[0].median if exact else None,
        p95=parts[0].p95 if exact else None,
    )
