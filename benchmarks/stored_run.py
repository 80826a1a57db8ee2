"""Measures how long an old run takes to be shown (reports, comparison, lists) and how much evidence that reads.

Two stores hold two judged runs of the same subjects each; one has ten times the evidence of the other. Goals: what
shows no observation reads no evidence at all, and takes at most 1.3 times as long in the larger store; medians of
several rounds.

    python -m benchmarks.stored_run [--subjects 300] [--pieces 40] [--rounds 3] [--strict]
"""

import argparse
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO

from auditor.framework import catalogue
from auditor.service.pipeline.judging.evaluating import evaluate, stored_judgement
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.runs.comparing import compare
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.sql.runs import evidence_rows
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries
from benchmarks.processes import verdict
from probes.framework.evidence import RunId
from reports.document import Options, ReportHeader
from reports.registry import renderer
from tests.support import measured_run

GROWTH = 1.3
FEWER = 10
BEFORE, RUN = RunId("20260202T013000Z-000001"), RunId("20260302T013000Z-000002")


class _Nowhere:
    many = False

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        yield io.BytesIO()


class _Reads:
    """Counts the pieces of evidence that the store decodes."""

    def __init__(self) -> None:
        self.count, self._unpack = 0, evidence_rows.read
        evidence_rows.read = self._counted  # type: ignore[assignment]  # the same with a count

    def _counted(self, *args: object) -> object:
        self.count += 1
        return self._unpack(*args)  # type: ignore[arg-type]  # handed on as it is


def main(arguments: list[str]) -> int:
    """Measure and print."""
    options, reads = _parser().parse_args(arguments), _Reads()
    found: list[Mapping[str, tuple[float, int]]] = []
    for pieces in (options.pieces // FEWER, options.pieces):
        with tempfile.TemporaryDirectory() as folder, open_sqlite(Path(folder, "auditor.db")) as store:
            _fill(store, options.subjects, pieces)
            found.append({name: _measured(work, reads, options.rounds) for name, work in _work(store).items()})
        print(f"{options.subjects} subjects with {pieces + 1} pieces of evidence each:")
        for name, (seconds, count) in found[-1].items():
            print(f"  {name:12} {1000 * seconds:8.0f} ms  {count:7} pieces of evidence read")
    small, large = found
    goals = {f"{name} reads no evidence": not count for name, (_, count) in large.items()}
    for name, (seconds, _) in large.items():
        goals[f"{name} within {GROWTH} times that of a tenth of the evidence"] = seconds <= GROWTH * small[name][0]
    return verdict(goals, strict=options.strict)


def _fill(store: SqlStore, subjects: int, pieces: int) -> None:
    for run, when in ((BEFORE, measured_run.START - timedelta(days=28)), (RUN, measured_run.START)):
        measured_run.add_run(store, run, subjects=subjects, pieces=pieces, when=when)
        evaluate(run, store, catalogue.load(), now=when)


def _work(store: SqlStore) -> Mapping[str, Callable[[], object]]:
    return {
        **{f"{name} report": partial(_report, store, name) for name in ("json", "csv", "jsonl")},
        "comparison": lambda: compare(_stored(store, BEFORE), _stored(store, RUN), store),
        "lists": lambda: _lists(store),
    }


def _stored(store: SqlStore, run: RunId) -> LoadedJudgement:
    judgement = store.latest_judgement(run)
    assert judgement is not None
    return stored_judgement(judgement, store, catalogue.load())


def _report(store: SqlStore, format: str) -> None:
    renderer(format, Options(lang="en"))(StoredReport(_stored(store, RUN), store, catalogue.load()), _Nowhere())


def _lists(store: SqlStore) -> ReportHeader:
    """Read the content of a run's pages, and the header of its report."""
    digests = JudgementSummaries(store, catalogue.load(), store.database, Inventories(store.database))
    judgement = store.latest_judgement(RUN)
    assert judgement is not None
    return digests.report(digests.of(judgement)).header


def _measured(work: Callable[[], object], reads: _Reads, rounds: int) -> tuple[float, int]:
    """The median time, and the evidence read in one round."""
    times, before = [], reads.count
    for _ in range(rounds):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return statistics.median(times), (reads.count - before) // rounds


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stored_run", description=__doc__)
    parser.add_argument("--subjects", type=int, default=300)
    parser.add_argument("--pieces", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--strict", action="store_true", help="end non-zero below a goal")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
