"""Tells the work on a job to stop, and why."""

import asyncio
from dataclasses import dataclass, field
from enum import Enum


class StopReason(Enum):
    """Lists the reasons to stop. ``ENDING``: the service ends, the job does not."""

    CANCELLED = "cancelled"
    ENDING = "ending"


@dataclass(slots=True)
class StopSignal:
    """Holds whether to stop, and why; the end of the service takes precedence over a cancellation."""

    why: StopReason | None = None
    event: asyncio.Event = field(default_factory=asyncio.Event)

    def stop(self, why: StopReason) -> None:
        if self.why is not StopReason.ENDING:
            self.why = why
        self.event.set()
