"""Defines how much tests of throughput may take, and when."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from inventory.model import Endpoint

HERE = timedelta(hours=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Holds the limits of throughput tests.

    ``hours``: minutes of the day in Vietnam, from and up to, over midnight where the second is the smaller one.
    ``most`` bytes of one test, ``whole`` of all of a run; ``seconds`` of one. ``controls``: servers near us that show
    how much our own line carries.
    """

    hours: tuple[int, int]
    most: int
    whole: int
    seconds: float
    controls: tuple[Endpoint, ...] = ()

    def is_open(self, now: datetime) -> bool:
        """True if tests may begin at ``now``."""
        here = now.astimezone(UTC) + HERE
        minute, (begin, end) = 60 * here.hour + here.minute, self.hours
        return begin <= minute < end if begin < end else minute >= begin or minute < end
