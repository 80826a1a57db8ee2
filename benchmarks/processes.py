"""Measures whole processes from outside: wall and CPU time, and the peak memory of the largest one."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
PROGRAM = (sys.executable, "-P", "-m", "auditor.service.cli.main")
ENVIRONMENT = {"PYTHONPATH": str(SOURCE), "AUDITOR_LANG": "en", "PYTHONDONTWRITEBYTECODE": ""}
"""An installed program has its bytecode; one that may write none compiles itself anew at every start."""


LOOK = 0.25
"""Seconds between two looks at a process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessCost:
    """Holds the costs of a process and those it waited for.

    ``queued``: seconds in which the busiest of them could have run, but others had the processor, the measured servers
    among them.
    """

    code: int
    wall: float
    cpu: float
    peak_mb: float
    queued: float = 0.0


def measure(argv: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> ProcessCost:
    """Run a program to its end; its output goes to standard error."""
    began = time.perf_counter()
    process = subprocess.Popen(
        argv, cwd=cwd, env={**os.environ, **ENVIRONMENT, **(env or {})}, stdin=subprocess.DEVNULL, stdout=sys.stderr
    )
    queued = 0.0
    ended = os.pidfd_open(process.pid)
    while not select.select([ended], [], [], LOOK)[0]:
        queued = max(queued, _queued(process.pid))
    wall = time.perf_counter() - began
    os.close(ended)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return ProcessCost(
        code=process.returncode,
        wall=wall,
        cpu=used.ru_utime + used.ru_stime,
        peak_mb=used.ru_maxrss / 1024,
        queued=queued,
    )


def _queued(pid: int) -> float:
    """Return the queued seconds of the first thread of the busiest process of a tree (sched-stats.rst of Linux)."""
    pairs, left = [(0, 0)], [pid]
    while left:
        number = left.pop()
        with suppress(OSError, ValueError):
            task = Path(f"/proc/{number}/task/{number}")
            ran, waited, _ = map(int, (task / "schedstat").read_text("ascii").split())
            pairs.append((ran, waited))
            left += map(int, (task / "children").read_text("ascii").split())
    return max(pairs)[1] / 1e9


def verdict(goals: Mapping[str, bool], *, strict: bool) -> int:
    """Say which goals were missed; the exit status."""
    missed = [name for name, met in goals.items() if not met]
    print(f"goals: {'met' if not missed else 'missed: ' + ', '.join(missed)}")
    return 1 if missed and strict else 0
