"""Tests a service that is killed while it samples and audits: no partial round, true gaps, and both go on after it.

Its sampler is behind, each time so far that the next slot begins soon after it has started.
"""

import sys
import time
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from auditor.service.derived.windows import WINDOWS, Window, seen_through
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.model import JobState
from auditor.service.store.records import Series
from auditor.service.store.sql.store import SqlStore
from inventory.model import SubjectId
from probes.observations.series import CADENCE, POINT_REACH, REACH
from tests.integration.test_serve_killed import Service, ended, measured, service, the_only_job, whole
from tests.support import audits, services

__all__ = ("service",)  # a fixture

pytest_plugins = ("tests.support.rehearsal",)

DEVICES = ("rt-trungtam", "rt-lienket", "rt-tatv6")
SLOTS_AGO = {"first": 6, "killed": 4, "last": 3}
"""Slots in the past; the slots between them are not sampled."""


class Slots:
    """Counts the slots of one test from the slot in which it began."""

    def __init__(self) -> None:
        self.now = int(time.time()) // CADENCE * CADENCE

    def at(self, name: str) -> datetime:
        return datetime.fromtimestamp(self.now - SLOTS_AGO[name] * CADENCE, UTC)

    def program(self, name: str, held: Path | str = "") -> list[str]:
        """Return the command of a service with a sampler at that slot; ``held`` keeps its round from being stored."""
        return [sys.executable, "-m", "tests.support.at_slot", str(int(self.at(name).timestamp())), str(held)]


def reach(service: Service, device: str) -> Series:
    name = tomllib.loads(service.config.read_text("utf-8"))["vantage"]["name"]
    return Series(subject=SubjectId(device), metric=REACH, vantage=name)


def held(service: Service, store: SqlStore) -> dict[str, list[datetime]]:
    now = datetime.now(UTC)
    return {
        device: [sample.time for sample in store.samples(reach(service, device), now - timedelta(days=1), now)]
        for device in DEVICES
    }


def test_killed_while_it_samples_and_audits(service: Service, tmp_path: Path) -> None:
    devices, slots = audits.inventory(service.lab, tmp_path / "devices.csv", DEVICES), Slots()

    def sampled(name: str) -> bool:
        with service.store() as (store, _):
            return any(slots.at(name) in times for times in held(service, store).values())

    def has_sampled(store: SqlStore, jobs: JobQueue) -> bool:
        return sampled("first")

    with service.running(devices, program=slots.program("first")) as process:
        service.until(has_sampled)
        services.tell(service.lab, service.said[-1], "KILL")
        assert process.wait(300) != 0
    kept = service.evidence()

    held_up = tmp_path / "measured"
    with service.running(devices, program=slots.program("killed", held_up)) as process:
        service.until(measured(1))
        service.until(lambda store, jobs: held_up.exists())
        assert process.poll() is None
        services.tell(service.lab, service.said[-1], "KILL")
        assert process.wait(300) != 0
    assert not sampled("killed")

    with service.running(devices, program=slots.program("last")) as process:
        service.until(lambda store, jobs: sampled("last"))
        service.until(ended)
        service.end(process)

    assert kept <= service.evidence()
    job = the_only_job(service)
    assert job.state is JobState.FINISHED
    whole(service, job)
    looked = WINDOWS[POINT_REACH]
    assert isinstance(looked, Window)
    with service.store() as (store, _):
        for times in held(service, store).values():  # a slow machine may also sample slots after the last one
            assert [moment for moment in times if moment <= slots.at("last")] == [slots.at("first"), slots.at("last")]
        for device in DEVICES:
            window = seen_through(looked, POINT_REACH, reach(service, device), store, slots.at("last"))
            assert (window.whole.counted, window.whole.gaps) == (2, SLOTS_AGO["first"] - SLOTS_AGO["last"] - 1)
