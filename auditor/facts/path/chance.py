"""Test whether chance explains that one family, or packets of one sort, fared worse than others."""

from bisect import bisect_left
from collections.abc import Sequence
from math import comb, sqrt

UNLIKELY = 0.05
"""What would come about by chance this seldom is not taken for chance."""
SELDOM = 0.001
"""The same where it is held against one of the hundreds of subjects of a round, of whom some would always be accused
of what is ten times as likely."""
_DEVIATIONS = 3.09
"""Standard deviations that a normal distribution exceeds so seldom."""


def explains(failed: int, tried: int, failed_other: int, tried_other: int, *, unlikely: float = UNLIKELY) -> bool:
    """Fisher's exact test, one-sided: so many failures or more among the first, had all of both been drawn alike."""
    failures, every = failed + failed_other, tried + tried_other
    draws = comb(every, tried)
    most = min(failures, tried)
    ways = sum(comb(failures, n) * comb(every - failures, tried - n) for n in range(failed, most + 1))
    return ways / draws > unlikely  # of whole numbers: a product with a float is too large from a thousand on


def surely_longer(delays: Sequence[float], others: Sequence[float], by: float) -> bool:
    """Mann and Whitney's test, one-sided: no chance explains that ``delays`` are longer than ``others`` and ``by``.

    On a line whose delays vary, medians of a few packets differ by themselves.
    """
    pairs, shorter = len(delays) * len(others), sorted(others)
    longer = sum(bisect_left(shorter, delay - by) for delay in delays)
    deviation = sqrt(pairs * (len(delays) + len(others) + 1) / 12)
    return longer > pairs / 2 + _DEVIATIONS * deviation


def lost_all(lost: int, lost_others: int, others: int, *, unlikely: float = SELDOM) -> bool:
    """Say whether what loses others too may have lost all ``lost`` of one sort by chance.

    Where none of the others was lost, or none arrived, this says nothing.
    """
    return bool(lost) and 0 < lost_others < others and explains(lost, lost, lost_others, others, unlikely=unlikely)
