"""Tests that several processes judge as one process does, and that an error in one of them fails the judgement."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Finding
from auditor.service.pipeline.judging import evaluating, judging_subjects, members
from auditor.service.pipeline.processes import process_pool
from auditor.service.store.api import Store
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import JudgementId, SettledSubject, StoreError, SubjectScores
from auditor.service.store.sql.store import SqlStore
from inventory.model import SubjectId
from probes.framework.evidence import RunId
from tests.support import measured_run

RUN = RunId("20260302T013000Z-000001")
SUBJECTS = 60


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "auditor.db") as opened:
        measured_run.add_run(opened, RUN, subjects=SUBJECTS, pieces=2)
        yield opened


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Use two processes for few subjects; return a list that receives the number of processes of each judgement."""
    counts: list[int] = []
    made = process_pool.ProcessPool.__init__

    def counted(processes: object, count: int, begin: bytes) -> None:
        counts.append(count)
        made(processes, count, begin)  # type: ignore[arg-type]  # handed on as it is

    monkeypatch.setattr(judging_subjects, "WORTH_A_PROCESS", 10)
    monkeypatch.setattr(judging_subjects, "cores", lambda: 2)
    monkeypatch.setattr(process_pool.ProcessPool, "__init__", counted)
    return counts


def _judge(store: Store, told: list[int] | None = None) -> JudgementId:
    said = (lambda done: None) if told is None else told.append
    return evaluating.evaluate(RUN, store, catalogue.load(), now=measured_run.START, judged_so_far=said).id


def _results(
    store: Store, judgement: JudgementId
) -> tuple[list[Finding], list[tuple[SubjectId, SubjectScores]], list[SettledSubject]]:
    findings = [one for _, some in store.findings_by_subject(judgement) for one in some]
    ids = [one.id for one in store.subjects(RUN)]
    return findings, list(store.scores_by_subject(judgement)), list(store.settled_of(judgement, ids).values())


def test_judging_in_processes_gives_what_one_process_gives(
    store: SqlStore, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    shared: list[int] = []
    several = _results(store, _judge(store, shared))
    assert started == [2]
    monkeypatch.setattr(judging_subjects, "cores", lambda: 1)
    told: list[int] = []
    alone = _results(store, _judge(store, told))
    assert started == [2]
    assert len(alone[0]) > SUBJECTS
    assert several == alone
    assert shared == told


def test_judging_few_subjects_starts_no_process(
    store: SqlStore, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging_subjects, "WORTH_A_PROCESS", SUBJECTS)
    _judge(store)
    assert started == []


def test_judging_a_store_in_memory_starts_no_process(started: list[int]) -> None:
    store = MemoryStore()
    measured_run.add_run(store, RUN, subjects=SUBJECTS, pieces=2)
    _judge(store)
    assert started == []


def test_judging_damaged_evidence_in_a_process_fails_the_judgement(
    tmp_path: Path, store: SqlStore, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_all = members.basis

    def then_damage(*args: object, **named: object) -> object:
        based = read_all(*args, **named)  # type: ignore[arg-type]  # handed on as they are
        with closing(sqlite3.connect(tmp_path / "auditor.db")) as other, other:
            last = "(SELECT max(subject) FROM evidence_pack)"
            other.execute(f"UPDATE evidence_pack SET body = x'00' WHERE subject = {last}")  # a constant
        return based

    monkeypatch.setattr(evaluating, "basis", then_damage)
    with pytest.raises(StoreError, match="cannot be read"):
        _judge(store)
    assert started == [2]
    assert store.judgements(RUN) == ()
