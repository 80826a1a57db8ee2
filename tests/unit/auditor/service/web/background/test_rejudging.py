"""Tests that many subjects are judged again in another process, so that pages do not wait, and few at once."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.store import SqlStore
from auditor.service.web.background import rejudging
from auditor.service.web.background.rejudging import RejudgeQueue
from probes.framework.evidence import RunId
from tests.support import measured_run

RUN = RunId("20260302T013000Z-000001")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_sqlite(tmp_path / "auditor.db") as opened:
        measured_run.add_run(opened, RUN, subjects=3, pieces=1)
        yield opened


@pytest.mark.parametrize(("worth", "here"), [(1, 0), (100, 1)])
def test_again_judges_many_subjects_elsewhere(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, worth: int, here: int
) -> None:
    calls: list[RunId] = []

    def counted(run: RunId, *others: object, **more: object) -> object:
        calls.append(run)
        return evaluate(run, *others, **more)  # type: ignore[arg-type]  # handed on as they are

    monkeypatch.setattr(rejudging, "evaluate", counted)
    monkeypatch.setattr(rejudging, "MANY", worth)
    queue = RejudgeQueue(store, catalogue.load())
    assert asyncio.run(queue.again(RUN, 120.0))
    assert calls == [RUN] * here
    assert len(store.judgements(RUN)) == 1
    assert RUN not in queue
