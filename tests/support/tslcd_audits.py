"""Runs the auditor at the vantages of the rehearsal of TSLCD."""

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from containers.rehearsal.tslcd.files import VANTAGES
from containers.rehearsal.tslcd.lab import TslcdRehearsal
from probes.observations.series import CADENCE
from tests.support import audits
from tests.support.audits import CommandResult, Document

CHECKS = "tslcd,ipv6.path.min-mtu"
PAST = (sys.executable, "-m", "tests.support.behind")
INTO = 5
"""Seconds into a slot at which its round is taken."""


@dataclass(frozen=True, slots=True)
class Slots:
    """Computes by how much samplers are set back so that rounds fall into one slot each.

    Every round begins shortly after its slot, however long the rounds before it took.
    """

    begun: int = field(default_factory=lambda: int(time.time()) // CADENCE * CADENCE)

    def seconds(self, ago: int) -> int:
        """Return the seconds for a round that is taken now, ``ago`` slots before the one in which the test began."""
        return int(time.time()) - (self.begun - ago * CADENCE + INTO)


def command(lab: TslcdRehearsal, *words: object, vantage: str = "vantage", ago: float | None = None) -> list[str]:
    """Return a call of the auditor with its vantage's configuration; ``ago``: seconds that its sampler is behind."""
    program = audits.PROGRAM if ago is None else (*PAST, str(ago))
    return [*program, "--config", str(lab.dir / VANTAGES[vantage]), *map(str, words)]


def auditor(lab: TslcdRehearsal, *words: object, vantage: str = "vantage", ago: float | None = None) -> CommandResult:
    """Call it and wait for it."""
    done = lab.run(command(lab, *words, vantage=vantage, ago=ago), vantage, 1_800, audits.ENVIRONMENT)
    result = CommandResult(code=done.returncode, out=done.stdout, err=done.stderr, seconds=0.0)
    assert "Traceback" not in result.err
    assert result.code not in (audits.INTERNAL, audits.USAGE), result.err
    return result


def store_of(folder: Path) -> tuple[str, str]:
    return "--store", f"sqlite:///{folder / 'runs.db'}"


def audit(lab: TslcdRehearsal, folder: Path, *options: object, vantage: str = "vantage") -> Document:
    """Audit from a vantage: everything from inside, equipment from outside, and shared subjects from any other."""
    files = {"vantage": ("inventory.csv", "units.csv"), "outside": ("outside.csv",)}.get(vantage, ("shared.csv",))
    kept = (*store_of(folder), "--format", f"json={folder / 'result.json'}", "--force")
    paths = [lab.dir / file for file in files]
    auditor(lab, "audit", *paths, "--profile", "quick", *kept, *(options or ("--only", CHECKS)), vantage=vantage)
    return audits.read(folder / "result.json")
