"""Measures a whole audit of the rehearsal province, store and both reports included, as wall time for each subject.

Several subjects are silent on purpose and some sites let transfers stall, which is waited for twice and longer than
anything else; the ratio is to what no audit can be faster than (``benchmarks.audit_floor``). Goals: at most 1.5 times
that, and at most 15 seconds for one subject (PERFORMANCE: one host, full service side) if it were alone.

    python -m benchmarks.province [--rounds 3] [--strict]
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.audit_floor import floor
from benchmarks.processes import PROGRAM, ProcessCost, measure, verdict
from containers.rehearsal.lab import Rehearsal

RATIO, ONE_HOST = 1.5, 15.0
FINDINGS = 3
HOST = "cong.sonlam.gov.vn"


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    with Rehearsal.start() as lab, tempfile.TemporaryDirectory() as folder:
        lab.settle()
        rounds = [_audit(lab, Path(folder) / str(number)) for number in range(options.rounds)]
        config = lab.dir / "auditor.toml"
        bounds = [floor(Path(folder) / f"{number}.evidence", cost.cpu, config) for number, cost in enumerate(rounds)]
        document = json.loads((Path(folder) / "0" / "result.json").read_text("utf-8"))
        alone = measure(lab.command([*_program(lab), "check", HOST]))
    subjects, findings = len(document["subjects"]), len(document["findings"])
    wall = statistics.median(round_.wall for round_ in rounds)
    ratio = statistics.median(cost.wall / bound.seconds for cost, bound in zip(rounds, bounds, strict=True))
    print(f"{subjects} subjects, {findings} findings: {wall:.1f} s, {1000 * wall / subjects:.0f} ms a subject")
    print(f"{bounds[0]}: {ratio:.2f}")
    print(f"others held the processor for {max(round_.queued for round_ in rounds):.1f} s of it")
    print(f"peak {max(round_.peak_mb for round_ in rounds):.0f} MB; one host alone: {alone.wall:.1f} s")
    goals = {
        f"within {RATIO} times the floor": ratio <= RATIO,
        f"one host within {ONE_HOST:.0f} s": alone.wall <= ONE_HOST,
        "all ended well": alone.code == 0 and all(round_.code == FINDINGS for round_ in rounds),
    }
    return verdict(goals, strict=options.strict)


def _program(lab: Rehearsal) -> list[str]:
    return [*PROGRAM, "--config", str(lab.dir / "auditor.toml")]


def _audit(lab: Rehearsal, out: Path) -> ProcessCost:
    lab.forget()  # whom an earlier round made ban us would be silent in this one
    words = ["audit", str(lab.dir / "inventory.csv"), "--profile", "quick", "--store", f"sqlite:///{out}.db"]
    return measure(lab.command([*_program(lab), *words, "--evidence", f"{out}.evidence", "--out", str(out)]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.province", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
