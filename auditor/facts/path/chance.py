"""Test whether chance explains that one family, or packets of one sort, failed more often than others."""

from math import comb

UNLIKELY = 0.05
"""What would come about by chance this seldom is not taken for chance."""
_ALL_LOST = 0.001
"""How likely it may be at most that what loses others too lost all of one sort by chance, to be held against it."""


def explains(failed: int, tried: int, failed_other: int, tried_other: int, *, unlikely: float = UNLIKELY) -> bool:
    """Fisher's exact test, one-sided: so many failures or more among the first, had all of both been drawn alike."""
    failures, every = failed + failed_other, tried + tried_other
    draws = comb(every, tried)
    most = min(failures, tried)
    ways = sum(comb(failures, n) * comb(every - failures, tried - n) for n in range(failed, most + 1))
    return ways / draws > unlikely  # of whole numbers: a product with a float is too large from a thousand on


def lost_all(lost: int, lost_others: int, others: int) -> bool:
    """Say whether what loses others too may have lost all ``lost`` of one sort by chance.

    Where none of the others was lost, or none arrived, this says nothing.
    """
    return bool(lost) and 0 < lost_others < others and explains(lost, lost, lost_others, others, unlikely=_ALL_LOST)
