"""Tests that a run that was cut off fails no subject by a part of its planned measurements."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Finding
from auditor.judging import views
from auditor.service.pipeline.judging import evaluating
from auditor.service.pipeline.judging.judging_subjects import Batch, JudgedBatch, SubjectJudge
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import RunState
from auditor.service.store.sql.store import SqlStore
from inventory.inventory import Inventory
from inventory.model import Kind, Subject, SubjectId
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, RunId
from tests.golden.case import HERE as GOLDEN
from tests.golden.case import load_evidence
from tests.golden.documents import read
from tests.support import judged
from tests.unit.auditor.stored import row

OURS, THEIRS = SubjectId(judged.OURS), SubjectId(judged.THEIRS)
RECORDED = GOLDEN / "ipv6.web.aaaa" / "MISSING.json"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """Yield a store with the finished run of two portals, each with the same evidence."""
    recorded = [load_evidence(one) for one in read(RECORDED)["evidence"]]
    with open_sqlite(tmp_path / "a.db") as made:
        judged.fill(made)
        for subject in (OURS, THEIRS):
            made.add_evidence(
                replace(one, run=judged.RUN, subject=subject, id=EvidenceId(f"{subject} {n}"))
                for n, one in enumerate(recorded)
            )
        yield made


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[SubjectId, int]:
    """Return the number of pieces of evidence that each subject was judged by."""
    found: dict[SubjectId, int] = {}

    def judge(subject: Subject, evidence: EvidenceSet, *others: object, **more: object) -> tuple[Finding, ...]:
        found[subject.id] = sum(1 for _ in evidence)
        return ()

    monkeypatch.setattr(views, "judge", judge)
    return found


def again(store: SqlStore, hours: int) -> None:
    evaluating.evaluate(judged.RUN, store, catalogue.load(), now=judged.NOW + timedelta(hours=hours))


def test_a_finished_run_is_judged_by_everything(store: SqlStore, seen: dict[SubjectId, int]) -> None:
    again(store, 1)
    assert seen[OURS] == seen[THEIRS] > 0


def test_names_of_one_zone_hold_its_outcomes_together(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[Batch] = []
    judge = SubjectJudge.judge

    def noted(self: SubjectJudge, batch: Batch) -> JudgedBatch:
        batches.append(batch)
        return judge(self, batch)

    monkeypatch.setattr(SubjectJudge, "judge", noted)
    store.add_subjects(judged.RUN, [replace(row("tinh.vn", Kind.ZONE, None), derived_from=(OURS, THEIRS))])
    again(store, 1)
    zones = batches[-1].zones
    assert zones.keys() == {OURS, THEIRS}
    assert zones[OURS]
    assert zones[OURS] is zones[THEIRS]


def test_of_one_that_was_cut_off_before_anything_was_measured_whole_nothing_is_judged(
    store: SqlStore, seen: dict[SubjectId, int]
) -> None:
    store.finish_run(judged.RUN, judged.NOW, RunState.INTERRUPTED)
    assert store.measured(judged.RUN) == frozenset()
    again(store, 1)
    assert seen == {OURS: 0, THEIRS: 0}


@pytest.mark.parametrize("state", [RunState.CANCELLED, RunState.INTERRUPTED, RunState.RUNNING])
def test_of_one_that_was_cut_off_only_who_was_measured_whole(
    store: SqlStore, seen: dict[SubjectId, int], state: RunState
) -> None:
    store.finish_run(judged.RUN, judged.NOW, state)
    store.mark_measured(judged.RUN, THEIRS)
    again(store, 1)
    assert (seen[OURS], seen[THEIRS] > 0) == (0, True)
    store.mark_measured(judged.RUN, OURS)
    again(store, 2)
    assert seen[OURS] == seen[THEIRS]


@pytest.mark.parametrize(("state", "again_read"), [(RunState.FINISHED, False), (RunState.RUNNING, True)])
def test_evidence_is_read_once_where_none_can_follow(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, state: RunState, again_read: bool
) -> None:
    store.finish_run(judged.RUN, judged.NOW, state)
    read_again: list[SubjectId] = []
    read = store.evidence_of

    def noted(run: RunId, subjects: Sequence[SubjectId]) -> Mapping[SubjectId, tuple[Evidence, ...]]:
        read_again.extend(subjects)
        return read(run, subjects)

    monkeypatch.setattr(store, "evidence_of", noted)
    again(store, 1)
    assert (OURS in read_again, THEIRS in read_again) == (again_read, again_read)


def test_evidence_that_finds_no_room_is_read_again_and_judged_the_same(
    store: SqlStore, seen: dict[SubjectId, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    again(store, 1)
    first = dict(seen)
    monkeypatch.setattr(evaluating, "ROOM", 1)
    again(store, 2)
    assert seen == first


def test_the_inventory_of_who_has_it_is_not_read_again(store: SqlStore) -> None:
    known, own = catalogue.load(), Inventory.from_json(store.blob(store.run(judged.RUN).inventory))
    done = evaluating.evaluate(judged.RUN, store, known, now=judged.NOW, inventory=own)
    assert done.inventory is own
    assert evaluating.evaluate(judged.RUN, store, known, now=judged.NOW).inventory == own
