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
"""The environment variable with the boot id, set by systemd's units, which hide most of /proc."""
STEP = 2.0
"""The smallest step of the wall's clock that is reported, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Holds one time by both clocks.

    ``steady`` are seconds since the start of the machine that ``boot`` identifies, including sleep; they compare only
    under the same ``boot``.
    """

    wall: datetime
    steady: float
    boot: str

    def since(self, earlier: "Moment") -> float:
        """Return the seconds passed, independent of the wall's clock unless the machine was restarted in between."""
        if self.boot == earlier.boot:
            return self.steady - earlier.steady
        return (self.wall - earlier.wall).total_seconds()

    def step(self, earlier: "Moment") -> float:
        """Return the seconds by which the wall's clock was set since; 0 if they are too few or unknown."""
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
    """Return the id of this boot; if it is unknown, an id that no other process has.

    Times under different ids are compared by the wall's clock.
    """
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
