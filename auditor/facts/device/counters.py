"""Computes how much a counter grew between two readings, or the reason why that is not known.

A counter wraps at 2^32 or 2^64, restarts at 0 with its device, and may be reset otherwise, which
ifCounterDiscontinuityTime then shows (RFC 2863). An ambiguous case gives no increase: a wrap taken for a restart loses
one sample, but a restart taken for a wrap invents traffic.
"""

from dataclasses import dataclass
from enum import StrEnum

_TICKS = 100
"""Ticks per second of sysUpTime, which wraps after 497 days (RFC 3418)."""
_WRAP = 1 << 32
SLACK = 15.0
"""Seconds that an answer may be late: the total wait for a question and its repetitions."""
_DRIFT = 0.05
"""Share by which a device's clock may run fast or slow."""
_FASTEST = 1e12
"""Largest plausible growth per second of any counter (octets at 8 Tbit/s)."""


class UnknownIncrease(StrEnum):
    """Names the reason why an increase is not known."""

    RESTART = "restart"
    DISCONTINUITY = "discontinuity"
    CLOCK = "clock"
    """The device's clock and ours disagree on the elapsed time."""
    BACKWARDS = "backwards"
    WRAPS = "wraps"
    """The counter may have wrapped more than once."""
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterReading:
    """Holds the value of a counter at one time.

    ``at``: seconds of our monotonic clock; ``uptime``: the device's sysUpTime in hundredths of a second;
    ``discontinuity``: ifCounterDiscontinuityTime. None if the device does not show it.
    """

    value: int
    at: float
    uptime: int | None = None
    discontinuity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Increase:
    """Holds the growth of a counter; ``seconds`` are measured by the device's own clock if it has one."""

    amount: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.amount / self.seconds


def increase(
    before: CounterReading, after: CounterReading, *, bits: int, fastest: float | None = None
) -> Increase | UnknownIncrease:
    """Return the growth of a counter of ``bits`` (32 or 64), or why it is not known.

    ``fastest``: the largest possible growth per second, if known.
    """
    seconds = passed(before.uptime, after.uptime, after.at - before.at)
    if isinstance(seconds, UnknownIncrease):
        return seconds
    told = (before.discontinuity, after.discontinuity)
    if None not in told and told[0] != told[1]:
        return UnknownIncrease.DISCONTINUITY
    amount = after.value - before.value
    if amount < 0:
        if after.uptime is None or before.uptime is None:
            return UnknownIncrease.BACKWARDS
        amount += 1 << bits
        most = (1 << bits) / 2 if fastest is None else fastest * (seconds + SLACK)
        if amount > min(most, _FASTEST * seconds):
            return UnknownIncrease.BACKWARDS
    if fastest is not None and fastest * seconds >= 1 << bits:
        return UnknownIncrease.WRAPS
    if amount > _FASTEST * seconds:
        return UnknownIncrease.IMPOSSIBLE
    return Increase(amount=amount, seconds=seconds)


def passed(before: int | None, after: int | None, elapsed: float) -> float | UnknownIncrease:
    """Return the seconds between two readings of sysUpTime, or why they are not known, as after a restart.

    ``elapsed``: the seconds between them by our clock.
    """
    if elapsed <= 0:
        return UnknownIncrease.CLOCK
    if before is None or after is None:
        return elapsed
    seconds = ((after - before) % _WRAP) / _TICKS
    tolerance = SLACK + _DRIFT * elapsed
    if before / _TICKS <= tolerance:
        return UnknownIncrease.CLOCK  # just started: another restart would look the same
    if abs(seconds - elapsed) <= tolerance and seconds > 0:
        return seconds
    return UnknownIncrease.RESTART if after < before else UnknownIncrease.CLOCK
