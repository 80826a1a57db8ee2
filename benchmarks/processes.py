"""Whole processes measured from outside: wall and CPU time, and the most memory that one of them held."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
PROGRAM = (sys.executable, "-m", "auditor.cli.main")
ENVIRONMENT = {"PYTHONPATH": str(SOURCE), "AUDITOR_LANG": "en", "PYTHONDONTWRITEBYTECODE": ""}
"""An installed program has its bytecode; one that may write none compiles itself anew at every start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One process and those it waited for."""

    code: int
    wall: float
    cpu: float
    peak_mb: float


def measure(argv: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Measured:
    """Run a program to its end; what it prints goes to standard error."""
    began = time.perf_counter()
    process = subprocess.Popen(
        argv, cwd=cwd, env={**os.environ, **ENVIRONMENT, **(env or {})}, stdin=subprocess.DEVNULL, stdout=sys.stderr
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return Measured(
        code=process.returncode, wall=wall, cpu=used.ru_utime + used.ru_stime, peak_mb=used.ru_maxrss / 1024
    )


def verdict(goals: Mapping[str, bool], *, strict: bool) -> int:
    """Say which goals were missed; the exit status."""
    missed = [name for name, met in goals.items() if not met]
    print(f"goals: {'met' if not missed else 'missed: ' + ', '.join(missed)}")
    return 1 if missed and strict else 0
