"""Tests jobs in a real store: started once, cancelled while there is work to cancel, visible to all."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.service.accounts.accounts import Accounts
from auditor.service.config.model import Config
from auditor.service.scheduler.jobs import SCHEDULER, JobQueue
from auditor.service.scheduler.model import AuditRequest, ControlError, JobId, JobState, Phase
from auditor.service.scheduler.schedules import Schedule, request_due_audits, schedules
from auditor.service.store.api import DatabaseStore
from inventory.model import Clearance
from probes.framework.evidence import RunId
from tests.support.stores import DATABASES, new_store

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
WANTED = AuditRequest(inventory="cổng tỉnh", clearance=Clearance.PASSIVE, name="quý 4", subjects=("a", "b"), amends="r")
NIGHTLY = {"schedule": {"đêm": {"cron": "0 1 * * *", "inventory": "cổng tỉnh", "on_holidays": "run"}}}


class Hands:
    """Returns the time of a simulated clock."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseStore]:
    with new_store(request, tmp_path) as made:
        yield made


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def jobs(store: DatabaseStore, hands: Hands) -> JobQueue:
    return JobQueue(store.database, hands)


def deeds(store: DatabaseStore) -> list[tuple[str, str]]:
    return [(one.what, one.who) for one in reversed(Accounts(store.database).deeds())]


def test_start_keeps_the_request(store: DatabaseStore, jobs: JobQueue) -> None:
    made = jobs.start(WANTED, "lan", "::1")
    assert jobs.open_jobs() == jobs.latest() == [made] == [jobs.job(made.id)]
    assert (made.wanted, made.who, made.state, made.due, made.run) == (WANTED, "lan", JobState.QUEUED, NOW, None)
    assert deeds(store) == [("run_started", "lan")]


def test_start_same_request_while_queued_is_refused(jobs: JobQueue) -> None:
    first = jobs.start(WANTED, "lan", "::1")
    with pytest.raises(ControlError, match="ALREADY_WANTED"):
        jobs.start(WANTED, "minh", "::1")
    jobs.start(replace(WANTED, inventory="khác"), "minh", "::1")
    assert jobs.take(first.id)
    jobs.start(WANTED, "minh", "::1")


def test_start_unknown_profile_is_refused(jobs: JobQueue) -> None:
    with pytest.raises(ControlError, match="NO_PROFILE"):
        jobs.start(replace(WANTED, profile="endless"), "lan", "::1")


def test_job_reports_progress_and_ends_once(jobs: JobQueue, hands: Hands) -> None:
    made = jobs.start(WANTED, "lan", "::1")
    assert jobs.take(made.id)
    jobs.tell(made.id, run="r1", phase=Phase.MEASURING.value, planned=5, measured=2)
    seen = jobs.of_run(RunId("r1"))
    assert seen is not None
    assert (seen.state, seen.phase, seen.planned, seen.measured) == (JobState.RUNNING, Phase.MEASURING, 5, 2)
    assert 0.3 < seen.share < 0.4
    hands.now += HOUR
    jobs.end(made.id, JobState.FINISHED)
    jobs.end(made.id, JobState.FAILED, {"vi": "x", "en": "x"})
    jobs.tell(made.id, measured=9)
    ended = jobs.job(made.id)
    assert (ended.state, ended.ended, ended.problem, ended.measured) == (JobState.FINISHED, NOW + HOUR, {}, 2)
    assert not jobs.take(made.id)


def test_a_job_that_was_cut_off_is_taken_again(jobs: JobQueue) -> None:
    made = jobs.start(WANTED, "lan", "::1")
    assert jobs.take(made.id)
    began = jobs.job(made.id).started
    assert jobs.take(made.id)
    assert (jobs.job(made.id).attempts, jobs.job(made.id).started) == (2, began)


def test_cancel_keeps_what_was_measured(store: DatabaseStore, jobs: JobQueue) -> None:
    waiting, running = jobs.start(WANTED, "lan", "::1"), jobs.start(replace(WANTED, name="x"), "lan", "::1")
    jobs.take(running.id)
    for one in (waiting, running):
        jobs.cancel(one.id, "minh", "::1")
    assert jobs.job(waiting.id).state is JobState.CANCELLED
    assert (jobs.job(running.id).state, jobs.job(running.id).cancelled_by) == (JobState.RUNNING, "minh")
    with pytest.raises(ControlError, match="NOT_OPEN"):
        jobs.cancel(waiting.id, "minh", "::1")
    with pytest.raises(ControlError, match="NO_JOB"):
        jobs.cancel(JobId(99), "minh", "::1")
    assert deeds(store)[2:] == [("run_cancelled", "minh")] * 2


# --- schedules -------------------------------------------------------------------------------------------------------


@pytest.fixture
def known() -> tuple[Schedule, ...]:
    return schedules(Config.model_validate(NIGHTLY))


def test_schedule_new_one_has_no_missed_times(jobs: JobQueue, known: tuple[Schedule, ...]) -> None:
    for minutes in (0, 1, 10):
        request_due_audits(known, jobs, NOW + timedelta(minutes=minutes))
    assert jobs.latest() == []


def test_a_schedule_asks_once_and_waits_for_the_end(
    jobs: JobQueue, known: tuple[Schedule, ...], store: DatabaseStore
) -> None:
    request_due_audits(known, jobs, NOW)
    for later in (17, 17.01, 41, 65):  # 1 o'clock in Vietnam, and on two more days while it still runs
        request_due_audits(known, jobs, NOW + later * HOUR)
    (job,) = jobs.latest(schedule="đêm")
    assert (job.who, job.due, job.state) == (SCHEDULER, NOW + 16 * HOUR, JobState.QUEUED)
    jobs.take(job.id)
    jobs.end(job.id, JobState.FINISHED)
    request_due_audits(known, jobs, NOW + 65 * HOUR)
    assert [(one.due, one.missed) for one in jobs.latest()] == [(NOW + 64 * HOUR, 1), (NOW + 16 * HOUR, 0)]
    assert deeds(store) == [("run_started", SCHEDULER)] * 2


def test_visit_two_at_once_ask_once(jobs: JobQueue, known: tuple[Schedule, ...]) -> None:
    for _ in range(2):
        jobs.settle("đêm", NOW, NOW, known[0].wanted)
    assert len(jobs.latest()) == 1


def test_after_two_weeks_without_power_one_audit(jobs: JobQueue, known: tuple[Schedule, ...]) -> None:
    request_due_audits(known, jobs, NOW)
    for _ in range(3):
        request_due_audits(known, jobs, NOW + timedelta(days=14))
    (job,) = jobs.latest()
    assert job.missed == 13


def test_visit_without_catch_up_records_missed_times(jobs: JobQueue, store: DatabaseStore) -> None:
    section = {**NIGHTLY["schedule"]["đêm"], "catch_up": False}
    known = schedules(Config.model_validate({"schedule": {"đêm": section}}))
    request_due_audits(known, jobs, NOW)
    request_due_audits(known, jobs, NOW + timedelta(days=3))
    (job,) = jobs.latest()
    assert (job.state, job.missed, job.is_open) == (JobState.MISSED, 2, False)
    assert "chạy bù" in job.problem["vi"]
    assert "make up" in job.problem["en"]
    assert deeds(store) == [("run_missed", SCHEDULER)]


def test_a_paused_schedule_asks_for_nothing_then_or_later(
    jobs: JobQueue, known: tuple[Schedule, ...], store: DatabaseStore, hands: Hands
) -> None:
    request_due_audits(known, jobs, NOW)
    jobs.pause("đêm", "lan", "::1", paused=True)
    hands.now += timedelta(days=5)
    request_due_audits(known, jobs, hands.now)
    jobs.pause("đêm", "lan", "::1", paused=False)
    jobs.pause("đêm", "lan", "::1", paused=False)
    request_due_audits(known, jobs, hands.now)
    assert jobs.latest() == []
    request_due_audits(known, jobs, hands.now + timedelta(days=1))
    assert len(jobs.latest()) == 1
    assert deeds(store)[:2] == [("schedule_paused", "lan"), ("schedule_resumed", "lan")]
    with pytest.raises(ControlError, match="NO_SCHEDULE"):
        jobs.pause("none", "lan", "::1", paused=True)
