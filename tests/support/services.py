"""Starts, stops and kills a service inside the rehearsal, as a process with its number in there."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from containers.rehearsal.lab import Rehearsal
from tests.support.audits import ENVIRONMENT, PROGRAM

_TOLD = 'echo "service $$" >&2; exec "$@"'


def start(
    lab: Rehearsal,
    config: Path,
    words: Sequence[str],
    log: Path,
    stdout: int | IO[bytes] = subprocess.DEVNULL,
    program: Sequence[str] = PROGRAM,
) -> "subprocess.Popen[bytes]":
    """Start `auditor serve` at the vantage; the returned process waits for it and ends with its status."""
    argv = lab.command(["sh", "-c", _TOLD, "sh", *program, "--config", str(config), "serve", *words])
    environment = [f"{key}={value}" for key, value in ENVIRONMENT.items()]
    with log.open("wb") as out:
        return subprocess.Popen(["env", "--", *environment, *argv], stdout=stdout, stderr=out)


def tell(lab: Rehearsal, log: Path, signal: str) -> None:
    """Send it a signal; started by others, it would not get one that they get."""
    match = re.search(r"^service (\d+)$", log.read_text("utf-8"), re.MULTILINE)
    assert match is not None
    lab.run(["kill", f"-{signal}", match[1]])
