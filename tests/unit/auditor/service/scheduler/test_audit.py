"""Tests a job with an error in its process: a store error, which passes, or one that a person has to fix."""

from pathlib import Path

import pytest

from auditor.service.config.model import Config
from auditor.service.scheduler import audit
from auditor.service.scheduler.audit import AuditOrder, perform
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.known_inventories import KnownInventories
from auditor.service.scheduler.model import AuditRequest, JobState
from auditor.service.scheduler.stopping import StopSignal
from auditor.service.store.records import StoreError, StoreFailed
from auditor.service.store.url import open_store


@pytest.mark.parametrize(
    ("error", "is_done", "state"),
    [(StoreFailed("there is no space left"), False, JobState.RUNNING), (StoreError("wrong"), True, JobState.FAILED)],
)
async def test_perform_leaves_a_job_open_whose_store_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, error: StoreError, is_done: bool, state: JobState
) -> None:
    async def failing(_: object) -> bool:
        raise error

    monkeypatch.setattr(audit._Audit, "done", failing)
    config = Config(store=f"sqlite:///{tmp_path / 'a.db'}")
    with open_store(config.store) as store:
        jobs = JobQueue(store.database)
        job = jobs.start(AuditRequest(inventory="a"), "an", "::1")
        assert jobs.take(job.id)
    order = AuditOrder(config=config, inventories=KnownInventories(), job=job.id)
    assert await perform(order, StopSignal()) is is_done
    with open_store(config.store) as store:
        assert JobQueue(store.database).job(job.id).state is state


async def test_perform_of_a_store_that_cannot_be_opened_ends_in_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(url: str) -> None:
        raise StoreFailed("{store} cannot be reached", store=url)

    monkeypatch.setattr(audit, "open_store", failing)
    job = AuditOrder(config=Config(store="postgresql:///a"), inventories=KnownInventories(), job=7)  # type: ignore[arg-type]
    assert not await perform(job, StopSignal())
    assert caplog.messages == ["job 7 is left open: postgresql:///a cannot be reached"]
