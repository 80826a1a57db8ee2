"""Tests whether chance explains that one family, or packets of one kind, had worse results than others."""

from bisect import bisect_left
from collections.abc import Sequence
from math import comb, sqrt

UNLIKELY = 0.05
"""Probability at or below which a result is not attributed to chance."""
SELDOM = 0.001
"""The same for defects reported about one of hundreds of subjects of a round.

With a probability ten times as large, some subjects of every round would be reported wrongly.
"""
_DEVIATIONS = 3.09
"""Number of standard deviations that a normal distribution exceeds with probability ``SELDOM``."""


def explains(failed: int, tried: int, failed_other: int, tried_other: int, *, unlikely: float = UNLIKELY) -> bool:
    """True if chance explains so many failures in the first sample, by Fisher's exact test, one-sided.

    That is a probability above ``unlikely`` of as many failures or more, had both samples been drawn alike.
    """
    failures, every = failed + failed_other, tried + tried_other
    draws = comb(every, tried)
    most = min(failures, tried)
    ways = sum(comb(failures, n) * comb(every - failures, tried - n) for n in range(failed, most + 1))
    return ways / draws > unlikely  # divides integers: a product with a float overflows from a thousand on


def surely_longer(delays: Sequence[float], others: Sequence[float], by: float) -> bool:
    """True if ``delays`` are longer than ``others`` plus ``by`` beyond chance, by Mann and Whitney's test, one-sided.

    On a line with varying delays, medians of a few packets differ by chance.
    """
    pairs, shorter = len(delays) * len(others), sorted(others)
    longer = sum(bisect_left(shorter, delay - by) for delay in delays)
    deviation = sqrt(pairs * (len(delays) + len(others) + 1) / 12)
    return longer > pairs / 2 + _DEVIATIONS * deviation


def lost_all(lost: int, lost_others: int, others: int, *, unlikely: float = SELDOM) -> bool:
    """True if all ``lost`` packets of one kind may have been lost by chance, at the loss rate of the others.

    False if none of the others was lost, or none arrived: then there is no rate to compare with.
    """
    return bool(lost) and 0 < lost_others < others and explains(lost, lost, lost_others, others, unlikely=unlikely)
