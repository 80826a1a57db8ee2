"""Runs the auditor at an earlier time.

``python -m tests.support.behind SECONDS WORD…`` is ``auditor WORD…`` with its sampler's clocks set back by SECONDS.
Rounds that lie five minutes apart can then be taken without a wait.
"""

import sys
from dataclasses import replace
from datetime import timedelta

from auditor.service.cli.main import main
from auditor.service.sampling import sampler
from auditor.service.sampling.clock import Moment, machine


def back(seconds: float) -> None:
    """Set both clocks of all samplers back by ``seconds``."""

    def then() -> Moment:
        now = machine()
        return replace(now, wall=now.wall - timedelta(seconds=seconds), steady=now.steady - seconds)

    defaults = sampler.Sampler.__init__.__kwdefaults__
    assert defaults is not None
    defaults["clock"] = then


if __name__ == "__main__":
    back(float(sys.argv.pop(1)))
    main()
