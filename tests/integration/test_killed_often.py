"""Tests that an audit killed at many moments, in every phase, loses and duplicates nothing.

Several kills in a row hit one run, each while it resumes from the one before; then it goes on to its end and must be
like an undisturbed run. Half of the runs are killed where they stopped themselves, which together covers every place of
``STOPS``; the others continue from there and are killed a moment later. A seed chooses these moments; it is in the
output.
"""

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from threading import Lock

import pytest

from auditor.service.store.api import Store
from auditor.service.store.records import RunState, StoreError
from auditor.service.store.url import open_store
from tests.support import audits
from tests.support.audits import OK, Document
from tests.support.forked import HOSTS, Forked, Stop, write_inputs
from tests.support.sqlite_file import connected

AT_ONCE, SEED = 3, 20261128
CHECKS = "ipv6.path.echo"
_OPENING = Lock()
_STORE = "auditor.service.store.sql.store:SqlStore"
_MIRROR = "auditor.service.store.evidence.evidence_files:EvidenceFiles"
STOPS = {
    "start": [Stop(method=f"{_STORE}.{name}") for name in ("put_blob", "create_run")],
    "measuring": [
        Stop(method=f"{owner}.add_evidence", after=after, nth=nth)
        for owner in (_STORE, _MIRROR)
        for after in (False, True)
        for nth in (1, 2, 3)
    ],
    "judging": [
        Stop(method=f"{_STORE}.{name}", after=after)
        for name, after in (
            ("finish_run", True),
            ("add_judgement", True),
            ("add_conditions", False),
            ("add_findings", True),
            ("add_summary", True),
            ("complete_judgement", False),
        )
    ],
    "reporting": [Stop(method="auditor.service.cli.commands.measuring.running:evaluate", after=True)]
    + [Stop(method=f"auditor.service.cli.commands.measuring.audit:{name}") for name in ("write_outputs", "exit_code")],
}
"""The places of every phase at which a run stops itself."""
RUNS = 2 * len(STOPS["judging"])
ROW = ("start", "measuring", "measuring", "judging", "reporting")
"""The phases in which one run is killed, one kill after the other."""
_LATER = 0.3
"""The most seconds that a run continues before it is killed, if it is not killed at its stop."""


@dataclass
class Run:
    """Holds one run's folder; ``phases`` are the phases in which it was killed."""

    folder: Path
    inputs: Path
    phases: list[str] = field(default_factory=list)

    @property
    def result(self) -> Path:
        return self.folder / "result.json"

    @property
    def journal(self) -> bytes:
        path = self.folder / "evidence" / "evidence.jsonl"
        return path.read_bytes() if path.exists() else b""

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Open the store, in one thread at a time: the library that creates and inspects schemas requires that."""
        with _OPENING, open_store(f"sqlite:///{self.folder / 'a.db'}", create=False) as store:
            yield store

    @property
    def words(self) -> list[object]:
        store, run = f"sqlite:///{self.folder / 'a.db'}", self.run
        return [
            "--config",
            self.inputs / "auditor.toml",
            "--lang",
            "en",
            "audit",
            self.inputs / "inventory.csv",
            "--profile",
            "quick",
            "--only",
            CHECKS,
            "--store",
            store,
            "--evidence",
            self.folder / "evidence",
            "--format",
            f"json={self.result}",
            *(("--resume", run) if run else ()),
        ]

    @property
    def run(self) -> str | None:
        """Return the run's id, None if it was killed before it had one."""
        try:
            with self.store() as store:
                runs = store.runs()
        except StoreError:
            return None
        assert len(runs) <= 1
        return runs[0].id if runs else None

    @property
    def phase(self) -> str:
        run = self.run
        if run is None:
            return "start"
        with self.store() as store:
            (record,) = store.runs()
            judged = store.latest_judgement(record.id) is not None
        return "reporting" if judged else "measuring" if record.state is RunState.RUNNING else "judging"

    def ids(self) -> list[str]:
        """Return the ids of all completely written envelopes, in their order."""
        lines = self.journal.split(b"\n")[:-1]
        return [fields["id"] for line in lines if "probe" in (fields := json.loads(line))]

    def end(self, forked: Forked) -> int:
        return forked.ended(forked.audit(self.words, self.folder / "log"))

    def kill(self, forked: Forked, stop: Stop, later: float | None) -> bool:
        """Start or resume the run and kill it at its stop or ``later`` seconds after; False if it ended first."""
        kept, number = self.ids(), forked.audit(self.words, self.folder / "log", stop)
        if forked.reached(number):
            if later is not None:
                os.kill(number, signal.SIGCONT)
                time.sleep(later)
            os.kill(number, signal.SIGKILL)
        status = forked.ended(number)
        assert status in (OK, -signal.SIGKILL), (self.folder / "log").read_text()
        killed = status != OK
        assert self.ids()[: len(kept)] == kept, "evidence that was written is not there any more"
        if self.result.exists():
            json.loads(self.result.read_bytes())  # complete, or missing
        with connected(self.folder / "a.db") as connection:
            assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        if killed:
            self.phases.append(self.phase)
        return killed


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """Holds the results of an undisturbed run."""

    document: Document
    ids: int


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("killed")
    write_inputs(folder)
    return folder


def test_killed_in_every_phase_it_loses_nothing_and_has_nothing_twice(inputs: Path) -> None:
    free: Queue[Forked] = Queue()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        started = list(pool.map(lambda _: Forked.start(), range(AT_ONCE)))
        try:
            whole = _undisturbed(started[0], inputs)
            for forked in started:
                free.put(forked)
            runs = list(pool.map(lambda number: _chain(inputs, number, free, whole), range(RUNS)))
        finally:
            for forked in started:
                forked.end()
    phases = Counter(phase for run in runs for phase in run.phases)
    print(f"seed {SEED}: {phases.total()} kills of {RUNS} runs, {dict(phases)}")


def _undisturbed(forked: Forked, inputs: Path) -> Whole:
    run = Run(inputs / "whole", inputs)
    run.folder.mkdir()
    assert run.end(forked) == OK, (run.folder / "log").read_text()
    document = audits.read(run.result)
    assert document["summary"]["pass"] == HOSTS
    return Whole(document=document, ids=len(run.ids()))


def _chain(inputs: Path, number: int, free: "Queue[Forked]", whole: Whole) -> Run:
    run, chance, forked = Run(inputs / f"run-{number}", inputs), random.Random(SEED + number), free.get()
    run.folder.mkdir()
    goes_on = number % 2 == 1  # so it may end before it is killed
    try:
        if all(run.kill(forked, stop, chance.random() * _LATER if goes_on else None) for stop in _stops(number // 2)):
            run.result.unlink(missing_ok=True)
            assert run.end(forked) == OK, (run.folder / "log").read_text()
    finally:
        free.put(forked)
    assert goes_on or tuple(run.phases) == ROW
    _is_whole(run, whole)
    return run


def _stops(number: int) -> Iterator[Stop]:
    """Yield a place of each phase of ``ROW``, another one for the next number."""
    for place, phase in enumerate(ROW):
        before = ROW[:place].count(phase)
        yield STOPS[phase][(number * ROW.count(phase) + before) % len(STOPS[phase])]


def _is_whole(run: Run, whole: Whole) -> None:
    found = audits.read(run.result)
    audits.assert_same(whole.document, found, run.phases)
    ids = run.ids()
    assert len(ids) == len(set(ids)) >= whole.ids  # a resumed run has more self-tests
    with run.store() as store:
        (record,) = store.runs()
        assert record.state is RunState.FINISHED
        assert {envelope.id for envelope in store.all_evidence(record.id)} == set(ids)
        assert len(store.measured(record.id)) == HOSTS
        assert len(store.judgements(record.id)) <= 1 + run.phases.count("reporting")
        for judgement in store.judgements(record.id):
            findings = [finding.id for _, some in store.findings_by_subject(judgement.id) for finding in some]
            assert len(findings) == len(set(findings))
