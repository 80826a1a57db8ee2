"""Tests that a real service, killed while it examines a run, asks for one repeat, waits, and makes it once.

Nothing is measured: the doubtful run is in the store already, and its repeat fails for want of an inventory.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.figures.comparison import Credibility
from auditor.service.scheduler.jobs import PAUSE, JobQueue
from auditor.service.scheduler.model import AuditRequest, Job, JobState
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.jobs import job_rows
from probes.framework.evidence import RunId
from tests.support.service_process import serving
from tests.unit.auditor.service.scheduler.doubts import AREA, MANY, held

BEFORE, DOUBTED = RunId("r1"), RunId("r2")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a store with a judged audit and its open job."""
    made = tmp_path / "a.db"
    with open_sqlite(made) as store:
        held(store, BEFORE, 0, days=0)
        held(store, DOUBTED, MANY, days=1)
        jobs = JobQueue(store.database)
        job = jobs.start(AuditRequest(inventory="tinh"), "lan", "")
        jobs.take(job.id)
        jobs.tell(job.id, run=DOUBTED)
    return made


def until(path: Path, function: Callable[[list[Job]], bool]) -> list[Job]:
    """Wait until the jobs fulfil a condition, and return them, the oldest first."""
    deadline = time.monotonic() + 300
    with open_sqlite(path) as store:
        jobs = JobQueue(store.database)
        while not function(every := jobs.latest()[::-1]):
            assert time.monotonic() < deadline, (every, path.with_name("log").read_text("utf-8"))
            time.sleep(0.1)
    return every


def test_killed_while_it_weighs_a_run_it_is_repeated_once(path: Path) -> None:
    with serving(path) as process:
        until(path, lambda jobs: jobs[0].attempts > 1)
        process.kill()
    with serving(path):
        first, repeat = until(path, lambda jobs: len(jobs) > 1 and not jobs[0].is_open)
        assert (first.state, repeat.state, repeat.wanted.repeats) == (JobState.FINISHED, JobState.QUEUED, DOUBTED)
        assert repeat.due - repeat.requested > PAUSE / 2
    with open_sqlite(path) as store:
        assert (doubt := store.run(DOUBTED).doubt) is not None
        assert (doubt.state, doubt.base, doubt.areas) == (Credibility.WAITING, BEFORE, (AREA,))
        with store.database.writing() as connection:
            job_rows.change(connection, repeat.id, {"due": datetime.now(UTC)}, [JobState.QUEUED.value])
    with serving(path):
        _, repeat = until(path, lambda jobs: not jobs[1].is_open)
    assert (repeat.state, repeat.attempts, "tinh" in repeat.problem["vi"]) == (JobState.FAILED, 1, True)
    with open_sqlite(path) as store:
        assert (doubt := store.run(DOUBTED).doubt) is not None
        assert doubt.state is Credibility.UNSETTLED
        assert len(JobQueue(store.database).latest()) == 2
