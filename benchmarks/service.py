"""Measures an audit of the whole service side of 200 names of the rehearsal against the floor set by its waits.

Zones, web sites and mail domains, over both families, served by real daemons, each as a province of that size has them.
The province has fewer names, so some stand in the inventory again, as rows of their own; each row is measured anew. The
whole lies in few prefixes. The goal is 1.5 times what no audit can be faster than (``benchmarks.audit_floor``;
PERFORMANCE §6, §8).

    python -m benchmarks.service [--names 200] [--rounds 3] [--strict]
"""

import argparse
import csv
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.audit_floor import Floor, floor
from benchmarks.processes import PROGRAM, ProcessCost, measure, verdict
from containers.rehearsal.lab import Rehearsal

RATIO = 1.5
FINDINGS = 3
KINDS = ("portal", "dvc", "commune-site", "zone", "mail")


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    rounds, floors = [], []
    for _ in range(options.rounds):
        measured, floor = _round(options.names)
        rounds.append(measured)
        floors.append(floor)
    wall = statistics.median(round_.wall for round_ in rounds)
    ratio = statistics.median(
        process_cost.wall / bound.seconds for process_cost, bound in zip(rounds, floors, strict=True)
    )
    print(
        f"{options.names} names: {wall:.1f} s, {1000 * wall / options.names:.0f} ms a name,"
        f" peak {max(round_.peak_mb for round_ in rounds):.0f} MB"
    )
    print(f"{floors[0]}: {ratio:.2f}")
    alone = statistics.median(
        (process_cost.wall - process_cost.queued) / bound.seconds
        for process_cost, bound in zip(rounds, floors, strict=True)
    )
    print(
        f"others held the processor for {max(round_.queued for round_ in rounds):.1f} s of it; without them {alone:.2f}"
    )
    goals = {
        f"within {RATIO} times the floor": ratio <= RATIO,
        "all ended well": all(round_.code == FINDINGS for round_ in rounds),
    }
    return verdict(goals, strict=options.strict)


def _round(names: int) -> tuple[ProcessCost, Floor]:
    """Audit in a new rehearsal: servers cache path MTUs of earlier audits for ten minutes."""
    with Rehearsal.start() as lab, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _inventory(lab.dir / "inventory.csv", folder / "names.csv", names)
        measured = _audit(lab, folder)
        return measured, floor(folder / "evidence", measured.cpu, lab.dir / "auditor.toml")


def _inventory(source: Path, target: Path, count: int) -> None:
    """``count`` rows of names, those of the province again and again under ids of their own."""
    with source.open(encoding="utf-8", newline="") as file:
        every = [row for row in csv.DictReader(file) if row["kind"] in KINDS]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(every[0]))
        writer.writeheader()
        for number in range(count):
            row = every[number % len(every)]
            writer.writerow({**row, "id": f"{row['name']}#{number}"})


def _audit(lab: Rehearsal, folder: Path) -> ProcessCost:
    config = str(lab.dir / "auditor.toml")
    kept = ("--store", f"sqlite:///{folder}/audit.db", "--evidence", str(folder / "evidence"))
    words = ["audit", str(folder / "names.csv"), "--profile", "quick", *kept, "--out", str(folder / "reports")]
    return measure(lab.command([*PROGRAM, "--config", config, *words]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=__doc__)
    parser.add_argument("--names", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
