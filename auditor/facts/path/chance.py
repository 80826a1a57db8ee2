"""Test whether chance explains that one family, or packets of one size, failed more often than the other."""

from math import comb

UNLIKELY = 0.05
"""What would come about by chance this seldom is not taken for chance."""


def explains(failed: int, tried: int, failed_other: int, tried_other: int, *, unlikely: float = UNLIKELY) -> bool:
    """Fisher's exact test, one-sided: so many failures or more among the first, had all of both been drawn alike."""
    failures, every = failed + failed_other, tried + tried_other
    draws = comb(every, tried)
    most = min(failures, tried)
    ways = sum(comb(failures, n) * comb(every - failures, tried - n) for n in range(failed, most + 1))
    return ways > unlikely * draws
