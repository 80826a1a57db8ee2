"""Measures the report of one stored run in each format against ``csv``, in turns: CPU time, and peak memory.

The run is that of ``benchmarks.centre``: a recorded audit, repeated under other ids until there are enough subjects. Of
each pair, the csv and then the format, each is written by a process of its own that has loaded the program and nothing
of the run, as ``auditor report`` does; the ratio is the median of the pairs. What an audit writes by itself is measured
as it writes it: HTML as one page, and as a folder with a page for each agency. Goal (PERFORMANCE §10): no format takes
more than twice what csv takes; 1.5 times is what is wished for.

    python -m benchmarks.formats [--evidence DIR] [--store FILE] [--subjects 1000] [--rounds 3] [--strict] [FORMAT…]

``--store`` keeps the filled store for the next time.
"""

import argparse
import io
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from auditor.framework import catalogue
from auditor.service.garbage_collection import collect_rarely
from auditor.service.pipeline.judging.evaluating import evaluate, stored_judgement
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.api import Store
from auditor.service.store.database.sqlite import open_sqlite
from benchmarks.centre import Recorded, fill, rehearsed_evidence
from benchmarks.processes import verdict
from reports.document import Options, RenderFn
from reports.registry import FOLDERS, FORMATS, renderer

BASE, MOST, WISHED = "csv", 2.0, 1.5
FOLDER = "html-folder"
"""The pages of a folder: the same format, with a page for each agency besides."""
NAMES = (*(name for name in FORMATS if name != BASE), FOLDER)


@dataclass(frozen=True, slots=True)
class _Nowhere:
    """Counts the bytes of the files that it drops."""

    many: bool
    sizes: list[int]

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        file = io.BytesIO()
        yield file
        self.sizes.append(len(file.getbuffer()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Holds the costs of writing a report: CPU seconds, and the peak memory of the process."""

    cpu: float
    peak_mb: float
    written_mb: float


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options = _parser().parse_args(arguments)
    if unknown := set(options.formats) - set(NAMES):
        raise SystemExit(f"no such format: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    with tempfile.TemporaryDirectory() as name:
        path = options.store or Path(name, "formats.db")
        if not path.exists():
            _fill(path, options.evidence or rehearsed_evidence(Path(name)), options.subjects)
        print("format         CPU s   of csv   MB written   peak MB")
        ratios = {wanted: _compared(path, wanted, options.rounds) for wanted in options.formats or NAMES}
    print(f"over {WISHED} times: " + (", ".join(name for name, ratio in ratios.items() if ratio > WISHED) or "none"))
    goals = {f"{name} within {MOST:g} times {BASE}": ratio <= MOST for name, ratio in ratios.items()}
    return verdict(goals, strict=options.strict)


def _fill(path: Path, evidence: Path, subjects: int) -> None:
    recorded = Recorded(evidence, subjects)
    with open_sqlite(path) as store:
        fill(recorded, store, packed=True)
        evaluate(recorded.run, store, catalogue.load(), now=datetime.now(UTC))


def _compared(path: Path, name: str, rounds: int) -> float:
    """Write csv and a format in turns; print a row, and return how many times as much CPU the format takes."""
    pairs = [(_written(path, BASE), _written(path, name)) for _ in range(rounds)]
    ratio = statistics.median(other.cpu / base.cpu for base, other in pairs)
    cpu = statistics.median(other.cpu for _, other in pairs)
    last = pairs[-1][1]
    print(f"{name:12} {cpu:7.2f} {ratio:8.2f} {last.written_mb:12.1f} {last.peak_mb:9.0f}", flush=True)
    return ratio


def _written(path: Path, name: str) -> Written:
    """Write a report in a process of its own."""
    many = name == FOLDER or name in FOLDERS
    render = renderer("html" if name == FOLDER else name, Options(lang="en"))

    def write() -> float:
        collect_rarely()  # as the command does
        nowhere = _Nowhere(many=many, sizes=[])
        with open_sqlite(path, create=False) as store:
            render_stored(render, store, nowhere)
        return sum(nowhere.sizes) / 1e6

    return _forked(write)


def render_stored(render: RenderFn, store: Store, sink: _Nowhere) -> None:
    """Write the report of the latest judgement of the only run."""
    known = catalogue.load()
    (run,) = store.runs()
    judgement = store.latest_judgement(run.id)
    assert judgement is not None
    render(StoredReport(stored_judgement(judgement, store, known), store, known), sink)


def _forked(work: Callable[[], float]) -> Written:
    """Do work in a process that nothing was done in before; it says how many megabytes it wrote."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, repr(work()).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as said:
        size = said.read()
    _, status, used = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit("a report ended badly")
    return Written(cpu=used.ru_utime + used.ru_stime, peak_mb=used.ru_maxrss / 1024, written_mb=float(size))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.formats", description=__doc__)
    parser.add_argument("formats", nargs="*", metavar="FORMAT", help=", ".join(NAMES))
    parser.add_argument("--evidence", type=Path, help="a folder that `audit --evidence` wrote")
    parser.add_argument("--store", type=Path, help="the filled store, made where it is missing")
    parser.add_argument("--subjects", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
