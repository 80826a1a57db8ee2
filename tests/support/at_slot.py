"""Runs the auditor with a sampler that comes to a slot of the past soon after it has started, however long that takes.

``python -m tests.support.at_slot SLOT HELD WORD…`` is ``auditor WORD…``; SLOT is a time in seconds. Where HELD names a
file its round is measured and never stored: the file is there from then on.
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from auditor.service.cli.main import main
from auditor.service.sampling import sampler
from auditor.service.sampling.clock import Moment, machine
from auditor.service.sampling.rounds import RoundSampler

_BEFORE = 2
"""Seconds from the sampler's first look at its clock to the slot."""


def clock(begins: int) -> Callable[[], Moment]:
    """Make a clock that shows, when it is first looked at, a time shortly before the slot, and goes on from there."""
    behind: list[float] = []

    def now() -> Moment:
        moment = machine()
        if not behind:
            behind.append((moment.wall - datetime.fromtimestamp(begins - _BEFORE, UTC)).total_seconds())
        return Moment(
            wall=moment.wall - timedelta(seconds=behind[0]), steady=moment.steady - behind[0], boot=moment.boot
        )

    return now


def _held(file: Path) -> Callable[..., None]:
    def hold(*args: object) -> None:
        file.touch()
        time.sleep(86_400)

    return hold


if __name__ == "__main__":
    begins, held = int(sys.argv.pop(1)), sys.argv.pop(1)
    defaults = sampler.Sampler.__init__.__kwdefaults__
    assert defaults is not None
    defaults["clock"] = clock(begins)
    if held:
        setattr(RoundSampler, "_store", _held(Path(held)))  # noqa: B010 - a method that is its own
    main()
