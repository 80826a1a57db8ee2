"""Tests that a service that is killed or ended loses nothing: a scheduled audit goes on where it was, once.

The same holds if only its work is killed. The schedule last ran three days before, so that it is due the moment the
service starts, and two more times are missed. The tests exchange data with the service only by its store, as its own
pages do.
"""

import re
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.framework.message_format import VIETNAM
from auditor.service.scheduler.jobs import SCHEDULER, JobQueue
from auditor.service.scheduler.model import Job, JobState
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import RunState
from auditor.service.store.sql.store import SqlStore
from containers.rehearsal.lab import Rehearsal
from probes.framework.evidence import EvidenceId
from tests.support import audits, services
from tests.support.audits import PROGRAM, Document, essence
from tests.support.ready_vantage import ready_at_vantage

pytest_plugins = ("tests.support.rehearsal",)

NAMES = {
    f"{label}.sonlam.gov.vn" for label in ("cong", "suoimay", "xaydung", "taichinh", "giaoduc", "dantoc", "banlua")
}
SETTINGS = """
[schedule."đêm"]
cron = "0 {hour} * * *"
inventory = "serve-killed.csv"
profile = "quick"
on_holidays = "run"
"""


@dataclass
class Service:
    """Starts one `auditor serve` after another over one store."""

    lab: Rehearsal
    folder: Path
    config: Path
    said: list[Path] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return self.folder / "runs.db"

    @contextmanager
    def store(self) -> Iterator[tuple[SqlStore, JobQueue]]:
        with open_sqlite(self.path) as store:
            yield store, JobQueue(store.database)

    @contextmanager
    def running(self, *files: Path, program: Sequence[str] = PROGRAM) -> Iterator["subprocess.Popen[bytes]"]:
        """Run the service, sample the points of ``files``, and terminate it at the end unless it ended before."""
        where = ("--store", f"sqlite:///{self.path}", "--listen", f"[::1]:{8081 + len(self.said)}")
        self.said.append(self.folder / f"log{len(self.said)}")
        log = self.said[-1]
        with services.start(self.lab, self.config, (*map(str, files), *where), log, program=program) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    services.tell(self.lab, log, "TERM")
        # The program that sends packets may report that its caller has left; the service and its audits may not.
        assert not re.search(r'File "[^"]*/auditor/', log.read_text("utf-8"))

    def end(self, process: "subprocess.Popen[bytes]") -> None:
        """Terminate the service; fail if it does not exit with 0 within 300 seconds."""
        services.tell(self.lab, self.said[-1], "TERM")
        assert process.wait(300) == 0

    def log(self) -> str:
        return self.said[-1].read_text("utf-8")

    def child(self) -> int:
        """Return the process id of the job inside the namespace."""
        return int(re.findall(r"process (\d+)", self.log())[-1])

    def kill(self, number: int) -> None:
        self.lab.run(["kill", "-9", str(number)])

    def until(self, reached: Callable[[SqlStore, JobQueue], object], seconds: float = 900) -> None:
        end = time.monotonic() + seconds
        with self.store() as (store, jobs):
            while not reached(store, jobs):
                assert time.monotonic() < end, self.log()
                time.sleep(0.1)

    def evidence(self) -> set[EvidenceId]:
        with self.store() as (store, _):
            return {envelope.id for run in store.runs() for envelope in store.all_evidence(run.id)}

    def result(self, run: str) -> Document:
        result = audits.auditor(self.lab, "report", run, "--store", f"sqlite:///{self.path}", "--format", "json")
        return result.document


@pytest.fixture(scope="module")
def lab(lab: Rehearsal) -> Iterator[Rehearsal]:
    """Yield the vantage: services are started as processes, and a running program answers questions about runs."""
    with ready_at_vantage(lab) as ready:
        yield ready


@pytest.fixture
def service(lab: Rehearsal, tmp_path: Path) -> Service:
    audits.inventory(lab, lab.dir / "serve-killed.csv", NAMES)
    config = lab.dir / "serve-killed.toml"
    settings = SETTINGS.format(hour=(datetime.now(VIETNAM).hour + 12) % 24)  # it is not due again during the test
    config.write_text("timeout = 3\n" + (lab.dir / "auditor.toml").read_text("utf-8") + settings, "utf-8")
    made = Service(lab, tmp_path, config)
    with made.store() as (_, jobs):
        jobs.first_seen("đêm", datetime.now(UTC) - timedelta(days=3))
    return made


def measured(share: int) -> Callable[[SqlStore, JobQueue], bool]:
    """Return a condition that is true once so many subjects of a run are measured."""
    return lambda store, jobs: any(len(store.measured(run.id)) >= share for run in store.runs())


def ended(store: SqlStore, jobs: JobQueue) -> bool:
    return not jobs.open_jobs() and bool(jobs.latest())


def the_only_job(service: Service) -> Job:
    """Return the single job: due once after a long pause, with the number of missed times."""
    with service.store() as (store, jobs):
        (job,) = jobs.latest()
        assert (job.who, job.missed, job.wanted.schedule) == (SCHEDULER, 2, "đêm")
        assert [run.id for run in store.runs()] == [job.run]
        return job


def whole(service: Service, job: Job) -> Document:
    """Return the document of the run; fail unless it is finished, judged once and completely measured."""
    assert job.run is not None
    with service.store() as (store, _):
        assert store.run(job.run).state is RunState.FINISHED
        assert len(store.judgements(job.run)) == 1
        assert store.measured(job.run) == {subject.id for subject in store.subjects(job.run)}
    return service.result(job.run)


@pytest.mark.parametrize("all_of_it", [True, False], ids=["everything", "the service alone"])
def test_killed_during_a_scheduled_audit(service: Service, *, all_of_it: bool) -> None:
    with service.running() as process:
        service.until(measured(3))
        if all_of_it:
            service.kill(service.child())
        services.tell(service.lab, service.said[-1], "KILL")
        assert process.wait(300) != 0
    kept = service.evidence()
    assert kept
    with service.store() as (_, jobs):
        assert the_only_job(service).is_open
    with service.running() as process:
        service.until(ended)
        service.end(process)
    assert kept <= service.evidence()
    job = the_only_job(service)
    assert (job.state, job.attempts) == (JobState.FINISHED, 2)
    found = whole(service, job)
    with service.running():  # run the same audit again, undisturbed
        with service.store() as (_, jobs):
            again = jobs.start(replace(job.wanted, schedule=""), "lan", "::1")
        service.until(lambda store, jobs: not jobs.job(again.id).is_open)
    with service.store() as (_, jobs):
        run = jobs.job(again.id).run
    assert run is not None
    first, second = audits.without_hurried(found, service.result(run))
    assert audits.differing(first, second) == []
    assert essence(first)["subjects"] == essence(second)["subjects"]


def test_ended_during_a_scheduled_audit(service: Service) -> None:
    with service.running() as process:
        service.until(measured(3))
        began = time.monotonic()
        service.end(process)
    print(f"ended {time.monotonic() - began:.2f} s after it was told to")
    kept, job = service.evidence(), the_only_job(service)
    assert job.is_open
    with service.store() as (store, _):
        assert job.run is not None
        assert store.run(job.run).state is RunState.INTERRUPTED
        assert store.latest_judgement(job.run) is None
    with service.running():
        service.until(ended)
    assert kept <= service.evidence()
    assert the_only_job(service).state is JobState.FINISHED
    whole(service, the_only_job(service))


def test_what_works_for_it_is_killed(service: Service) -> None:
    with service.running():
        service.until(measured(2))
        service.kill(service.child())
        service.until(ended)
    job = the_only_job(service)
    assert (job.state, job.attempts) == (JobState.FINISHED, 2)
    whole(service, job)


def test_cancelled_what_was_measured_is_judged(service: Service) -> None:
    with service.running():
        service.until(measured(3))
        with service.store() as (_, jobs):
            jobs.cancel(the_only_job(service).id, "lan", "::1")
        service.until(ended)
    job = the_only_job(service)
    assert (job.state, job.cancelled_by) == (JobState.CANCELLED, "lan")
    assert job.run is not None
    with service.store() as (store, _):
        assert store.run(job.run).state is RunState.CANCELLED
        some, everything = store.measured(job.run), {subject.id for subject in store.subjects(job.run)}
        assert set() < some < everything
    document = service.result(job.run)
    judged = {one["subject"] for one in document["findings"] if one["outcome"] in ("pass", "fail")}
    assert judged & some
    assert all(
        one["outcome"] in ("inconclusive", "not_applicable")
        for one in document["findings"]
        if one["subject"] not in some
    )


def test_two_services_do_not_do_the_same(service: Service) -> None:
    with service.running() as first:
        service.until(measured(1))
        with service.running():
            service.until(lambda store, jobs: "waiting for its end" in service.log())
            service.until(measured(3))
            assert "process" not in service.log().replace("processes", "")
            services.tell(service.lab, service.said[-2], "TERM")
            assert first.wait(300) == 0
            service.until(ended)
    assert the_only_job(service).state is JobState.FINISHED
    whole(service, the_only_job(service))
