"""Compares writing the HTML report with a bare Jinja2 table of the same rows, streamed the same way.

The peer writes one row a finding: check, result and message in one language. Ours gathers the numbers first and writes
both languages, scores, levels, remedies, evidence and commands, the life of every defect, what earlier rounds said of
every subject, what changed for each agency and figures over time; of what passed in so large a report, names only.
So the page is ten times as large, and is held to what a megabyte of it takes: at most half of what a megabyte of the
peer takes, medians of several rounds. That alone would let a page grow for nothing, so that the whole is bounded too,
at 4 times the peer. Ten times the subjects take at most 13 times the time, and at most 50 MB more memory than before.
What was written is counted.

    python -m benchmarks.report [--subjects 10000] [--rounds 5] [--strict]
"""

import argparse
import io
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, ClassVar

import jinja2

from auditor.figures.causes import Cause
from auditor.figures.held_states import DefectAge
from auditor.figures.mesh import Grid
from auditor.figures.movement import Standings
from auditor.figures.path_changes import PathChange
from auditor.figures.rollup import Rollup
from auditor.figures.scoring import Ladder, by_check, scores
from auditor.framework.findings import Finding, FindingId, Outcome, Reason, Severity
from auditor.texts.translate import Texts
from benchmarks import earlier_runs
from benchmarks.processes import verdict
from inventory.model import AgencyId, Coordinates, Kind, Subject, SubjectId
from probes.observations.transport import TcpConnect
from reports.document import AgencyReport, ReportHeader, SubjectReport, not_tested
from reports.earlier_runs import EarlierRuns, Timelines
from reports.registry import renderer
from tests.unit.reports.sample import CHECKS, V6, Says, header, make_evidence

RATIO, DEARNESS, GROWTH, ADDED_MB = 4.0, 0.5, 13.0, 50.0
PER_AGENCY = 100
PER_SUBJECT = 10
FIXED = header()

TABLE = """<!doctype html><html><head><meta charset=utf-8><title>{{ title }}</title></head><body><table>
{% for h in hosts %}<tbody id="h{{ loop.index }}"><tr><th>{{ h.name }}</th><td>{{ h.addr }}</td></tr>
{% for f in h.findings %}<tr class="{{ f.status }}"><td>{{ f.check }}</td><td>{{ f.status }}</td><td>{{ f.value }}</td>
</tr>{% endfor %}</tbody>{% endfor %}</table></body></html>"""


def findings(name: str, number: int) -> list[Finding]:
    """Seven passes with values of their own, a failure, a warning and one that was not tested."""
    evidence = make_evidence(name, "tcp", TcpConnect(address=V6, port=443, t=0.01), address=V6)
    P = Outcome.PASS
    says = [
        Says("ipv6.web.aaaa", "PUBLISHED", P, {"n": 2, "addresses": (f"2001:db8:{number % 65536:x}::1", "::2")}),
        Says("ipv6.web.reach", "OPEN", P, {"port": 443}, address=V6),
        Says("ipv6.dns.ns-aaaa", "TWO_OR_MORE", P, {"n": 2 + number % 3}),
        Says("security.tls.cert-expiry", "GOOD", P, {"until": f"2027-01-{1 + number % 28:02}"}),
        Says("ipv6.path.echo", "ANSWERS", P, {"ratio": 1 - number % 100 / 1000}),
        Says("ipv6.path.pmtud", "WORKS", P, detail="one"),
        Says("tslcd.site.reach", "ANSWERS", P),
        Says(
            "security.http.headers",
            "ODD",
            Outcome.FAIL,
            {"name": "server", "value": f"<nginx & {number}>"},
            Severity.LOW,
            evidence=(evidence.id,),
        ),
        Says("ipv6.web.same-content", "DIFFERENT", Outcome.WARN, {"v4_bytes": number, "v6_bytes": 1, "title": name}),
        Says("ipv6.path.pmtud", "U_PRIV", Outcome.INCONCLUSIVE, reason=Reason.PRIV),
    ]
    return [table.of(name) for table in says]


def subject(number: int) -> SubjectReport:
    name = f"host{number}.example.vn"
    evidence = make_evidence(name, "tcp", TcpConnect(address=V6, port=443, t=0.01), address=V6)
    found = tuple(findings(name, number))
    kinds = frozenset({Kind.PORTAL})
    return SubjectReport(
        subject=Subject(id=SubjectId(name), kind=Kind.PORTAL, kinds=kinds, agency=AgencyId("x"), host=name),
        addresses=(V6,),
        findings=found,
        scores=scores(by_check(found)),
        ladders={"service": Ladder(level=number % 5, at_least=False)},
        evidence={evidence.id: evidence},
    )


@dataclass
class Large:
    """A report of ready subjects, so that making them is not part of the time."""

    subjects: list[SubjectReport]
    header: ReportHeader = FIXED
    checks = CHECKS
    frameworks = ()
    mesh: ClassVar[Grid] = Grid()
    positions: ClassVar[Mapping[AgencyId, Coordinates]] = {}
    path_changes: ClassVar[tuple[PathChange, ...]] = ()
    standings: ClassVar[Standings] = {}
    causes: ClassVar[tuple[Cause, ...]] = ()

    @cached_property
    def lives(self) -> Mapping[FindingId, DefectAge]:
        return earlier_runs.lives(self.stream_findings())

    @cached_property
    def timelines(self) -> Timelines:
        return earlier_runs.timelines(stream_subject.subject.id for stream_subject in self.stream_subjects())

    @cached_property
    def history(self) -> EarlierRuns:
        return earlier_runs.history(
            {
                AgencyId(agency.name): earlier_runs.few(f for each in agency.subjects for f in each.findings)
                for agency in self.agencies()
            }
        )

    @cached_property
    def rollup(self) -> Rollup:
        return earlier_runs.rollup(AgencyId(agency.name) for agency in self.agencies())

    @property
    def summary(self) -> dict[Outcome, int]:
        return {}

    def agencies(self) -> Iterator[AgencyReport]:
        for start in range(0, len(self.subjects), PER_AGENCY):
            name = f"Agency {start // PER_AGENCY}"
            part = self.subjects[start : start + PER_AGENCY]
            yield AgencyReport(agency=AgencyId(name), name=name, level="", path=(), subjects=iter(part))

    def stream_findings(self) -> Iterator[Finding]:
        return (finding for agency in self.agencies() for subject in agency.subjects for finding in subject.findings)

    def stream_untested(self) -> Iterator[Finding]:
        return filter(not_tested, self.stream_findings())

    def stream_subjects(self) -> Iterator[SubjectReport]:
        return (replace(subject, findings=(), evidence={}) for agency in self.agencies() for subject in agency.subjects)


class Lazy(Large):
    """The same, each subject made when it is asked for: for memory."""

    def __init__(self, count: int) -> None:
        super().__init__([])
        self._count = count

    def agencies(self) -> Iterator[AgencyReport]:
        for start in range(0, self._count, PER_AGENCY):
            name = f"Agency {start // PER_AGENCY}"
            part = (subject(number) for number in range(start, min(start + PER_AGENCY, self._count)))
            yield AgencyReport(agency=AgencyId(name), name=name, level="", path=(), subjects=part)


class Counting(io.RawIOBase):
    """A file that only counts bytes and rows."""

    def __init__(self, row: bytes) -> None:
        self._row = row
        self.rows = self.bytes = 0

    def write(self, data: object) -> int:
        assert isinstance(data, bytes)
        self.rows += data.count(self._row)
        self.bytes += len(data)
        return len(data)


class CountingSink:
    many = False

    def __init__(self) -> None:
        self.file = Counting(b'class="finding')

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        yield self.file  # type: ignore[misc]


def ours(report: Large) -> tuple[int, int]:
    sink = CountingSink()
    renderer("html")(report, sink)
    return sink.file.rows, sink.file.bytes


def peer(report: Large) -> tuple[int, int]:
    """The bare table; its messages come from the same texts, since a report without words is none."""
    texts = Texts("en", CHECKS)
    template = jinja2.Environment(autoescape=True).from_string(TABLE)
    hosts = (
        {
            "name": subject.subject.id,
            "addr": str(subject.addresses[0]),
            "findings": [
                {"check": f.check, "status": f.outcome.value, "value": texts.message(f)} for f in subject.findings
            ],
        }
        for agency in report.agencies()
        for subject in agency.subjects
    )
    stream = template.stream(title="Audit", hosts=hosts)
    stream.enable_buffering(200)
    out = Counting(b"<tr class=")
    for piece in stream:
        out.write(piece.encode())
    return out.rows, out.bytes


def timed(made: Callable[[Large], tuple[int, int]], report: Large) -> float:
    start = time.process_time()
    rows, _ = made(report)
    taken = time.process_time() - start  # both only compute: other programs on the machine must not count
    expected = len(report.subjects) * PER_SUBJECT
    if rows != expected:
        raise SystemExit(f"{made.__name__} wrote {rows} rows of {expected}")
    return taken


def added_memory(count: int, answer: "multiprocessing.Queue[float]") -> None:
    """Measure how much a large report adds to the peak memory of a small one; runs in a process of its own."""
    ours(Lazy(PER_AGENCY))
    before = peak_mb()
    ours(Lazy(count))
    answer.put(peak_mb() - before)


def peak_mb() -> float:
    """The most memory that this program held; ``getrusage`` would also know of the process that started it."""
    (line,) = [line for line in Path("/proc/self/status").read_text("ascii").splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def measured_memory(count: int) -> float:
    context = multiprocessing.get_context("spawn")
    answer: multiprocessing.Queue[float] = context.Queue()
    process = context.Process(target=added_memory, args=(count, answer))
    process.start()
    value = answer.get()
    process.join()
    return value


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report", description=__doc__)
    parser.add_argument("--subjects", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--strict", action="store_true", help="end with 1 where a goal is missed")
    options = parser.parse_args(arguments)
    large = Large([subject(number) for number in range(options.subjects)])
    small = Large(large.subjects[: options.subjects // 10])
    for report in (large, small):  # read from a store, they are no part of the page's time
        _ = report.lives, report.history, report.rollup, report.timelines
    pairs = [(timed(peer, large), timed(ours, large), timed(ours, small)) for _ in range(options.rounds)]
    bare, full, tenth = (statistics.median(column) for column in zip(*pairs, strict=True))
    memory = measured_memory(options.subjects)
    megabytes = ours(large)[1] / 1e6, peer(large)[1] / 1e6
    print(f"{options.subjects} subjects, {options.subjects * PER_SUBJECT} findings, {options.rounds} rounds, medians")
    print(f"bare table {bare:.2f} s, {megabytes[1]:.0f} MB; page {full:.2f} s, {megabytes[0]:.0f} MB")
    dearness = (full / megabytes[0]) / (bare / megabytes[1])
    print(f"page / bare table {full / bare:.2f}, for each megabyte {dearness:.2f}")
    print(f"ten times the subjects: {full / tenth:.1f} times the time")
    print(f"added memory {memory:.0f} MB")
    goals = {
        f"a megabyte at most {DEARNESS} times as dear as of the bare table": dearness <= DEARNESS,
        f"at most {RATIO:g} times the bare table": full / bare <= RATIO,
        f"ten times the subjects in at most {GROWTH} times the time": full / tenth <= GROWTH,
        f"at most {ADDED_MB:.0f} MB added": memory <= ADDED_MB,
    }
    return verdict(goals, strict=options.strict)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
