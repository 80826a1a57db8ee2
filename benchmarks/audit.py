"""Measures the costs of a whole audit, from planning to reports: CPU time a subject by phase, memory, and growth.

It audits the rehearsal province, then increasing numbers of portals on one real web server with all their addresses.
The costs of a start are in the figures of every phase, so that small audits look dearer than large ones: growth
compares the cost of a further subject between the smallest and the largest size. Goals (PERFORMANCE §10): for the
province at most 90 ms of CPU a subject, of them 65 measuring, 15 judging and 4 writing; from the smallest size to the
largest a subject costs at most 1.1 times as much, and from the second to the largest memory grows at most 1.3 times; a
store of weekly audits of 3,300 such subjects for a year takes at most 4 GB: a second audit into the same store shows
the size of one more, because equal findings are stored once. An audit writes HTML and JSON; its cost with CSV alone, as
measured at first, is printed besides.

    python -m benchmarks.audit [--subjects 200 1000 2000] [--rounds 3] [--concurrency 200] [--no-province] [--strict]
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import rehearsed
from benchmarks.audit_phases import CSV, RESULT
from benchmarks.processes import SOURCE, ProcessCost, measure, verdict
from containers.rehearsal.lab import Rehearsal

PHASES = ("planning", "measuring", "judging", "writing")
WHOLE = 90.0
MOST = {"measuring": 65.0, "judging": 15.0, "writing": 4.0}
GROWTH, MEMORY = 1.1, 1.3
PROVINCE, WEEKS, GIGABYTES = 3_300, 52, 4.0
"""A weekly audit of so many subjects for a year may fill so much."""
RATE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Holds the costs of one audit.

    ``phases``: CPU seconds and peak memory of each. ``stored``: bytes of its store; ``added``: the bytes that a second
    audit adds to them, 0 without one.
    """

    subjects: int
    findings: int
    stored: int
    added: int = 0
    process: ProcessCost
    phases: Mapping[str, Mapping[str, float]]

    def each(self, phase: str) -> float:
        """Return CPU milliseconds a subject of a phase."""
        return 1_000 * self.phases[phase]["cpu"] / self.subjects

    @property
    def whole(self) -> float:
        """Return CPU milliseconds a subject of the whole process, without the CSV."""
        return 1_000 * self.process.cpu / self.subjects - self.each(CSV)

    @property
    def with_csv(self) -> float:
        """Return the same of an audit that writes CSV in place of the formats that it writes by itself."""
        return self.whole - self.each("writing") + self.each(CSV)


def main(arguments: list[str]) -> int:
    """Measure each inventory and print a row for each."""
    options = _parser().parse_args(arguments)
    parts = " + ".join(PHASES)
    print(f"subjects  findings   CPU ms a subject: whole = {parts}     wall s  peak MB: most = {', '.join(PHASES)}")
    province: Sequence[Audit] = ()
    sizes: list[Sequence[Audit]] = []
    with tempfile.TemporaryDirectory() as name:
        if options.province:
            province = list(_of_province(Path(name), options.rounds))
            print(_row(province), "province", flush=True)
        for audits in _of_sizes(Path(name), sorted(options.subjects), options.rounds, options.concurrency):
            sizes.append(audits)
            print(_row(audits), flush=True)
    every = [audit for audits in (province, *sizes) for audit in audits]
    goals = {"all ended well": all(audit.process.code == 0 for audit in every)}
    return verdict(goals | _goals_of_province(province) | _goals_of_growth(sizes), strict=options.strict)


def _of_province(folder: Path, rounds: int) -> Iterator[Audit]:
    """Audit the province, each time in a new rehearsal: servers keep state of earlier audits."""
    for number in range(rounds):
        with Rehearsal.start() as lab:
            config, rows, out = lab.dir / "auditor.toml", lab.dir / "inventory.csv", _made(folder / f"province{number}")
            first = _audit(lab, config, rows, out)
            yield replace(first, added=_audit(lab, config, rows, out).stored - first.stored)


def _of_sizes(folder: Path, sizes: Sequence[int], rounds: int, concurrency: int) -> Iterator[Sequence[Audit]]:
    if not sizes:
        return
    with Rehearsal.start() as lab, rehearsed.web_server(lab, folder):
        rehearsed.route(lab, "local")
        config = rehearsed.configured(
            lab, folder, packets_per_second=RATE, per_prefix_per_second=RATE, concurrency=concurrency
        )
        for size in sizes:
            rehearsed.write_inventory(folder / "inventory.csv", size)
            yield [
                _audit(lab, config, folder / "inventory.csv", _made(folder / f"{size}-{number}"))
                for number in range(rounds)
            ]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _audit(lab: Rehearsal, config: Path, rows: Path, folder: Path) -> Audit:
    program = [sys.executable, "-P", "-m", "benchmarks.audit_phases", str(config), str(rows), str(folder)]
    process = measure(lab.command(["env", f"PYTHONPATH={SOURCE}", *program]))
    if process.code:
        raise SystemExit(f"an audit ended with {process.code}")
    return Audit(process=process, **json.loads((folder / RESULT).read_text("utf-8")))


def _median(audits: Sequence[Audit], phase: str = "") -> float:
    return statistics.median(audit.each(phase) if phase else audit.whole for audit in audits)


def _memory(audits: Sequence[Audit], *phases: str) -> float:
    """Megabytes at the peak of some phases, of all where none is named."""
    return statistics.median(
        max(audit.phases[phase]["peak_mb"] for phase in phases or audit.phases) for audit in audits
    )


def _row(audits: Sequence[Audit]) -> str:
    parts = " + ".join(f"{_median(audits, phase):.1f}" for phase in PHASES)
    peaks = ", ".join(f"{_memory(audits, phase):.0f}" for phase in PHASES)
    wall = statistics.median(audit.process.wall for audit in audits)
    first = audits[0]
    cost = f"{_median(audits):6.1f} = {parts}   {wall:.1f}  {_memory(audits):.0f} = {peaks}"
    return f"{first.subjects:8}  {first.findings:8}   {cost}"


def _goals_of_province(audits: Sequence[Audit]) -> dict[str, bool]:
    if not audits:
        return {}
    parts = {f"{name} within {most:g} ms": _median(audits, name) <= most for name, most in MOST.items()}
    first = statistics.median(audit.stored / audit.subjects for audit in audits)
    added = statistics.median(audit.added / audit.subjects for audit in audits)
    year = (first + added * (WEEKS - 1)) * PROVINCE / 1e9
    with_csv = statistics.median(audit.with_csv for audit in audits)
    print(f"with CSV in place of HTML and JSON: {with_csv:.1f} ms, of them {_median(audits, CSV):.1f} writing")
    stored = f"stored: {first / 1e3:.1f} kB a subject, {added / 1e3:.1f} by one more audit"
    print(f"{stored}; {PROVINCE:,} of them weekly for a year: {year:.1f} GB")
    return {
        f"a subject of the province within {WHOLE:g} ms": _median(audits) <= WHOLE,
        **parts,
        f"a year within {GIGABYTES:g} GB": year <= GIGABYTES,
    }


def _goals_of_growth(sizes: Sequence[Sequence[Audit]]) -> dict[str, bool]:
    """Compare the costs of a further subject between sizes; differences of sizes leave out the costs of a start."""
    if len(sizes) < 3:
        return {}
    first, second, last = sizes[0], sizes[1], sizes[-1]
    early, late = _further(first, second), _further(second, last)
    memory = _memory(last) / _memory(second)
    print(f"a further subject: {early:.1f} ms of CPU, later {late:.1f}: {late / early:.2f}; memory {memory:.2f}")
    return {f"growth within {GROWTH}": late <= GROWTH * early, f"memory within {MEMORY}": memory <= MEMORY}


def _further(few: Sequence[Audit], many: Sequence[Audit]) -> float:
    """CPU milliseconds of each subject that one size has more than another."""
    less, more = (_median(audits) * audits[0].subjects for audits in (few, many))
    return (more - less) / (many[0].subjects - few[0].subjects)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("--subjects", type=int, nargs="*", default=[200, 1_000, 2_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=200)
    parser.add_argument("--province", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
