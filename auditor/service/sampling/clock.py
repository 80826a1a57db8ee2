"""Reads two clocks, the wall's and one that nobody can set, so that setting the wall's clock is noticed."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

_BOOT = Path("/proc/sys/kernel/random/boot_id")
BOOT_VARIABLE = "BOOT_ID"
"""Set by systemd's units, which hide most of /proc."""
STEP = 2.0
"""Seconds by which the wall's clock must have been set to be worth telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One time by both clocks. ``steady`` are seconds since the machine named by ``boot`` was started, sleep included;
    they compare only under the same ``boot``."""

    wall: datetime
    steady: float
    boot: str

    def since(self, earlier: "Moment") -> float:
        """Seconds passed, whatever was done to the wall's clock, as far as the machine was not started anew."""
        if self.boot == earlier.boot:
            return self.steady - earlier.steady
        return (self.wall - earlier.wall).total_seconds()

    def step(self, earlier: "Moment") -> float:
        """By how many seconds the wall's clock was set since; 0 where that is too little or cannot be told."""
        if self.boot != earlier.boot:
            return 0.0
        step = (self.wall - earlier.wall).total_seconds() - (self.steady - earlier.steady)
        return step if abs(step) >= STEP else 0.0


Clock = Callable[[], Moment]


def machine() -> Moment:
    """Return both clocks of this machine, now."""
    return Moment(wall=datetime.now(UTC), steady=time.clock_gettime(time.CLOCK_BOOTTIME), boot=_boot())


@cache
def _boot() -> str:
    """Where nobody says it, one that no other process has: its times are then compared by the wall's clock."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return os.environ.get(BOOT_VARIABLE) or uuid4().hex


def slot(time: datetime, seconds: int) -> datetime:
    """Return the beginning of the slot of so many seconds that contains ``time``."""
    return datetime.fromtimestamp(int(time.timestamp()) // seconds * seconds, UTC)


HERE = timedelta(hours=7)
"""Vietnam has one zone, and no summer time."""


def today(time: datetime) -> date:
    """Return the date in Vietnam."""
    return (time.astimezone(UTC) + HERE).date()
