"""Holds what all evidence of a run shows together of the vantage and its way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WebTime:
    """By so many seconds the clocks of web servers of ``owners`` of addresses are ahead of ours, in the median."""

    ahead: float
    owners: int
