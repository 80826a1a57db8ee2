"""An audit that is killed at a hundred moments, in every phase, loses nothing and has nothing twice.

Several kills in a row hit one run, each while it resumes from the one before; then it goes on to its end and must be as
a run that nobody disturbed. The moments are chosen by a seed that stands in the output.
"""

import json
import os
import random
import signal
import sqlite3
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
from tests.support.audits import OK, Document, essence
from tests.support.forked import HOSTS, Forked, write_inputs

KILLS, IN_A_ROW, AT_ONCE, SEED = 100, 5, 6, 20261128
CHECKS = "ipv6.path.echo"
_OPENING = Lock()
PHASES = ("start", "measuring", "judging", "reporting")


@dataclass
class Run:
    """One run's folder. ``phases`` are those in which it was killed."""

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
        """By one thread at a time: schemas are made and looked at by a library that wants that."""
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
        """Its id, None where it was killed before there was one."""
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
        """Of every envelope that was written whole, in their order."""
        lines = self.journal.split(b"\n")[:-1]
        return [fields["id"] for line in lines if "probe" in (fields := json.loads(line))]

    def end(self, forked: Forked) -> int:
        return forked.ended(forked.audit(self.words, self.folder / "log"))

    def kill(self, forked: Forked, chance: random.Random, whole: float) -> bool:
        """Start it or go on, and kill it at some moment. Whether it was not faster."""
        kept, number = self.ids(), forked.audit(self.words, self.folder / "log")
        self._wait(chance, whole)
        os.kill(number, signal.SIGKILL)
        status = forked.ended(number)
        assert status in (OK, -signal.SIGKILL), (self.folder / "log").read_text()
        killed = status != OK
        assert self.ids()[: len(kept)] == kept, "evidence that was written is not there any more"
        if self.result.exists():
            json.loads(self.result.read_bytes())  # whole, or not there
        with sqlite3.connect(self.folder / "a.db") as connection:
            assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        connection.close()
        if killed:
            self.phases.append(self.phase)
        return killed

    def _wait(self, chance: random.Random, whole: float) -> None:
        """A half of the moments lie anywhere, the others where little time is spent: at the start and at the end."""
        where = chance.random()
        if where < 0.15:
            time.sleep(chance.random() * 0.3)
        elif where < 0.6:
            time.sleep(chance.random() * whole)
        else:
            until = time.monotonic() + 4 * whole
            while b'"ended":' not in self.journal and time.monotonic() < until:
                time.sleep(0.005)
            time.sleep(chance.random() * 0.25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A run that nobody disturbed."""

    document: Document
    seconds: float
    ids: int


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("killed")
    write_inputs(folder)
    return folder


def test_killed_a_hundred_times_it_loses_nothing_and_has_nothing_twice(inputs: Path) -> None:
    free: Queue[Forked] = Queue()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        started = list(pool.map(lambda _: Forked.start(), range(AT_ONCE)))
        try:
            whole = _undisturbed(started[0], inputs)
            for forked in started:
                free.put(forked)
            phases: list[str] = []
            number = 0
            while len(phases) < KILLS:  # one that is faster than its killer is no kill
                wanted = max(1, min(3 * AT_ONCE, (KILLS - len(phases)) // IN_A_ROW))
                runs = list(pool.map(lambda n: _chain(inputs, n, free, whole), range(number, number + wanted)))
                phases += [phase for run in runs for phase in run.phases]
                number += wanted
        finally:
            for forked in started:
                forked.end()
    counts = Counter(phases)
    print(f"seed {SEED}: {len(phases)} kills of {number} runs, {dict(counts)}; undisturbed {whole.seconds:.1f} s")
    assert all(counts[phase] >= 3 for phase in PHASES), counts


def _undisturbed(forked: Forked, inputs: Path) -> Whole:
    run = Run(inputs / "whole", inputs)
    run.folder.mkdir()
    began = time.monotonic()
    assert run.end(forked) == OK, (run.folder / "log").read_text()
    document = audits.read(run.result)
    assert document["summary"]["pass"] == HOSTS
    return Whole(document=document, seconds=time.monotonic() - began, ids=len(run.ids()))


def _chain(inputs: Path, number: int, free: "Queue[Forked]", whole: Whole) -> Run:
    run, chance, forked = Run(inputs / f"run-{number}", inputs), random.Random(SEED + number), free.get()
    run.folder.mkdir()
    try:
        if all(run.kill(forked, chance, whole.seconds) for _ in range(IN_A_ROW)):
            run.result.unlink(missing_ok=True)
            assert run.end(forked) == OK, (run.folder / "log").read_text()
    finally:
        free.put(forked)
    _is_whole(run, whole)
    return run


def _is_whole(run: Run, whole: Whole) -> None:
    found = audits.read(run.result)
    assert not (changed := audits.differing(whole.document, found)), "\n".join((str(run.phases), *changed))
    assert essence(found) == essence(whole.document), run.phases
    ids = run.ids()
    assert len(ids) == len(set(ids)) >= whole.ids  # self-tests are added
    with run.store() as store:
        (record,) = store.runs()
        assert record.state is RunState.FINISHED
        assert {envelope.id for envelope in store.all_evidence(record.id)} == set(ids)
        assert len(store.measured(record.id)) == HOSTS
        assert len(store.judgements(record.id)) <= 1 + run.phases.count("reporting")
        for judgement in store.judgements(record.id):
            findings = [finding.id for _, some in store.findings_by_subject(judgement.id) for finding in some]
            assert len(findings) == len(set(findings))
