"""A run in which very much changed at once is doubted and repeated once; the repeat decides. Nothing is measured."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from auditor.figures.comparison import Credibility
from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.config.model import Config
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.runs.comparing import judged_run, previous
from auditor.service.runs.history import history
from auditor.service.runs.publishing import StoredReport
from auditor.service.runs.rounds import past
from auditor.service.scheduler.audit import AuditOrder, perform
from auditor.service.scheduler.jobs import PAUSE, SCHEDULER, JobQueue
from auditor.service.scheduler.known_inventories import KnownInventories
from auditor.service.scheduler.lock import Lock
from auditor.service.scheduler.model import AuditRequest, Job, JobState
from auditor.service.scheduler.schedules import request_due_audits, schedules
from auditor.service.scheduler.stopping import StopSignal
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import Doubt, RunState
from auditor.service.store.sql.store import SqlStore
from auditor.service.store.url import open_store
from probes.framework.evidence import RunId
from tests.unit.auditor.service.scheduler.doubts import AREA, FEW, MANY, SUBJECTS, Hands, P, U, held
from tests.unit.auditor.service.scheduler.test_dispatcher import Turns, end
from tests.unit.auditor.service.scheduler.test_jobs import deeds

WANTED = AuditRequest(inventory="tinh", name="quý 4")
NIGHTLY = {"đêm": {"cron": "0 1 * * *", "inventory": "tinh", "on_holidays": "run"}}
BEFORE, DOUBTED, REPEAT = RunId("r1"), RunId("r2"), RunId("r3")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    with open_sqlite(path) as made:
        yield made


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def jobs(store: SqlStore, hands: Hands) -> JobQueue:
    return JobQueue(store.database, hands)


def go_on(path: Path, job: Job) -> bool:
    """Do the work of a job's process after everything is measured and judged."""
    config = Config(store=f"sqlite:///{path}")
    return asyncio.run(perform(AuditOrder(config=config, inventories=KnownInventories(), job=job.id), StopSignal()))


def measured(jobs: JobQueue, run: str, wanted: AuditRequest = WANTED) -> Job:
    """Return a running job; its run is in the store."""
    return take(jobs, jobs.start(wanted, "lan", "::1"), run)


def take(jobs: JobQueue, job: Job, run: str) -> Job:
    assert jobs.take(job.id)
    jobs.tell(job.id, run=run)
    return jobs.job(job.id)


def doubt(store: SqlStore, run: RunId = DOUBTED) -> Doubt:
    found = store.run(run).doubt
    assert found is not None
    return found


@pytest.fixture
def doubted(path: Path, store: SqlStore, jobs: JobQueue) -> Job:
    """Return the repeat that waits after a run with very many changes."""
    held(store, BEFORE, 0, days=0)
    held(store, DOUBTED, MANY, days=1)
    assert go_on(path, measured(jobs, DOUBTED))
    (repeat,) = jobs.open_jobs()
    return repeat


def test_very_much_at_once_is_doubted_and_repeated(store: SqlStore, jobs: JobQueue, doubted: Job) -> None:
    assert (doubt(store).base, doubt(store).areas, doubt(store).state) == (BEFORE, (AREA,), Credibility.WAITING)
    assert (doubted.wanted, doubted.who) == (replace(WANTED, repeats=DOUBTED), SCHEDULER)
    assert doubted.due - doubted.requested == PAUSE
    first = jobs.of_run(DOUBTED)
    assert first is not None
    assert first.state is JobState.FINISHED
    assert deeds(store)[-1] == ("run_repeated", SCHEDULER)


@pytest.mark.parametrize(
    ("was", "became", "small", "state"),
    [
        (0, FEW, False, RunState.FINISHED),
        (MANY, MANY, False, RunState.FINISHED),
        (None, MANY, False, RunState.FINISHED),
        (0, MANY, True, RunState.FINISHED),
        (0, MANY, False, RunState.CANCELLED),
    ],
)
def test_what_is_not_doubted(
    path: Path, store: SqlStore, jobs: JobQueue, was: int | None, became: int, small: bool, state: RunState
) -> None:
    """Few changes, none, a first run, a check of some subjects, and a run that was cut short."""
    if was is not None:
        held(store, BEFORE, was, days=0)
    run = held(store, DOUBTED, became, days=1)
    assert run.finished is not None
    store.finish_run(DOUBTED, run.finished, state)
    assert go_on(path, measured(jobs, DOUBTED, replace(WANTED, subjects=(SUBJECTS[0].id,)) if small else WANTED))
    assert (store.run(DOUBTED).doubt, jobs.open_jobs()) == (None, [])


def test_cut_off_between_the_judgement_and_the_end_it_is_repeated_once(
    path: Path, store: SqlStore, jobs: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    held(store, BEFORE, 0, days=0)
    held(store, DOUBTED, MANY, days=1)
    job = measured(jobs, DOUBTED)
    for where in ("doubt", "end"):
        with monkeypatch.context() as patched:
            patched.setattr(JobQueue, where, killed)
            with pytest.raises(Killed):
                go_on(path, job)
        assert jobs.job(job.id).is_open
    for _ in range(2):
        assert go_on(path, job)
    assert [one.wanted.repeats for one in jobs.open_jobs()] == [DOUBTED]


@pytest.mark.parametrize(
    ("failing", "otherwise", "state"),
    [(MANY, P, Credibility.REAL), (0, P, Credibility.VANTAGE), (0, U, Credibility.UNSETTLED)],
)
def test_the_repeat_decides_and_is_not_repeated(
    path: Path, store: SqlStore, jobs: JobQueue, doubted: Job, failing: int, otherwise: Outcome, state: Credibility
) -> None:
    held(store, REPEAT, failing, days=2, repeats=DOUBTED, otherwise=otherwise)
    assert go_on(path, take(jobs, doubted, REPEAT))
    assert (doubt(store).state, doubt(store).repeat) == (state, REPEAT)
    assert (jobs.open_jobs(), store.run(REPEAT).doubt) == ([], None)
    assert previous(REPEAT, store) == BEFORE


def test_a_repeat_that_is_killed_after_it_decided_decides_once(
    path: Path, store: SqlStore, jobs: JobQueue, doubted: Job
) -> None:
    held(store, REPEAT, 0, days=2, repeats=DOUBTED)
    jobs.settle_doubt(DOUBTED, Credibility.REAL, REPEAT)
    assert go_on(path, take(jobs, doubted, REPEAT))
    assert doubt(store).state is Credibility.REAL


def test_a_repeat_of_which_nothing_comes_decides_nothing(store: SqlStore, jobs: JobQueue, doubted: Job) -> None:
    jobs.take(doubted.id)
    jobs.cancel(doubted.id, "lan", "::1")
    assert doubt(store).state is Credibility.WAITING, "it may have measured all by now"
    jobs.end(doubted.id, JobState.CANCELLED)
    assert (doubt(store).state, doubt(store).repeat) == (Credibility.UNSETTLED, None)


def test_a_repeat_that_is_cancelled_before_it_begins(store: SqlStore, jobs: JobQueue, doubted: Job) -> None:
    jobs.cancel(doubted.id, "lan", "::1")
    assert (doubt(store).state, jobs.open_jobs()) == (Credibility.UNSETTLED, [])


def test_who_cancelled_an_audit_is_not_made_to_have_another(path: Path, store: SqlStore, jobs: JobQueue) -> None:
    held(store, BEFORE, 0, days=0)
    held(store, DOUBTED, MANY, days=1)
    job = measured(jobs, DOUBTED)
    jobs.cancel(job.id, "lan", "::1")
    assert go_on(path, job)
    assert (doubt(store).state, jobs.open_jobs()) == (Credibility.UNSETTLED, [])


# --- what later runs are compared with -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "base"),
    [
        (Credibility.WAITING, BEFORE),
        (Credibility.VANTAGE, BEFORE),
        (Credibility.REAL, DOUBTED),
        (Credibility.UNSETTLED, DOUBTED),
    ],
)
def test_later_runs_are_compared_with_what_is_believed(
    store: SqlStore, jobs: JobQueue, doubted: Job, state: Credibility, base: RunId
) -> None:
    if state is not Credibility.WAITING:
        jobs.settle_doubt(DOUBTED, state, REPEAT)
    held(store, "r9", 0, days=9)
    assert previous(RunId("r9"), store) == base


def test_figures_of_the_vantage_s_own_outage_are_in_no_trend(store: SqlStore, jobs: JobQueue, doubted: Job) -> None:
    known = catalogue.load()
    held(store, REPEAT, 0, days=2, repeats=DOUBTED)
    for run in (BEFORE, DOUBTED, REPEAT):
        keep(judged_run(run, store, known), store)

    def trend() -> list[RunId]:
        return [one.run for one in history(judged_run(REPEAT, store, known), store, known).points]

    assert trend() == [BEFORE, DOUBTED, REPEAT]
    jobs.settle_doubt(DOUBTED, Credibility.VANTAGE, REPEAT)
    assert trend() == [BEFORE, REPEAT]


def test_what_the_vantage_broke_has_no_life_before(store: SqlStore, jobs: JobQueue, doubted: Job) -> None:
    """A defect of the last run was there in the doubtful one already: for the first time, if that is believed."""
    held(store, "r9", 1, days=9)

    def first() -> datetime:
        (life,) = past(judged_run(RunId("r9"), store, catalogue.load()), store).lives.values()
        return life.first

    assert first() == store.run(DOUBTED).started
    jobs.settle_doubt(DOUBTED, Credibility.VANTAGE, REPEAT)
    assert first() == store.run(RunId("r9")).started


@pytest.mark.parametrize(
    ("state", "repeat", "code", "named"),
    [
        (Credibility.WAITING, None, "DOUBTFUL", BEFORE),
        (Credibility.UNSETTLED, REPEAT, "DOUBTFUL", BEFORE),
        (Credibility.REAL, REPEAT, "DOUBT_CONFIRMED", REPEAT),
        (Credibility.VANTAGE, REPEAT, "DOUBT_VANTAGE", REPEAT),
    ],
)
def test_a_report_says_how_far_it_can_be_relied_on(
    store: SqlStore, jobs: JobQueue, doubted: Job, state: Credibility, repeat: RunId | None, code: str, named: RunId
) -> None:
    if repeat is not None:
        jobs.settle_doubt(DOUBTED, state, repeat)
    known = catalogue.load()
    limits = StoredReport(judged_run(DOUBTED, store, known), store, known).header.limits
    assert [one.args["run"] for one in limits if one.code == code] == [named]
    clean = StoredReport(judged_run(BEFORE, store, known), store, known).header.limits
    assert not [one for one in clean if one.code.startswith("DOUBT")]


# --- when it begins --------------------------------------------------------------------------------------------------


@pytest.fixture
def turns(path: Path, store: SqlStore, jobs: JobQueue, hands: Hands) -> Turns:
    return service(path, store, jobs, hands)


def service(path: Path, store: SqlStore, jobs: JobQueue, hands: Hands, **settings: object) -> Turns:
    config = Config.model_validate({"schedule": NIGHTLY, **settings})
    made = Turns(
        config=config,
        store=store,
        jobs=jobs,
        inventories=KnownInventories(),
        schedules=schedules(config),
        lock=Lock(path.with_name("lock"), store.database),
        now=hands,
    )
    made.begun = []
    return made


def waiting(store: SqlStore, jobs: JobQueue, hands: Hands, wanted: AuditRequest = WANTED) -> Job:
    """Return a repeat requested now, by the clock of the test."""
    held(store, DOUBTED, MANY, days=1)
    job = measured(jobs, DOUBTED, wanted)
    jobs.doubt(job.id, Doubt(base=BEFORE, areas=(AREA,), since=hands.now))
    jobs.end(job.id, JobState.FINISHED)
    (repeat,) = jobs.open_jobs()
    return repeat


def test_however_often_a_run_is_called_doubtful_it_is_repeated_once(
    store: SqlStore, jobs: JobQueue, hands: Hands
) -> None:
    repeat = waiting(store, jobs, hands)
    first = jobs.of_run(DOUBTED)
    assert first is not None
    jobs.doubt(first.id, Doubt(base=BEFORE, areas=(AREA,), since=hands.now))
    assert jobs.open_jobs() == [repeat]


def test_it_begins_after_a_pause_and_once_also_in_the_next_service(
    path: Path, store: SqlStore, jobs: JobQueue, hands: Hands, turns: Turns
) -> None:
    repeat = waiting(store, jobs, hands)
    asyncio.run(turns.look())
    hands.on(minutes=29)
    asyncio.run(turns.look())
    assert turns.begun == []
    hands.on(minutes=1)
    restarted = service(path, store, jobs, hands)
    for _ in range(3):
        asyncio.run(restarted.look())
    assert restarted.begun == [repeat.id]
    jobs.end(repeat.id, JobState.FINISHED)
    end(restarted, repeat.id, 0)
    asyncio.run(restarted.look())
    assert (restarted.begun, jobs.open_jobs()) == ([repeat.id], [])


def test_other_audits_do_not_wait_for_it_and_it_waits_for_them(
    store: SqlStore, jobs: JobQueue, hands: Hands, turns: Turns
) -> None:
    repeat = waiting(store, jobs, hands)
    asked = jobs.start(replace(WANTED, name="khác"), "lan", "::1")
    asyncio.run(turns.look())
    hands.on(minutes=31)
    asyncio.run(turns.look())
    assert turns.begun == [asked.id]
    jobs.end(asked.id, JobState.FINISHED)
    end(turns, asked.id, 0)
    asyncio.run(turns.look())
    assert turns.begun == [asked.id, repeat.id]


@pytest.mark.parametrize("schedule", ["", "đêm"])
def test_it_keeps_to_blackouts_and_goes_on_in_them_where_it_was_cut_off(
    path: Path, store: SqlStore, jobs: JobQueue, hands: Hands, schedule: str
) -> None:
    since, until = hands.now, hands.now + timedelta(hours=5)
    blackout = {"họp": {"since": since.isoformat(), "until": until.isoformat()}}
    turns = service(path, store, jobs, hands, calendar={"blackout": blackout})
    repeat = waiting(store, jobs, hands, replace(WANTED, schedule=schedule))
    hands.on(hours=4)
    asyncio.run(turns.look())
    assert turns.begun == []
    hands.on(hours=1)
    asyncio.run(turns.look())
    assert turns.begun == [repeat.id]
    hands.now = since
    again = service(path, store, jobs, hands, calendar={"blackout": blackout})
    asyncio.run(again.look())
    assert again.begun == [repeat.id]


def test_it_waits_while_its_schedule_is_paused_and_nothing_else_of_it_is_due(
    store: SqlStore, jobs: JobQueue, hands: Hands, turns: Turns
) -> None:
    request_due_audits(turns.schedules, jobs, hands.now)
    repeat = waiting(store, jobs, hands, replace(WANTED, schedule="đêm"))
    jobs.pause("đêm", "lan", "::1", paused=True)
    hands.on(days=2)
    asyncio.run(turns.look())
    assert turns.begun == []
    jobs.pause("đêm", "lan", "::1", paused=False)
    hands.on(days=2)
    asyncio.run(turns.look())
    assert (turns.begun, [one.id for one in jobs.open_jobs()]) == ([repeat.id], [repeat.id])


def test_a_job_of_an_earlier_version_repeats_nothing(path: Path) -> None:
    """An earlier version wrote jobs without ``repeats``."""
    with open_store(f"sqlite:///{path}") as store:
        assert isinstance(store, SqlStore)
        jobs = JobQueue(store.database)
        made = jobs.start(WANTED, "lan", "::1")
        with store.database.writing() as connection:
            connection.execute(text("UPDATE job SET wanted = json_remove(wanted, '$.repeats')"))
        assert jobs.job(made.id) == made
