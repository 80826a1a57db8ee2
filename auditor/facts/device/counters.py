"""Compute how much a counter grew between two readings, or say why that is not known.

A counter wraps at 2^32 or 2^64, begins anew when its device restarts, and may be set back otherwise, which
ifCounterDiscontinuityTime then tells (RFC 2863). What cannot be told apart for certain is no increase at all: a wrap
taken for a restart loses one sample, a restart taken for a wrap invents traffic that nobody sent.
"""

from dataclasses import dataclass
from enum import StrEnum

_TICKS = 100
"""sysUpTime counts hundredths of a second and wraps after 497 days (RFC 3418)."""
_WRAP = 1 << 32
SLACK = 15.0
"""Seconds that an answer may be late: as long as a question is waited for and asked again."""
_DRIFT = 0.05
"""By how much a device's clock may run fast or slow."""
_FASTEST = 1e12
"""Whatever is counted: more than this a second is nonsense (octets at 8 Tbit/s)."""


class UnknownIncrease(StrEnum):
    """Why an increase is not known."""

    RESTART = "restart"
    DISCONTINUITY = "discontinuity"
    CLOCK = "clock"
    """The device's clock and ours do not agree on how long it was."""
    BACKWARDS = "backwards"
    WRAPS = "wraps"
    """It may have wrapped more than once."""
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterReading:
    """A counter at one time. ``at``: seconds of a clock of ours that is never set; ``uptime``: the device's sysUpTime
    in hundredths of a second; ``discontinuity``: ifCounterDiscontinuityTime. None where the device does not say."""

    value: int
    at: float
    uptime: int | None = None
    discontinuity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Increase:
    """``seconds`` are by the device's own clock where it has one."""

    amount: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.amount / self.seconds


def increase(
    before: CounterReading, after: CounterReading, *, bits: int, fastest: float | None = None
) -> Increase | UnknownIncrease:
    """The growth of a counter of ``bits`` (32 or 64); ``fastest`` is the most that it can grow in a second, where that
    is known."""
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
    """The seconds between two readings of sysUpTime that were taken ``elapsed`` seconds of ours apart, if the device
    has not restarted between them."""
    if elapsed <= 0:
        return UnknownIncrease.CLOCK
    if before is None or after is None:
        return elapsed
    seconds = ((after - before) % _WRAP) / _TICKS
    tolerance = SLACK + _DRIFT * elapsed
    if before / _TICKS <= tolerance:
        return UnknownIncrease.CLOCK  # it had just started: a second start looks like the first one going on
    if abs(seconds - elapsed) <= tolerance and seconds > 0:
        return seconds
    return UnknownIncrease.RESTART if after < before else UnknownIncrease.CLOCK
