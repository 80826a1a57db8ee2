"""Measures an audit of subjects whose addresses drop everything silently against the floor set by its own timeouts.

    floor = max(N*q/R, N*s*T*(1+r)/C, s*T*(1+r), N*c)                      (all dead: d = 1)

N subjects; q exchanges a subject, counted in the evidence; R exchanges a second allowed; T the timeout of a connect,
r its repetitions, s = 1 because everything of a subject starts together; C subjects at once; c seconds of CPU a
subject, measured in the same run. The addresses of both families are dropped by a router of a rehearsal of its own:
each subject has a /48 and a /24 to itself, so that politeness towards a prefix decides nothing.

Goals: measuring, self-tests included, takes at most 1.5 times the waits and the rate (the floor without c); the whole
process, start, judging and report included, at most 1.5 times the floor where there are enough subjects to fill all
workers more than once; memory grows with what is in flight and not with the inventory: from the size that fills all
workers to the largest at most 1.3 times. Port sweeps have a floor of their own: so many sockets at once,
one for each silent port.

    python -m benchmarks.unreachable [--subjects 200 2000] [--concurrency 500] [--strict]
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from auditor.service.store.url import open_store
from benchmarks import rehearsed
from benchmarks.processes import PROGRAM, ProcessCost, measure, verdict
from containers.rehearsal.lab import Rehearsal
from probes.framework.evidence import Observation
from probes.framework.profile import QUICK
from probes.net.exposure.sweep import SOCKETS
from probes.observations.exposure import SWEPT, FtpGreeting, PortSweep, SmbNegotiate
from probes.observations.ssh import SshExchange
from probes.observations.transport import EchoSeries, TcpConnect

RATIO, GROWTH = 1.5, 1.3
RATE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Holds the figures of one size."""

    subjects: int
    process: ProcessCost
    floors: dict[str, float]
    exchanges: float
    measuring: float

    @property
    def whole(self) -> float:
        """The whole process in terms of the floor."""
        return self.process.wall / max(self.floors.values())

    @property
    def waiting(self) -> float:
        """The ratio of the measuring time to the longest unavoidable wait."""
        return self.measuring / max(value for name, value in self.floors.items() if name != "CPU")


def main(arguments: list[str]) -> int:
    """Measure each size and print a row."""
    options = _parser().parse_args(arguments)
    results = []
    print("subjects  measuring s / floor   whole s / floor (by)            CPU ms  exchanges  peak MB")
    with Rehearsal.start() as lab, tempfile.TemporaryDirectory() as folder:
        rehearsed.route(lab, "blackhole")
        for subjects in sorted(options.subjects):
            results.append(_measure(lab, Path(folder), subjects, options.concurrency))
            print(_row(results[-1]), flush=True)
    goals = {f"{result.subjects} subjects measured within {RATIO} times": result.waiting <= RATIO for result in results}
    filled = [result for result in results if result.subjects >= 2 * options.concurrency]
    goals |= {f"{result.subjects} subjects audited within {RATIO} times": result.whole <= RATIO for result in filled}
    full = [result for result in results if result.subjects >= options.concurrency]
    if len(full) > 1:
        growth = full[-1].process.peak_mb / full[0].process.peak_mb
        print(f"memory at {full[-1].subjects} / at {full[0].subjects} subjects: {growth:.2f}")
        goals[f"memory at most {GROWTH} times"] = growth <= GROWTH
    goals |= {f"{result.subjects} subjects judged": result.process.code in (0, 3, 4) for result in results}
    return verdict(goals, strict=options.strict)


def _measure(lab: Rehearsal, folder: Path, subjects: int, concurrency: int) -> Result:
    config = rehearsed.configured(lab, folder, packets_per_second=RATE, concurrency=concurrency)
    rows = folder / "inventory.csv"
    store = f"sqlite:///{folder / f'{subjects}.db'}"
    rehearsed.write_inventory(rows, subjects)
    words = ["--config", str(config), "audit", str(rows), "--profile", "quick", "--store", store]
    out = folder / f"{subjects}.json"
    process = measure(lab.command([*PROGRAM, *words, "--format", f"json={out}"]))
    exchanges, measuring = _stored(store)
    wait = QUICK.tcp_connect * len(QUICK.retries["connect"])
    floors = {
        "rate": exchanges / RATE,
        "CPU": process.cpu,
        "timeouts": subjects * wait / concurrency,
        "sweeps": subjects * len(rehearsed.PREFIXES) * len(SWEPT) * QUICK.tcp_connect / SOCKETS,
        "one timeout": wait,
    }
    return Result(
        subjects=subjects, process=process, floors=floors, exchanges=exchanges / subjects, measuring=measuring
    )


def _sent(step: Observation) -> int:
    """Exchanges of one observation."""
    match step:
        case EchoSeries():
            return step.sent
        case PortSweep():
            return len(step.replies)
        case TcpConnect() | SshExchange() | FtpGreeting() | SmbNegotiate():
            return 1
        case _:
            return 0


def _stored(url: str) -> tuple[int, float]:
    """Return the number of exchanges with subjects, without the vantage's own tests, and the seconds of measuring."""
    with open_store(url, create=False) as store:
        (run,) = store.runs()
        assert run.finished
        steps = (
            step for envelope in store.all_evidence(run.id) if envelope.probe != "selftest" for step in envelope.steps
        )
        sent = sum(_sent(step) for step in steps)
        return sent, (run.finished - run.started).total_seconds()


def _row(result: Result) -> str:
    by = max(result.floors, key=lambda name: result.floors[name])
    waits = max(value for name, value in result.floors.items() if name != "CPU")
    return (
        f"{result.subjects:8}  {result.measuring:6.1f} / {waits:5.1f} = {result.waiting:4.2f}"
        f"   {result.process.wall:6.1f} / {result.floors[by]:5.1f} = {result.whole:4.2f} ({by:11})"
        f"  {1000 * result.process.cpu / result.subjects:6.1f}  {result.exchanges:9.1f}  {result.process.peak_mb:7.0f}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.unreachable", description=__doc__)
    parser.add_argument("--subjects", type=int, nargs="+", default=[200, 2000])
    parser.add_argument("--concurrency", type=int, default=500)
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
