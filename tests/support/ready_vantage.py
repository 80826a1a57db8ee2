"""Provides a rehearsal in which commands at the first vantage start at once (``tests.support.ready``).

For files of tests with many short commands: what is imported once for them takes as long as one or two of them.
"""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from containers.rehearsal.lab import Rehearsal
from tests.support.audits import ENVIRONMENT, PROGRAM
from tests.support.ready import Ready

VANTAGE = "vantage"


class ReadyRehearsal(Rehearsal):
    """Runs the same rehearsal; ``run`` forks the auditor at the first vantage if it has no input to read."""

    def __init__(self, lab: Rehearsal, ready: Ready, env: Mapping[str, str]) -> None:
        self.__dict__.update(vars(lab))
        self._ready, self._env = ready, env

    def run(
        self,
        argv: Sequence[str],
        vantage: str = VANTAGE,
        timeout: float | None = 300,
        env: Mapping[str, str] | None = None,
        input: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        ours = len(PROGRAM)
        if vantage != VANTAGE or input is not None or tuple(argv[:ours]) != PROGRAM:
            return super().run(argv, vantage, timeout, env, input)
        return self._ready.run(argv[ours:], {**self._env, **(env or {})}, Path.cwd(), timeout=timeout)


@contextmanager
def ready_at_vantage(lab: Rehearsal) -> Iterator[Rehearsal]:
    """Yield the rehearsal with a process at its first vantage that has the program imported."""
    told = lab.run(["env", "--null"], VANTAGE, env=ENVIRONMENT).stdout.split("\0")
    env = dict(line.split("=", 1) for line in told if line)
    with Ready.here(*lab.command([], VANTAGE)) as ready:
        yield ReadyRehearsal(lab, ready, env)
