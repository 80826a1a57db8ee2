"""Measures an audit of the whole service side of 200 names of the rehearsal against the floor set by its waits.

Zones, web sites and mail domains, over both families, served by real daemons, each as a province of that size has them.
The province has fewer names, so some stand in the inventory again, as rows of their own; each row is measured anew. No
audit can be faster than the largest of what bounds it: the CPU time of the process, the exchanges of one prefix at the
rate that is allowed (the whole lies in few prefixes), two silent connects, the pauses of one enumeration over SMTP, and
the waits, one after another, for the one site whose transfers stall most. The goal is 1.5 times that floor
(PERFORMANCE §6, §8).

    python -m benchmarks.service [--names 200] [--rounds 3] [--strict]
"""

import argparse
import csv
import statistics
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path

from auditor.service.store.evidence_files import read
from benchmarks.processes import PROGRAM, ProcessCost, measure, verdict
from containers.rehearsal.lab import Rehearsal
from inventory.model import IPAddress, SubjectId
from probes.framework.evidence import Observation
from probes.framework.profile import QUICK, Pace
from probes.observations.dns import DnsExchange
from probes.observations.exposure import PortSweep
from probes.observations.path import BulkTransfer, PmtudFlow
from probes.observations.tls import TlsSupport
from probes.observations.transport import EchoSeries

RATIO = 1.5
FINDINGS = 3
KINDS = ("portal", "dvc", "commune-site", "zone", "mail")
_PREFIX = {4: 24, 6: 48}


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """Seconds, each by itself enough to hold the audit up."""

    cpu: float
    rate: float
    silence: float
    pauses: float
    stalls: float

    @property
    def seconds(self) -> float:
        return max(self.cpu, self.rate, self.silence, self.pauses, self.stalls)


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
        process_cost.wall / floor.seconds for process_cost, floor in zip(rounds, floors, strict=True)
    )
    first = floors[0]
    print(
        f"{options.names} names: {wall:.1f} s, {1000 * wall / options.names:.0f} ms a name,"
        f" peak {max(round_.peak_mb for round_ in rounds):.0f} MB"
    )
    print(
        f"floor {first.seconds:.1f} s (CPU {first.cpu:.1f}, rate of one prefix {first.rate:.1f}, silent connects"
        f" {first.silence:.1f}, pauses over SMTP {first.pauses:.1f}, stalled transfers {first.stalls:.1f}): {ratio:.2f}"
    )
    alone = statistics.median(
        (process_cost.wall - process_cost.queued) / floor.seconds
        for process_cost, floor in zip(rounds, floors, strict=True)
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
    """With a rehearsal of its own: what an audit told servers of the path they remember for ten minutes."""
    with Rehearsal.start() as lab, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _inventory(lab.dir / "inventory.csv", folder / "names.csv", names)
        measured = _audit(lab, folder)
        return measured, _floor(folder / "evidence", measured.cpu, _pace(lab.dir / "auditor.toml"))


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


def _pace(config: Path) -> Pace:
    """The rates that the rehearsal's configuration allows."""
    return replace(Pace(), **tomllib.loads(config.read_text("utf-8"))["limits"])


def _floor(evidence: Path, cpu: float, pace: Pace) -> Floor:
    recorded, per_prefix, hellos = read(evidence), Counter[object](), 0
    stalls: dict[SubjectId, float] = {}
    for envelope in recorded.store.all_evidence(recorded.run):
        stalls[envelope.subject] = stalls.get(envelope.subject, 0.0) + _stalled(envelope.steps)
        for step in envelope.steps:
            for address, exchanges in _sent(step):
                prefix = ip_network((address, _PREFIX[address.version]), strict=False)
                per_prefix[prefix] += exchanges
            if isinstance(step, TlsSupport) and step.protocol == "smtp":
                hellos = max(hellos, step.hellos)
    busiest = max(per_prefix.values(), default=0)
    rates = (busiest / pace.per_prefix_per_second, sum(per_prefix.values()) / pace.packets_per_second)
    silence = QUICK.tcp_connect * len(QUICK.retries["connect"])
    pauses = hellos * QUICK.smtp_pause
    longest = max(stalls.values(), default=0.0)
    return Floor(cpu=cpu, rate=max(rates), silence=silence, pauses=pauses, stalls=longest)


def _stalled(steps: Sequence[Observation]) -> float:
    """Seconds in which at least one transfer or flow waited for a server that said no more."""
    waits = (
        (step.t0, step.t)
        for step in steps
        if (isinstance(step, BulkTransfer) and not step.whole)
        or (isinstance(step, PmtudFlow) and step.ended == "stall")
    )
    total, until = 0.0, 0.0
    for begin, end in sorted(waits):
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total


def _sent(step: Observation) -> Iterator[tuple[IPAddress, int]]:
    """The exchanges that were started for an observation; a whole enumeration is one reservation (INTERFACE)."""
    match step:
        case DnsExchange(server=server):
            yield server, 1
        case EchoSeries(address=address):
            yield address, step.sent
        case PortSweep(address=address, replies=replies):
            yield address, len(replies)
        case _:
            dialled = getattr(step, "address", None)
            if dialled is not None and hasattr(step, "port"):
                yield dialled, 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=__doc__)
    parser.add_argument("--names", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
