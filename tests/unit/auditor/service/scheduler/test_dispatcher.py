"""Tests the order of jobs, and the state of jobs after their processes break; no process is started here."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from auditor.service.config.model import Config
from auditor.service.scheduler import lock
from auditor.service.scheduler.audit import end_run_of_failed_job
from auditor.service.scheduler.child import STOPPED
from auditor.service.scheduler.dispatcher import MOST, Dispatcher, _Running
from auditor.service.scheduler.jobs import SCHEDULER, JobQueue
from auditor.service.scheduler.known_inventories import KnownInventories
from auditor.service.scheduler.lock import Lock
from auditor.service.scheduler.model import AuditRequest, Job, JobId, JobState, Phase
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import Doubt, RunState, StoreFailed
from auditor.service.store.url import open_store
from probes.framework.evidence import RunId
from tests.support.postgresql import Server
from tests.unit.auditor.service.scheduler.doubts import AREA, MANY, Hands, held
from tests.unit.auditor.service.store.examples import RUN, START, run

WHOLE, SMALL = AuditRequest(inventory="a"), AuditRequest(inventory="a", subjects=("x",))


@dataclass
class Process:
    """Simulates a process that has ended or is still running."""

    pid: int = 1
    returncode: int | None = None
    stdin: None = None


class Turns(Dispatcher):
    """Records the jobs that it would start."""

    begun: list[JobId]

    async def _begin(self, job: Job) -> None:
        assert self.jobs.take(job.id)
        self.begun.append(job.id)
        self._running[job.id] = _Running(job, Process())  # type: ignore[arg-type]  # as far as it is looked at


@pytest.fixture
def turns(tmp_path: Path) -> Iterator[Turns]:
    with open_sqlite(tmp_path / "a.db") as store:
        made = Turns(
            config=Config(),
            store=store,
            jobs=JobQueue(store.database),
            inventories=KnownInventories(),
            schedules=(),
            lock=Lock(tmp_path / "lock", store.database),
        )
        made.begun = []
        yield made


def end(turns: Turns, job: JobId, code: int) -> None:
    turns._running[job].process.returncode = code  # type: ignore[misc]


async def test_one_whole_audit_at_a_time_and_one_of_a_few_subjects_beside_it(turns: Turns) -> None:
    wanted = (WHOLE, replace(WHOLE, inventory="b"), SMALL, replace(SMALL, inventory="b"))
    jobs = [turns.jobs.start(one, "lan", "::1").id for one in wanted]
    for _ in range(3):
        await turns.look()
    assert turns.begun == [jobs[0], jobs[2]]
    turns.jobs.end(jobs[0], JobState.FINISHED)
    end(turns, jobs[0], 0)
    await turns.look()
    assert turns.begun == [jobs[0], jobs[2], jobs[1]]


async def test_turn_audits_of_other_vantages_run_beside_each_other(turns: Turns) -> None:
    own = turns.config.vantage.name
    wanted = (
        WHOLE,
        replace(WHOLE, vantages=("hub",)),
        replace(WHOLE, inventory="b", vantages=("hub",)),
        replace(WHOLE, inventory="b", vantages=(own, "island")),
        replace(WHOLE, inventory="c", vantages=("island",)),
    )
    jobs = [turns.jobs.start(one, "lan", "::1").id for one in wanted]
    await turns.look()
    assert turns.begun == [jobs[0], jobs[1], jobs[4]]
    for job in (jobs[0], jobs[4]):
        turns.jobs.end(job, JobState.FINISHED)
        end(turns, job, 0)
    await turns.look()
    assert turns.begun[3:] == [jobs[3]]


async def test_turn_own_vantage_is_free_while_a_round_waits_for_workers(turns: Turns) -> None:
    own = turns.config.vantage.name
    first = turns.jobs.start(replace(WHOLE, vantages=(own, "hub")), "lan", "::1").id
    second = turns.jobs.start(WHOLE, "lan", "::1").id
    third = turns.jobs.start(replace(WHOLE, vantages=("hub",)), "lan", "::1").id
    turns.jobs.tell(first, phase=Phase.MEASURING.value)
    await turns.look()
    assert turns.begun == [first]
    turns.jobs.tell(first, phase=Phase.WORKERS.value)
    await turns.look()
    assert turns.begun == [first, second]
    assert not turns.jobs.job(third).started


async def test_turn_has_a_limit_of_processes(turns: Turns) -> None:
    for number in range(MOST + 1):
        turns.jobs.start(replace(WHOLE, vantages=(f"commune-{number}",)), "lan", "::1")
    for _ in range(2):
        await turns.look()
    assert len(turns.begun) == MOST


async def test_turn_repeat_that_a_clock_ahead_put_off_begins_once_it_is_put_right(turns: Turns) -> None:
    hands = Hands()
    turns.now, turns.jobs = hands, JobQueue(turns.store.database, hands)
    held(turns.store, "before", 0, days=0)
    held(turns.store, "doubted", MANY, days=1)
    hands.on(days=400)
    first = turns.jobs.start(WHOLE, "lan", "::1").id
    turns.jobs.take(first)
    turns.jobs.tell(first, run="doubted")
    turns.jobs.doubt(first, Doubt(base=RunId("before"), areas=(AREA,), since=hands.now))
    turns.jobs.end(first, JobState.FINISHED)
    await turns.look()
    assert turns.begun == []  # half an hour after the doubtful one
    hands.on(days=-400)
    await turns.look()
    assert turns.begun == [job.id for job in turns.jobs.open_jobs()] != []


async def test_turn_interrupted_jobs_first_then_people_then_schedules(turns: Turns) -> None:
    scheduled = turns.jobs.start(replace(WHOLE, schedule="đêm"), SCHEDULER, "").id
    asked = turns.jobs.start(replace(WHOLE, inventory="b"), "lan", "::1").id
    cut_off = turns.jobs.start(replace(WHOLE, inventory="c"), "lan", "::1").id
    turns.jobs.take(cut_off)
    for job in (cut_off, asked, scheduled):
        await turns.look()
        turns.jobs.end(job, JobState.FINISHED)
        end(turns, job, 0)
    assert turns.begun == [cut_off, asked, scheduled]


async def test_dispatcher_process_whose_store_failed_is_begun_again_as_often_as_it_takes(
    turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    job = turns.jobs.start(WHOLE, "lan", "::1").id
    for times in range(1, 10):
        await turns.look()
        assert len(turns.begun) == times
        end(turns, job, STOPPED)
        await turns.look()
        assert len(turns.begun) == times, "at once"
        now += 60
    assert turns.jobs.job(job).is_open


async def test_dispatcher_broken_process_is_retried_then_given_up(
    turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    job = turns.jobs.start(WHOLE, "lan", "::1").id
    turns.store.create_run(run())
    for times in (1, 2, 3):
        await turns.look()
        assert len(turns.begun) == times
        turns.jobs.tell(job, run=RUN)
        end(turns, job, -9)
        await turns.look()
        assert len(turns.begun) == times, "at once"
        now += 60
    failed = turns.jobs.job(job)
    assert (failed.state, failed.attempts) == (JobState.FAILED, 3)
    assert "3 lần" in failed.problem["vi"]
    assert "3 times" in failed.problem["en"]
    assert turns.store.run(RUN).state is RunState.INTERRUPTED


async def test_a_run_that_is_finished_stays_so_when_its_job_fails(turns: Turns) -> None:
    job = turns.jobs.start(WHOLE, "lan", "::1")
    turns.store.create_run(run())
    turns.store.finish_run(RUN, START)
    turns.jobs.take(job.id)
    turns.jobs.tell(job.id, run=RUN)
    end_run_of_failed_job(turns.store, turns.jobs.job(job.id))
    assert turns.store.run(RUN).state is RunState.FINISHED


async def test_the_lock_has_one_holder_and_its_file_stays(turns: Turns, tmp_path: Path) -> None:
    first, second = (Lock(tmp_path / "lock", turns.store.database) for _ in range(2))
    await first.take()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await second.take()
    assert not second.numbers
    first.leave()
    await second.take()
    assert len(second.numbers) == 1
    second.leave()


async def test_the_lock_is_one_for_services_on_two_machines(postgresql: Server, tmp_path: Path) -> None:
    with postgresql.database() as url, open_store(url) as here, open_store(url) as there:
        first, second = Lock(tmp_path / "a", here.database), Lock(tmp_path / "b", there.database)
        await first.take()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await second.take()
        first.leave()
        await second.take()
        second.leave()


_END_CONNECTIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND {}"
_OTHERS, _CLAIM = "pid <> pg_backend_pid()", "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"


async def test_a_service_that_lost_its_claim_leaves_the_jobs_to_the_one_that_got_it(
    postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "_NOTICED", 0.0)
    with postgresql.database() as url, open_store(url) as here, open_store(url) as there:
        first, second = Lock(tmp_path / "a", here.database), Lock(tmp_path / "b", there.database)
        turns = Turns(
            config=Config(),
            store=here,
            jobs=JobQueue(here.database),
            inventories=KnownInventories(),
            schedules=(),
            lock=first,
        )
        turns.begun = []
        await first.take()
        child = await asyncio.create_subprocess_exec("sleep", "60")
        job = turns.jobs.start(WHOLE, "an", "::1")
        turns._running[job.id] = _Running(job, child)
        waiting = asyncio.create_task(second.take())
        await asyncio.sleep(0.1)
        postgresql.execute(_END_CONNECTIONS.format(_CLAIM), url.split("?")[0].rpartition("/")[2])
        await asyncio.wait_for(waiting, 10)
        with pytest.raises(StoreFailed):  # the error is reported, and the store asked again in a second
            await turns._keep_claim()
        again = asyncio.create_task(turns._keep_claim())
        await asyncio.wait_for(child.wait(), 10)
        await asyncio.sleep(0.1)
        assert (again.done(), turns._running) == (False, {})
        second.leave()
        await asyncio.wait_for(again, 10)
        first.leave()


async def test_a_service_whose_database_is_away_waits_for_it(
    postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgresql.database() as url, open_store(url) as here, open_store(url) as there:
        first, second = Lock(tmp_path / "a", here.database), Lock(tmp_path / "b", there.database)
        await first.take()
        waiting = asyncio.create_task(second.take())
        await asyncio.sleep(0.1)
        name = url.split("?")[0].rpartition("/")[2]
        postgresql.execute(_END_CONNECTIONS.format(_OTHERS), name)
        assert await first.claim() or await first.claim()
        await asyncio.sleep(1.0)
        assert not waiting.done()
        waiting.cancel()
        first.leave()
